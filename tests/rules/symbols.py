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

# bcmp is what clang makes of memcmp() == 0.
IMPORTS = re.compile(
    r"nettle_\w+|mem(cpy|move|set|cmp|chr)|bcmp|strlen|__assert_fail"
    r"|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"
    r"|__(memcpy|memmove|memset)_chk")

# What the linker of the C runtime asks for, always weakly.
WEAK = {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable",
        "__cxa_finalize", "__gmon_start__"}


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def declared(root):
    names = set()
    for path in (root / "include/saturn").glob("*.h*"):
        if path.stem.startswith("turn_") \
                and not (root / "lib/turn_server.c").exists():
            continue
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
    for kind, name in symbols("--defined-only", static):
        if kind in "BbCDGgSsu" or (kind == "d" and not is_constant(static,
                                                                   name)):
            yield f"{name} ({kind}) can be written to"


def is_constant(static, name):
    """Local data may be .data.rel.ro: tables of pointers, read-only once the
    library is loaded."""
    places = [line for line in run("objdump", "-t", static).splitlines()
              if line.split()[-1:] == [name]]
    return bool(places) and all(".data.rel.ro" in line or ".rodata" in line
                                for line in places)


def check_sections(static):
    for line in run("size", "-A", static).splitlines():
        words = line.split()
        if len(words) == 3 and words[1].isdigit() and int(words[1]) > 0 \
                and (words[0] in (".data", ".bss")
                     or words[0].startswith((".tdata", ".tbss", ".data.")) and
                     not words[0].startswith(".data.rel.ro")):
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
