#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A generated document is up to date: what the program prints is in the file.

usage: same.py DOCUMENT PROGRAM
"""
import difflib
import pathlib
import subprocess
import sys


def main():
    document = pathlib.Path(sys.argv[1])
    printed = subprocess.run(sys.argv[2:], check=True, stdout=subprocess.PIPE,
                             text=True).stdout
    written = document.read_text(encoding="utf-8") if document.exists() else ""
    sys.stdout.writelines(difflib.unified_diff(
        written.splitlines(True), printed.splitlines(True), str(document),
        sys.argv[2]))
    return 0 if written == printed else 1


sys.exit(main())
