#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every public header stands alone, as C99, C11, C++11 and C++20, without a
warning.

usage: headers.py SOURCE-ROOT BUILD-ROOT CC
"""
import pathlib
import subprocess
import sys
import tempfile

LANGUAGES = [("c", "c99"), ("c", "c11"), ("c++", "c++11"), ("c++", "c++20")]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def main():
    root, build = map(pathlib.Path, sys.argv[1:3])
    compiler = sys.argv[3:]
    names = [path.name for path in (root / "include/saturn").glob("*.h")]
    names.append("version.h")
    faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(names):
            for language, standard in LANGUAGES:
                source = pathlib.Path(folder) / "one.c"
                # Twice, to see that the guard holds.
                source.write_text(f'#include "saturn/{name}"\n' * 2
                                  + "int one(void);\n")
                command = [*compiler, "-x", language, "-std=" + standard,
                           *WARNINGS, "-fsyntax-only", "-I",
                           str(root / "include"), "-I",
                           str(build / "include"), str(source)]
                if subprocess.run(command, check=False).returncode != 0:
                    print(f"saturn/{name} does not stand alone as {standard}")
                    faults += 1
    print(f"{len(names)} headers, {faults} faults")
    return 1 if faults or len(names) < 10 else 0


sys.exit(main())
