#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each row of tests/turn_server/conformance.tsv about clients, the library and
diagnosis (C-, L-, D-) is named by a test, or listed in
tests/conformance_clients.tsv with tests that exist, or with what is missing.

usage: conformance.py SOURCE-ROOT
"""
import pathlib
import re
import sys

TABLE = "tests/turn_server/conformance.tsv"
LIST = "tests/conformance_clients.tsv"


def lines(path):
    """The cells of all lines but comments."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def named(root):
    """The text of all tests, with one spelling of numbers."""
    texts = [path.read_text(encoding="utf-8")
             for ending in ("c", "py", "rows")
             for path in (root / "tests").rglob("*." + ending)]
    return "\n".join(texts).replace("_", "-")


def faults_of(root, cells):
    """What is wrong with a row of the list."""
    if len(cells) != 4 or not cells[3]:
        yield "a row has id, file, tests and how"
        return
    _, name, tests, _ = cells
    path = root / name
    if name == "-":
        return
    if not path.is_file():
        yield f"no file {name}"
        return
    text = path.read_text(encoding="utf-8")
    yield from (f"no test {test} in {name}" for test in tests.split()
                if not re.search(rf"(def |START_TEST\(){test}\b", text))


def main():
    root = pathlib.Path(sys.argv[1])
    known = [cells[0] for cells in lines(root / TABLE)
             if re.match(r"[CDL]-", cells[0])]
    listed = {cells[0]: cells for cells in list(lines(root / LIST))[1:]}
    text, faults = named(root), []
    for name, cells in listed.items():
        faults += [f"{name}: {fault}" for fault in faults_of(root, cells)]
        if name not in known:
            faults.append(f"{name}: no such row")
    faults += [f"{name}: no test names it, and {LIST} does not either"
               for name in known if name not in listed
               and not re.search(rf"(?<!\w){name}(?![0-9a-z])", text)]
    missing = [name for name, cells in listed.items() if cells[1:2] == ["-"]]
    for fault in faults:
        print(fault)
    print(f"{len(known)} rows, {len(listed)} listed, without a test: "
          f"{', '.join(missing) or 'none'}; {len(faults)} faults")
    return 1 if faults or len(known) < 200 else 0


sys.exit(main())
