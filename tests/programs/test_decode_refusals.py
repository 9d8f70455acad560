#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode says of what a server refuses to users whose
credentials are right, and of allocations that end before their time.

usage: test_decode_refusals.py [TEST...]
"""
import struct
import sys

from captures import (FIN, RST, SYN, Talk, attribute, error, ipv4, key, pcap,
                      stun, tcp, udp, xor_address)
from decode_run import A, B, decode, main, same, test, u
from decode_talk import P, R, U, asks, begun, challenge, granted

ACK = 0x10
K = key(U, R, P)
PEER = attribute(0x12, xor_address("198.51.100.7", 4000))
CONNECT, BIND, ATTEMPT = 10, 11, 12


def allocated(tid=2, *more):
    return stun(3, "success", tid, attribute(0x16, xor_address(
        "203.0.113.5", 50000)), attribute(0xD, struct.pack("!I", 600)), *more,
        key=K)


def talk():
    """A client that has an allocation."""
    return begun().ask(asks(2)).answer(allocated())


def refusal(method, code, *more, listed=b""):
    """The client asks, and the server says CODE, protected."""
    parts = [attribute(0xA, listed)] if listed else []
    return talk().ask(asks(7, method=method, more=more)).answer(
        stun(method, "error", 7, error(code), *parts, key=K))


def one(conversation, *args):
    """The only finding."""
    packets = getattr(conversation, "packets", conversation)
    run = decode(pcap(packets), "-u", U, "-w", P, *args)
    same([len(run.findings), run.code], [1, 1], run.findings)
    return run.findings[0]["finding"], run.findings[0]["text"]


@test
def a_success_without_integrity_is_found_D40():
    bare = begun().ask(asks(2)).answer(stun(3, "success", 2))
    name, text = one(bare)
    same(name, "SAT-INTEGRITY-MISSING")
    assert "Allocate request that has integrity" in text, text
    same(decode(pcap(bare.packets)).ids(), ["SAT-INTEGRITY-MISSING"])
    same(decode(pcap(talk().packets), "-u", U, "-w", P).ids(), [])


@test
def attributes_behind_the_integrity_are_not_judged_D60_D64():
    listed = b"\x7a\xbc"
    inside = refusal(3, 420, attribute(0x7ABC, b"what"), listed=listed)
    same(one(inside)[0], "SAT-UNKNOWN-ATTRIBUTE")
    ask = asks(9)
    more = attribute(0x7ABC, b"what")
    ask = ask[:2] + struct.pack("!H", len(ask) - 20 + len(more)) + ask[4:]
    behind = begun().ask(ask + more).answer(
        stun(3, "error", 9, error(420), attribute(0xA, listed), key=K))
    name, text = one(behind)
    same(name, "SAT-AFTER-INTEGRITY")
    assert "0x7abc" in text, text


@test
def reservations_are_followed_D55():
    token = attribute(0x22, b"12345678")

    def late(seconds, server=B, used=False):
        first = begun().ask(asks(2, more=(attribute(0x18, b"\x80\0\0\0"),)))
        first.answer(allocated(2, token))
        other = Talk(server=server, port=50009)
        other.ask(stun(3, "request", 11)).answer(challenge(11))
        if used:
            first.ask(asks(5, more=(token,))).answer(allocated(5))
        other.ask(asks(12, more=(token,))).answer(
            stun(3, "error", 12, error(508), key=K))
        return ([(1000 + i / 10, p) for i, p in enumerate(first.packets)]
                + [(1000 + seconds + i / 10, p)
                   for i, p in enumerate(other.packets)])
    for packets, said in (
            (late(20), "does not know the reservation"),
            (late(45), "had given out 44 s before"),
            (late(20, used=True), "used before"),
            (late(20, "192.0.2.77"), "another server had given out, " + B)):
        name, text = one(packets)
        same(name, "SAT-TOKEN")
        assert said in text, (text, said)
    same(one(refusal(3, 508))[0], "SAT-FULL")
    same(one(refusal(3, 404, token))[0], "SAT-TOKEN")


@test
def mobility_may_be_forbidden_D62():
    name, text = one(refusal(3, 405, attribute(0x8030)))
    same(name, "SAT-NO-MOBILITY")
    assert "answered 405 to Allocate" in text, text


@test
def channels_and_families_of_peers_D71_D76():
    channel = attribute(0xC, b"\x40\0\0\0")
    name, text = one(refusal(9, 400, channel, PEER))
    same(name, "SAT-CHANNEL-CLASH")
    assert "of channel 0x4000 for the peer 198.51.100.7:4000" in text, text
    name, text = one(refusal(9, 400, attribute(0xC, b"\x30\0\0\0"), PEER))
    same(name, "SAT-CHANNEL-CLASH")
    assert "0x3000 is not the number of a channel" in text, text
    same(one(refusal(8, 400, PEER))[0], "SAT-BAD-REQUEST")
    for method in (8, 9, CONNECT):
        name, text = one(refusal(method, 443, channel, PEER))
        same(name, "SAT-PEER-FAMILY")
        assert "198.51.100.7:4000" in text, text


@test
def relaying_of_tcp_is_refused_D78_D79_D80():
    for code, want in ((446, "SAT-DUPLICATE-CONNECT"), (447, "SAT-PEER-TCP")):
        same(one(refusal(CONNECT, code, PEER))[0], want)
    same(one(refusal(BIND, 400, attribute(0x2A, b"\0\0\0\1")))[0],
         "SAT-BIND-LATE")


def connection(*rest, port=40000):
    def t(seq, data=b"", flags=ACK, back=False):
        ports = (3478, port) if back else (port, 3478)
        ends = (B, A) if back else (A, B)
        return ipv4(*ends, 6, tcp(*ports, seq, data, flags))
    packets, seqs = [t(9, flags=SYN), t(99, flags=SYN | ACK, back=True)], [
        10, 100]
    for back, data, flags in rest:
        packets.append(t(seqs[back], data, flags | ACK, bool(back)))
        seqs[back] += len(data)
    return packets


@test
def a_bind_that_is_answered_with_a_reset_D80():
    bind = asks(5, method=BIND, more=(attribute(0x2A, b"\0\0\0\1"),))
    for flag in (RST, FIN):
        name, text = one(connection((0, bind, 0), (1, b"", flag)))
        same(name, "SAT-BIND-LATE")
        assert "without an answer" in text, text
    good = connection((0, bind, 0), (1, granted(5, method=BIND), 0),
                      (1, b"data", 0), (1, b"", FIN))
    same(decode(pcap(good), "-u", U, "-w", P).ids(), [])


@test
def connections_that_end_with_an_allocation_on_them_D13():
    begin = [(0, stun(3, "request", 1), 0), (1, challenge(1), 0),
             (0, asks(2), 0), (1, allocated(), 0)]
    for flag in (RST, FIN):
        packets = connection(*begin, (1, b"", flag))
        timed = [(1000 + i / 10, p) for i, p in enumerate(packets[:-1])]
        name, text = one(timed + [(1300.5, packets[-1])])
        same(name, "SAT-CONN-LOST")
        assert "300 s after the last data" in text, text
    over = [(0, asks(3, method=4, more=(attribute(0xD, bytes(4)),)), 0),
            (1, stun(4, "success", 3, attribute(0xD, bytes(4)), key=K), 0)]
    for rest in ([(0, b"", FIN), (1, b"", FIN)], over + [(1, b"", FIN)]):
        packets = connection(*begin, *rest)
        same(decode(pcap(packets), "-u", U, "-w", P).findings, [])


def icmp(size, of):
    return ipv4("192.0.2.99", A, 1, struct.pack("!BBHHH", 3, 4, 0, 0, size)
                + of[:60])


@test
def packets_that_are_too_large_D84():
    ask = asks(8, more=(attribute(0x8022, "x" * 1300),))
    waits = [(1000 + 2 * i, p) for i, p in enumerate(
        begun().packets + [u(ask)] * 2 + [icmp(1280, u(ask)), u(ask)])]
    name, text = one(waits)
    same(name, "SAT-MTU")
    assert "1280 bytes" in text and "192.0.2.99" in text, text
    answered = waits[:5] + [(1009, ipv4(B, A, 17, udp(3478, 50000,
                                                     allocated(8))))]
    same(decode(pcap(answered), "-u", U, "-w", P).findings, [])
    for more, said in ((1200, "more than 1200 bytes"), (0, "too large")):
        told = talk().answer(stun(
            7, "indication", 9, PEER,
            attribute(0x8004, struct.pack("!HBBI", 0, 3, 4, more))))
        name, text = one(told)
        same(name, "SAT-MTU")
        assert said in text and "198.51.100.7:4000" in text, text


if __name__ == "__main__":
    sys.exit(main())
