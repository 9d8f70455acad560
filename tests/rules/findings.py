#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each finding of the catalogue is expected by name in a test of a program, or
listed in tests/findings_untested.tsv with the reason why it is not; each one
of them is used by a program.

usage: findings.py SOURCE-ROOT
"""
import pathlib
import re
import sys

CATALOGUE = "examples/common/findings.def"
LIST = "tests/findings_untested.tsv"
ROW = re.compile(r'FINDING\((\w+), "(SAT-[A-Z0-9-]+)"')


def expected(root):
    """The findings that tests name, but for those that they exclude."""
    found = set()
    for path in (root / "tests").rglob("*"):
        if path.suffix not in (".c", ".py", ".tsv") or path.name in (
                pathlib.Path(LIST).name, pathlib.Path(__file__).name):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if not re.search(r"\bnot in\b|assertNotIn", line):
                found |= set(re.findall(r"SAT-[A-Z0-9-]*[A-Z0-9]", line))
    return found


def used(root):
    """The names that programs say, by their enumerators or situations."""
    texts = [path.read_text(encoding="utf-8")
             for path in (root / "examples").rglob("*")
             if path.suffix in (".c", ".h", ".def")
             and path.name != pathlib.Path(CATALOGUE).name]
    text = "\n".join(texts)
    return (set(re.findall(r"\bFINDING_(\w+)", text))
            | set(re.findall(r"^SITUATION\(\w+, (\w+)", text, re.M)))


def main():
    root = pathlib.Path(sys.argv[1])
    rows = ROW.findall((root / CATALOGUE).read_text(encoding="utf-8"))
    listed = dict(line.split("\t") for line in (root / LIST).read_text(
        encoding="utf-8").splitlines() if line and not line.startswith("#"))
    tested, said, faults = expected(root), used(root), []
    for name, word in rows:
        if name not in said:
            faults.append(f"{word}: no program says it ({name})")
        if word in tested and word in listed:
            faults.append(f"{word}: has a test and is in {LIST}")
        if word not in tested and word not in listed:
            faults.append(f"{word}: no test expects it, and {LIST} has no "
                          f"reason for that")
    words = {word for _, word in rows}
    faults += [f"{word}: no such finding ({LIST})"
               for word in listed if word not in words]
    for fault in faults:
        print(fault)
    print(f"{len(words)} findings, {len(listed)} of them without a test, "
          f"{len(faults)} faults")
    return 1 if faults or len(words) < 100 else 0


sys.exit(main())
