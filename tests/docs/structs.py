#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""List the complete structs of the public headers, as STRUCT(name) lines.

usage: structs.py INCLUDE-FOLDER
"""
import pathlib
import re
import sys

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.h")):
    text = path.read_text(encoding="ascii")
    for name in re.findall(r"^struct (saturn_\w+) \{", text, re.M):
        print(f'STRUCT("{path.name}", {name})')
