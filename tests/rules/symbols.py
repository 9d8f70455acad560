#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the library exports, imports and holds: exports are the SATURN_API
declarations; imports are Nettle's and a few of the C library; nothing in it
can be written to.

usage: symbols.py SOURCE-ROOT SHARED-LIBRARY STATIC-LIBRARY
"""
import pathlib
import re
import subprocess
import sys

IMPORTS = re.compile(
    r"nettle_\w+|mem(cpy|move|set|cmp|chr)|bcmp|strlen|__assert_fail"
    r"|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"
    r"|__(memcpy|memmove|memset)_chk")

WRITABLE = re.compile(r"\.data(?!\.rel\.ro)|\.bss|\.t(data|bss)|\*COM\*")

# What the linker of the C runtime asks for, always weakly.
WEAK = {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable",
        "__cxa_finalize", "__gmon_start__"}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def declared(root):
    names = set()
    for path in (root / "include/saturn").glob("*.h*"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="ascii"),
                      flags=re.S)
        for declaration in re.findall(r"^SATURN_API\b(.*?);", text,
                                      re.M | re.S):
            names.add(re.search(r"\b(saturn_\w+)\s*\(", declaration).group(1))
    return names


def symbols(*options):
    """Pairs of kind and name, as nm lists them."""
    for line in run("nm", *options).splitlines():
        words = line.split()
        if len(words) >= 2 and len(words[-2]) == 1:
            yield words[-2], words[-1].split("@")[0]


def check_exports(root, shared):
    exported = {name for _, name in symbols("-D", "--defined-only", shared)
                if not name.startswith("SATURN_")}
    for name in sorted(exported - declared(root)):
        yield f"exports {name}, which no header declares"
    for name in sorted(declared(root) - exported):
        yield f"does not export {name}"


def check_imports(shared):
    for kind, name in symbols("-D", "--undefined-only", shared):
        if not IMPORTS.fullmatch(name) and not (kind in "wW" and name in WEAK):
            yield f"imports {name}"


def check_objects(static):
    defined = {name for _, name in symbols("--defined-only", static)}
    for _, name in symbols("--undefined-only", static):
        if not IMPORTS.fullmatch(name) and name not in defined:
            yield f"an object needs {name}"
    for section, name in objects(static):
        if WRITABLE.match(section):
            yield f"{name} in {section} can be written to"


def objects(static):
    """Pairs of section and name of every object. Tables of pointers are in
    .data.rel.ro: read-only once the library is loaded."""
    for line in run("objdump", "-t", static).splitlines():
        match = re.match(r"[0-9a-f]+ .{6}O (\S+)\s+[0-9a-f]+\s+(.*)", line)
        if match:
            yield match.groups()


def check_sections(static):
    for line in run("size", "-A", static).splitlines():
        words = line.split()
        if len(words) == 3 and WRITABLE.match(words[0]) \
                and int(words[1]) > 0:
            yield f"has a section {words[0]} of {words[1]} bytes"


def main():
    root, shared, static = pathlib.Path(sys.argv[1]), *sys.argv[2:4]
    faults = [*check_exports(root, shared), *check_imports(shared),
              *check_objects(static), *check_sections(static)]
    for fault in faults:
        print(fault)
    print(f"{len(declared(root))} functions, {len(faults)} faults")
    return 1 if faults or len(declared(root)) < 50 else 0


sys.exit(main())
