#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Functions and files stay short: no function over 60 lines anywhere; in lib/
a median of at most 12, and no file over 400 lines.

usage: length.py SOURCE-ROOT
"""
import pathlib
import statistics
import subprocess
import sys

import tree

FUNCTION, MEDIAN, FILE = 60, 12, 400


def functions(paths):
    """Triples of file, name and lines."""
    listing = subprocess.run(
        ["ctags", "--fields=+ne", "--languages=C", "--c-kinds=f", "-u", "-f",
         "-", *map(str, paths)], check=True, stdout=subprocess.PIPE,
        text=True).stdout
    for line in listing.splitlines():
        if line.startswith("!"):
            continue
        name, path, *fields = line.split("\t")
        values = dict(field.split(":", 1) for field in fields if ":" in field)
        if "end" in values:
            yield path, name, int(values["end"]) - int(values["line"]) + 1


def main():
    root = pathlib.Path(sys.argv[1])
    sources = [path for path in tree.files(root) if path.suffix == ".c"]
    library = [path for path in tree.files(root)
               if path.parent in (root / "lib", root / "include/saturn")
               and path.suffix in (".c", ".h")]
    faults = [f"{path}: {name} has {lines} lines"
              for path, name, lines in functions(sources)
              if lines > FUNCTION]
    faults += [f"{path} has {lines} lines" for path in library
               if (lines := path.read_text().count("\n")) > FILE]
    lengths = [lines for _, _, lines in functions(
        path for path in library if path.suffix == ".c")]
    median = statistics.median(lengths)
    if median > MEDIAN:
        faults.append(f"lib/: the median function has {median} lines")
    for fault in faults:
        print(fault)
    print(f"{len(lengths)} functions in lib/, median {median}, "
          f"longest {max(lengths)}; {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
