#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run stun-decode over every truncation and many random mutations of the
captures in tests/captures/, many to a run: it has to end with 0, 1 or 3. Build
it with -Db_sanitize=address,undefined for this.

usage: SATURN_EXAMPLES=BUILD/examples mutate_captures.py [MUTATIONS [SEED]]
"""
import os
import random
import subprocess
import sys
import tempfile

from decode_run import FOLDER, PROGRAM

AT_ONCE = 500
WORDS = ["-u", "alice", "-w", "Tr0ub&4dor 3", "--secret", "north"]


def check(batch, folder):
    """One run over a batch of captures."""
    paths = []
    for i, data in enumerate(batch):
        paths.append(os.path.join(folder, f"{i}.pcap"))
        with open(paths[-1], "wb") as file:
            file.write(data)
    done = subprocess.run(
        [PROGRAM, *WORDS, *paths], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600,
        check=False)
    if done.returncode not in (0, 1, 3) or b"Sanitizer" in done.stderr \
            or b"runtime error" in done.stderr:
        sys.exit(f"ended with {done.returncode}: "
                 f"{done.stderr.decode(errors='replace')[-4000:]}")


def truncations(wholes):
    """Each capture cut at each byte."""
    for whole in wholes:
        for end in range(len(whole)):
            yield whole[:end]


def mutations(wholes, count, dice):
    """COUNT captures with some bytes changed."""
    for _ in range(count):
        data = bytearray(dice.choice(wholes))
        for _ in range(dice.randrange(1, 30)):
            data[dice.randrange(24, len(data))] = dice.randrange(256)
        yield bytes(data)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    wholes = []
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith((".pcap", ".pcapng")):
            with open(os.path.join(FOLDER, name), "rb") as file:
                wholes.append(file.read())
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in (truncations(wholes[:4]),
                       mutations(wholes, count, dice)):
            batch = []
            for data in source:
                batch.append(data)
                done += 1
                if len(batch) == AT_ONCE:
                    check(batch, folder)
                    batch = []
            if batch:
                check(batch, folder)
    print(f"{done} captures survived")


main()
