#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/rfc.md names every requirement of tests/requirements.txt once, and no
file, identifier or test that does not exist.

usage: rfc.py SOURCE-ROOT
"""
import pathlib
import re
import sys

NUMBER = re.compile(r"([ST])-(\d{3})(?: to \1-(\d{3}))?$")


def required(root):
    """The numbers of all requirements."""
    text = (root / "tests/requirements.txt").read_text(encoding="utf-8")
    return [line.split(" ", 1)[0] for line in text.splitlines()
            if line and not line.startswith("#")]


def tests(root):
    """The names of all tests, in C and in Python, and of the rows that a
    server is tested by."""
    names = set()
    for path in (root / "tests").rglob("*.c"):
        names |= set(re.findall(r"^START_TEST\((\w+)\)", path.read_text(),
                                re.M))
    for path in (root / "tests").rglob("*.py"):
        names |= set(re.findall(r"^ *def (test_\w+)", path.read_text(), re.M))
    for path in (root / "tests").rglob("*.rows"):
        names |= set(re.findall(r"^row (\S+)", path.read_text(), re.M))
    return names


def rows(page):
    """The cells of all rows whose first cell is a requirement."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if line.startswith("| ") and NUMBER.match(cells[0]):
            yield cells


def expand(cell, known):
    """The requirements that a first cell stands for."""
    kind, first, last = NUMBER.match(cell).groups()
    numbers = range(int(first), int(last or first) + 1)
    names = [f"{kind}-{number:03}" for number in numbers]
    return names if last is None else [name for name in names if name in known]


def places(root, cell):
    """Faults of a cell `file` `name`, `name`; `file`..."""
    for part in cell.split("; "):
        words = re.findall(r"`([^`]+)`", part)
        path = root / words[0] if words else None
        if path is None or not path.is_file():
            yield f"no file: {part}"
            continue
        text = path.read_text(encoding="utf-8")
        yield from (f"no {name} in {words[0]}" for name in words[1:]
                    if not re.search(rf"\b{name}\b", text))


def proofs(root, cell, names):
    """Faults of a cell `test`, `test`..."""
    words = re.findall(r"`([^`]+)`", cell)
    if not words:
        yield "no test"
    yield from (f"no test {word}" for word in words
                if word not in names and not (root / word).is_file())


def main():
    root = pathlib.Path(sys.argv[1])
    known, names, seen, faults = required(root), tests(root), {}, []
    page = (root / "docs/rfc.md").read_text(encoding="utf-8")
    done = 0
    for cells in rows(page):
        for name in expand(cells[0], known):
            seen[name] = seen.get(name, 0) + 1
        if len(cells) == 4:
            done += 1
            faults += [f"{cells[0]}: {fault}" for fault in
                       (*places(root, cells[2]), *proofs(root, cells[3],
                                                         names))]
        elif len(cells) < 2 or not cells[1]:
            faults.append(f"{cells[0]}: nothing is said of it")
    faults += [f"{name}: not in docs/rfc.md" for name in known
               if name not in seen]
    faults += [f"{name}: no such requirement" for name in seen
               if name not in known]
    faults += [f"{name}: {count} times" for name, count in seen.items()
               if count > 1]
    for fault in faults:
        print(fault)
    print(f"{len(known)} requirements, {done} with code and test, "
          f"{len(faults)} faults")
    return 1 if faults or len(known) < 600 else 0


sys.exit(main())
