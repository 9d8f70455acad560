#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode makes of captures that have not everything: packets
that are cut, streams that begin in the middle or have holes, fragments that do
not come.

usage: test_decode_pieces.py [TEST...]
"""
import random
import struct
import sys

from captures import (FIN, SYN, channel_data, ipv4, ipv6, ipv6_fragment, pcap,
                      stun, tcp, udp)
from decode_run import (A, B, PING, Run, decode, index, main, path_of, same,
                        test, u)
from decode_talk import CARRIED, big_message, stream


def recut(data, snap):
    """A capture (little-endian pcap) as a shorter snaplen would have it."""
    out, at = [data[:16] + struct.pack("<I", snap) + data[20:24]], 24
    while at < len(data):
        time, size = data[at:at + 8], struct.unpack_from("<II", data, at + 8)
        packet = data[at + 16:at + 16 + size[0]][:snap]
        out.append(time + struct.pack("<II", len(packet), size[1]) + packet)
        at += 16 + size[0]
    return b"".join(out)


@test
def cut_captures_of_healthy_traffic_have_no_finding():
    dice, cut = random.Random(5), 0
    for name, *words in index("healthy.tsv"):
        path = path_of(name)
        if not path.endswith(".pcap"):
            continue
        with open(path, "rb") as file:
            whole = file.read()
        for snap in sorted(dice.sample(range(44, 260), 12)):
            run = decode(recut(whole, snap), *words)
            same(run.findings, [], (name, snap))
            verdicts = {m["verdict"] for m in run.messages}
            assert verdicts <= {"ok", "truncated"}, (name, snap, verdicts)
            cut += "truncated" in verdicts
    assert cut > 50, cut


@test
def cut_captures_of_mistakes_have_no_other_finding():
    dice = random.Random(6)
    for name, finding, *words in list(index("mistakes.tsv"))[::3]:
        with open(path_of(name), "rb") as file:
            whole = file.read()
        for snap in dice.sample(range(44, 230), 3):
            got = decode(recut(whole, snap), *words).ids()
            assert got in ([], [finding]), (name, snap, got)


def t(seq, data, **more):
    return ipv4(A, B, 6, tcp(50001, 3478, seq, data, **more))


@test
def streams_go_on_at_any_message():
    one, two = stun(1, "request", 7), stun(3, "request", 8, fingerprint=True)
    junk = bytes(random.Random(1).randrange(256) for _ in range(1000))
    want = ["Binding", "Allocate"]
    for data in (junk + one + two, junk[:3] + one + two,
                 CARRIED[9:13] + one + b"\x99" + junk[:77] + two,
                 b"CONNECT turn.example.org:3478 HTTP/1.1\r\n\r\n" + one + two,
                 b"PROXY TCP4 10.0.0.1 192.0.2.1 50001 3478\r\n" + one + two):
        for cuts in ([], range(0, len(data)), range(0, len(data), 13)):
            got = [m["method"] for m in decode(pcap(stream(data, cuts)))
                   .messages if m["verdict"] == "ok"]
            same(got, want, (data[:20], len(list(cuts))))


@test
def streams_with_holes_go_on():
    one = stun(1, "request", 7)
    data = one + channel_data(0x4001, bytes(100), True) + one * 3
    whole = stream(data, range(0, len(data), 30))
    for lost in range(len(whole)):
        packets = whole[:lost] + whole[lost + 1:]
        end = t(0xFFFFFF00 + len(data), b"", flags=FIN | 0x10)
        run = decode(pcap(packets + [end]))
        verdicts = [m["verdict"] for m in run.messages]
        assert verdicts.count("ok") >= 2, (lost, verdicts)
        assert set(verdicts) <= {"ok", "truncated"}, (lost, verdicts)


@test
def cookies_alone_are_no_messages():
    cookie = b"\x21\x12\xa4\x42"
    unknown = b"\x2f\xff\0\x08" + cookie + bytes(20)
    odd = b"\0\1\0\x03" + cookie + bytes(30)
    broken = b"\0\1\0\x08" + cookie + bytes(12) + b"\x80\x22\xff\0" + bytes(9)
    data = b"GET / " + cookie * 9 + b"\0\1" + unknown + odd + broken
    for cuts in ([], range(0, len(data), 7)):
        run = decode(pcap(stream(data + bytes(99), cuts)))
        same([run.messages, run.code], [[], 0], len(list(cuts)))


@test
def sealed_streams_are_not_looked_into():
    sealed = b"\x17\x03\x03\x01\0" + stun(1, "request", 1) * 12 + bytes(16)
    packets = [t(9, b"", flags=SYN), t(10, sealed[:90]), t(100, sealed[90:])]
    run = decode(pcap(packets))
    same([run.messages, run.findings, run.code], [[], [], 0])


def parts(data, ident, seconds, v6=False, size=600):
    """Fragments, a second apart."""
    out = []
    for i, at in enumerate(range(0, len(data), size)):
        more, piece = at + size < len(data), data[at:at + size]
        packet = ipv6("::1", "::2", 44, ipv6_fragment(
            17, ident, at, more, piece)) if v6 else ipv4(
            A, B, 17, piece, ident, at, more)
        out.append((seconds + i, packet))
    return out


@test
def fragments_are_not_waited_for_without_end():
    old = udp(50000, 3478, stun(1, "request", 5) + bytes(1480))
    new = udp(50000, 3478, big_message())
    for v6 in (False, True):
        stale = parts(old, 7, 1000, v6)[:2]
        for later, n in ((5, 0), (90, 1)):
            packets = stale + parts(new, 7, 1001 + later, v6)
            run = decode(pcap(packets))
            good = [m for m in run.messages if m["verdict"] == "ok"
                    and m["length"] > 1000]
            same(len(good), n, (v6, later))


@test
def floods_of_fragments_and_streams_are_bounded():
    flood = [ipv4(A, B, 17, bytes(1400), i, 1400 * 8, True)
             for i in range(3000)]
    flood += [ipv4(A, B, 6, tcp(1024 + i, 3478, 5 + 9000, bytes(1400)))
              for i in range(3000)]
    run = Run("--json", "FILE", data=pcap(flood + [u(PING)]))
    same([run.code, len(run.messages)], [0, 1])


if __name__ == "__main__":
    sys.exit(main())
