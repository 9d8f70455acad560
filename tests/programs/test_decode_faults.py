#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode makes of bad usage, bad files and hostile captures.

usage: test_decode_faults.py [TEST...]
"""
import os
import random
import sys
import time

from captures import channel_data, ethernet, ipv4, pcap, pcapng, stun, udp
from decode_run import A, B, PING, Run, decode, main, same, test, u
from decode_talk import (CARRIED, P, U, asks, begun, big_message, refused,
                         stream)


@test
def bad_usage_is_one_line_and_2():
    for args in ((), ("--nope", "x"), ("--hex", "x"), ("--stream", "x"),
                 ("-u", "alice", "x"), ("--key", "0g", "x"), ("-w",),
                 ("--htdigest", "/nonexistent", "x")):
        run = Run(*args)
        same(run.code, 2, args)
        same(len(run.err.splitlines()), 1, args)
    run = Run("--help")
    same(run.code, 0)
    assert len(run.out.splitlines()) <= 25
    same(Run("--version").code, 0)


@test
def bad_files_are_one_line_and_3():
    for data in (b"", b"hello, this is no capture at all", pcap([])[:10],
                 pcap([PING], link=147)):
        run = Run("FILE", data=data)
        same([run.code, len(run.err.splitlines())], [3, 1], data[:20])
    for path in ("/", "/nonexistent/file"):
        run = Run(path)
        same([run.code, len(run.err.splitlines())], [3, 1], path)


@test
def a_capture_that_is_cut_is_read_up_to_the_cut():
    data = pcap([u(PING), u(PING)])
    run = decode(data[:-5])
    same([len(run.messages), run.code], [1, 3])
    same(len(run.err.splitlines()), 1)


def busy_capture():
    talk = begun().ask(asks(2, "typo")).answer(refused(2, 431, P))
    talk.ask(channel_data(0x4001, stun(1, "request", 5)))
    data = udp(50000, 3478, big_message())
    packets = [ethernet(p, [0x8100]) for p in talk.packets]
    packets += [ethernet(ipv4(A, B, 17, data[p:p + 800], 7, p,
                              p + 800 < len(data)))
                for p in range(0, len(data), 800)]
    packets += [ethernet(p) for p in stream(CARRIED, [9, 30, 50])]
    return packets


@test
def every_truncation_is_survived():
    for data in (pcap(busy_capture(), 1), pcapng(busy_capture(), 1)):
        for end in list(range(0, 200)) + list(range(200, len(data), 97)):
            run = decode(data[:end], "-u", U, "-w", P)
            assert run.code in (0, 1, 3), end


@test
def snapped_packets_are_survived():
    for snap in range(14, 300, 3):
        run = decode(pcap(busy_capture(), 1, snap=snap), "-u", U, "-w", P)
        assert run.code in (0, 1), snap


@test
def random_mutations_are_survived():
    dice = random.Random(int(os.environ.get("SEED", "1")))
    whole = pcap(busy_capture(), 1)
    for _ in range(int(os.environ.get("MUTATIONS", "150"))):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 40)):
            data[dice.randrange(24, len(data))] = dice.randrange(256)
        run = decode(bytes(data), "-u", U, "-w", P)
        assert run.code in (0, 1, 3)


@test
def many_packets_take_linear_time_and_flat_memory():
    packets = [u(b"\x80" + bytes(171), sport=1024 + i % 60000)
               for i in range(1000)]
    packets += [u(stun(1, "request", i), sport=1024 + i) for i in range(50)]
    data = pcap(packets)
    body = data[24:]
    start = time.monotonic()
    run = Run("FILE", data=data[:24] + body * 100)
    assert time.monotonic() - start < 60
    same(len([line for line in run.out.splitlines()
              if "Binding Request" in line]), 5000)


sys.exit(main())
