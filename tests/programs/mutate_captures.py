#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run stun-decode over every truncation and many random mutations of the
captures in tests/captures/, of streams, fragments and tunnels, and of lines of
hexadecimal digits, many to a run: it has to end with 0, 1 or 3. Build it with
-Db_sanitize=address,undefined for this.

usage: SATURN_EXAMPLES=BUILD/examples mutate_captures.py [MUTATIONS [SEED]]
"""
import os
import random
import subprocess
import sys
import tempfile

from captures import channel_data, ethernet, ipv4, pcap, pcapng, udp
from decode_run import A, B, FOLDER, PROGRAM
from decode_talk import CARRIED, asks, begun, big_message, refused, stream

AT_ONCE = 500
WORDS = ["-u", "alice", "-w", "Tr0ub&4dor 3", "--secret", "north"]


def run(words, data=b""):
    """One run, which has to end well."""
    done = subprocess.run(
        [PROGRAM, *WORDS, *words], input=data, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, timeout=600, check=False)
    if done.returncode not in (0, 1, 3) or b"Sanitizer" in done.stderr \
            or b"runtime error" in done.stderr:
        sys.exit(f"ended with {done.returncode}: "
                 f"{done.stderr.decode(errors='replace')[-4000:]}")


def check(batch, folder):
    """One run over a batch of captures."""
    paths = []
    for i, data in enumerate(batch):
        paths.append(os.path.join(folder, f"{i}.pcap"))
        with open(paths[-1], "wb") as file:
            file.write(data)
    run(paths)


def truncations(wholes):
    """Each capture cut at each byte."""
    for whole in wholes:
        for end in range(len(whole)):
            yield whole[:end]


def mutated(whole, dice, start=0):
    """Some bytes changed, left out, or doubled."""
    data = bytearray(whole)
    for _ in range(dice.randrange(1, 30)):
        at = dice.randrange(start, len(data))
        kind = dice.randrange(12)
        if kind == 0:
            del data[at:at + dice.randrange(1, 9)]
        elif kind == 1:
            data[at:at] = data[at:at + dice.randrange(1, 40)]
        else:
            data[at] = dice.randrange(256)
        if len(data) <= start + 1:
            return whole
    return bytes(data)


def mutations(wholes, count, dice):
    """COUNT captures, mutated behind their headers."""
    for _ in range(count):
        yield mutated(dice.choice(wholes), dice, 24)


def made():
    """Captures of what those on loopback do not have."""
    talk = begun().ask(asks(2, "typo")).answer(refused(2, 431))
    talk.ask(channel_data(0x4001, asks(5)))
    data = udp(50000, 3478, big_message())
    packets = talk.packets + stream(CARRIED, [9, 30, 50, 200, 900])
    packets += [ipv4(A, B, 17, data[p:p + 800], 7, p, p + 800 < len(data))
                for p in range(0, len(data), 800)]
    packets += [ipv4("1.1.1.1", "2.2.2.2", 47, bytes.fromhex("20000800")
                     + bytes(4) + p) for p in packets[:4]]
    framed = [ethernet(p, [0x8100]) for p in packets]
    return [pcap(packets), pcap(framed, 1), pcapng(framed, 1)]


def hexadecimal(count, dice):
    """Lines of digits, some of them broken; messages and streams."""
    messages = [asks(1), CARRIED, big_message(), channel_data(0x4001, asks(2)),
                refused(3), b"\0\1\0\0" + bytes(16)]
    lines = []
    for _ in range(count):
        line = mutated(dice.choice(messages), dice).hex()
        if dice.randrange(9) == 0:
            at = dice.randrange(len(line))
            line = line[:at] + dice.choice("gG #\t\0-") + line[at + 1:]
        lines.append(line.encode())
    return b"\n".join(lines)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    wholes = made() * 8
    for name in sorted(os.listdir(FOLDER)):
        if name.endswith((".pcap", ".pcapng")):
            with open(os.path.join(FOLDER, name), "rb") as file:
                wholes.append(file.read())
    done = 0
    for _ in range(0, count, 2000):
        for words in ((), ("--stream",), ("--classic", "--json"), ("-v",)):
            run(["--hex", *words], hexadecimal(500, dice))
            done += 500
    print(f"{done} lines survived")
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        for source in (truncations(sorted(wholes, key=len)[:8]),
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
