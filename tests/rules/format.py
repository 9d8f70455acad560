#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-format would change nothing. Other versions than 14 format a little
differently: then the test is skipped.

usage: format.py SOURCE-ROOT
"""
import pathlib
import re
import shutil
import subprocess
import sys

import tree


def main():
    root = pathlib.Path(sys.argv[1])
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    if tool is None:
        print("clang-format is not installed")
        return 77
    version = subprocess.run([tool, "--version"], stdout=subprocess.PIPE,
                             text=True, check=True).stdout
    if not re.search(r"version 14\b", version):
        print("not clang-format 14 but", version.strip())
        return 77
    sources = [str(path) for path in tree.files(root)
               if path.suffix in (".c", ".h", ".cc")]
    return subprocess.run([tool, "--dry-run", "-Werror", *sources],
                          check=False).returncode


sys.exit(main())
