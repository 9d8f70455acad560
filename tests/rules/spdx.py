#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every file of ours says its licence; documents and data need not.

usage: spdx.py SOURCE-ROOT
"""
import pathlib
import sys

import tree

DOCUMENTS = {".md", ".svg", ".png", ".pcap", ".pcapng", ".hex", ".tsv",
             ".json", ".txt", ".conf"}
NAMES = {"LICENSE", "ChangeLog", "packages"}


def main():
    root = pathlib.Path(sys.argv[1])
    judged = [path for path in tree.files(root)
              if (path.suffix not in DOCUMENTS and path.name not in NAMES)
              or path.name == "meson_options.txt"]
    bare = [path for path in judged
            if b"SPDX-License-Identifier: MIT"
            not in path.read_bytes()[:400]]
    for path in bare:
        print(f"{path.relative_to(root)} has no SPDX line")
    print(f"{len(judged)} files, {len(bare)} without")
    return 1 if bare or not judged else 0


sys.exit(main())
