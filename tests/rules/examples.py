#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every block of C in README and docs compiles, as C11 and without a warning.

usage: examples.py SOURCE-ROOT BUILD-ROOT CC
"""
import pathlib
import re
import subprocess
import sys
import tempfile

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror",
            "-Wno-unused-function"]


def main():
    root, build = map(pathlib.Path, sys.argv[1:3])
    compiler = sys.argv[3:]
    blocks = faults = 0
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "block.c"
        for page in pages:
            text = page.read_text(encoding="utf-8")
            for block in re.findall(r"^```c\n(.*?)^```", text, re.S | re.M):
                blocks += 1
                source.write_text(block, encoding="utf-8")
                command = [*compiler, "-std=c11", *WARNINGS, "-fsyntax-only",
                           "-I", str(root / "include"), "-I",
                           str(build / "include"), str(source)]
                if subprocess.run(command, check=False).returncode != 0:
                    print(f"{page.relative_to(root)}: block {blocks}")
                    faults += 1
    print(f"{blocks} blocks of C, {faults} faults")
    return 1 if faults or blocks < 5 else 0


sys.exit(main())
