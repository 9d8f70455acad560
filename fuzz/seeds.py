#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write tests/vectors/*.hex as binary files: the seed corpus of fuzz_message.

usage: seeds.py VECTORS-FOLDER OUTPUT-FOLDER
"""
import pathlib
import sys


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.hex")):
        lines = path.read_text(encoding="ascii").splitlines()
        digits = "".join(line for line in lines if not line.startswith("#"))
        (target / path.stem).write_bytes(bytes.fromhex(digits))


main()
