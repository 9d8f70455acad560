#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make seed corpora of the test vectors: a folder for each harness.

usage: seeds.py VECTORS-FOLDER OUTPUT-FOLDER
"""
import pathlib
import sys


def messages(source):
    for path in sorted(source.glob("*.hex")):
        lines = path.read_text(encoding="ascii").splitlines()
        digits = "".join(line for line in lines if not line.startswith("#"))
        yield path.stem, bytes.fromhex(digits)


def texts(source):
    """The first column of the tables of texts."""
    for name in ("uri", "xor", "base64", "nonce-cookies", "prep"):
        lines = (source / (name + ".tsv")).read_text(encoding="ascii")
        for number, line in enumerate(lines.splitlines()[1:]):
            for column, cell in enumerate(line.split("\t")[:2]):
                yield (f"{name}-{number}-{column}",
                       cell.encode("ascii").decode("unicode-escape")
                       .encode("utf-8", "replace"))


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    corpora = {
        "fuzz_message": messages(source),
        "fuzz_auth": ((name, bytes([number % 256]) + message)
                      for number, (name, message)
                      in enumerate(messages(source))),
        "fuzz_behavior": ((name, bytes([number % 256]) + message)
                          for number, (name, message)
                          in enumerate(messages(source))),
        "fuzz_builder": ((name, b"\x04\x00" + message)
                         for name, message in messages(source)),
        "fuzz_resolve": ((name, bytes([number % 256, number // 3 % 2,
                                       len(text)]) + text + bytes(range(99)))
                         for number, (name, text)
                         in enumerate(texts(source)) if len(text) < 200),
        "fuzz_text": texts(source),
        "fuzz_turn_client": messages(source),
        "fuzz_turn_server": messages(source),
    }
    for harness, seeds in corpora.items():
        (target / harness).mkdir(parents=True, exist_ok=True)
        for name, seed in seeds:
            (target / harness / name).write_bytes(seed)


main()
