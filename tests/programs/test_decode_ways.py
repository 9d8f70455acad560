#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode says of allocations, redirects, clocks, ICMP and data
that does not come back.

usage: test_decode_ways.py [TEST...]
"""
import struct
import sys

from captures import (attribute, channel_data, error, ipv4, key, pcap, stun,
                      udp, xor_address)
from decode_run import A, B, decode, main, same, test, u
from decode_talk import P, R, U, asks, begun, challenge, refused, verify

PEER = "198.51.100.7"


def allocated(relayed="203.0.113.5", lifetime=600):
    return stun(3, "success", 2, attribute(0x16, xor_address(relayed, 50000)),
                attribute(0xD, struct.pack("!I", lifetime)),
                key=key(U, R, P))


class Times:
    """Packets with their times, of a client that has an allocation."""

    def __init__(self, lifetime=600):
        talk = begun().ask(asks(2)).answer(allocated(lifetime=lifetime))
        self.packets = [(1000 + i / 10, p)
                        for i, p in enumerate(talk.packets)]

    def ask(self, when, data):
        self.packets.append((1000 + when, u(data)))
        return self

    def answer(self, when, data):
        self.packets.append((1000 + when, ipv4(B, A, 17,
                                               udp(3478, 50000, data))))
        return self

    def permit(self, when, peer=PEER, method=8, more=()):
        where = attribute(0x12, xor_address(peer, 4000))
        tid = int(when * 10) + 1000
        self.ask(when, asks(tid, method=method, more=(where, *more)))
        return self.answer(when + .05, stun(method, "success", tid,
                                            key=key(U, R, P)))

    def send(self, when, n=1, step=1.0, peer=PEER):
        for i in range(n):
            self.ask(when + i * step, stun(
                6, "indication", int(when + i) + 5000,
                attribute(0x12, xor_address(peer, 4000)),
                attribute(0x13, "x")))
        return self

    def come(self, when, n=1, step=1.0):
        for i in range(n):
            self.answer(when + i * step, stun(
                7, "indication", int(when + i) + 9000,
                attribute(0x12, xor_address(PEER, 4000)),
                attribute(0x13, "y")))
        return self

    def run(self):
        self.packets.sort(key=lambda pair: pair[0])
        return decode(pcap(self.packets), "-u", U, "-w", P)


@test
def data_that_never_returns_is_found_D85():
    run = Times().permit(1).send(2, 10).run()
    same(run.ids(), ["SAT-RELAY-IN"])
    assert "10 messages to the peer 198.51.100.7" in run.findings[0]["text"]
    same(Times().permit(1, "10.1.2.3").send(2, 10, peer="10.1.2.3").run().ids(),
         ["SAT-PEER-PRIVATE"])
    same(Times().send(2, 10).run().ids(), ["SAT-NO-PERMISSION"])
    same(Times().permit(1).send(2, 10).come(2.5, 10).run().findings, [])
    same(Times().permit(1).send(2, 3).run().findings, [])


@test
def data_that_stops_is_found_D86_D87_D88():
    same(Times(1200).permit(1).send(2, 38, 10.0).come(6, 30, 10.0).run()
         .ids(), ["SAT-PERMISSION-EXPIRED"])
    same(Times(300).permit(1).permit(200).send(2, 38, 10.0)
         .come(6, 30, 10.0).run().ids(), ["SAT-ALLOCATION-EXPIRED"])
    same(Times(3600).permit(1).send(2, 5).come(2.5, 5).send(100, 8).run()
         .ids(), ["SAT-NAT-TIMEOUT"])
    same(Times(3600).permit(1).send(2, 20).come(2.5, 5).run().findings, [])
    bind = Times(3600).permit(1, method=9, more=(
        attribute(0xC, b"\x40\x00\0\0"),))
    for i in range(64):
        bind.ask(2 + 11 * i, channel_data(0x4000, b"1"))
        if i < 55:
            bind.answer(3 + 11 * i, channel_data(0x4000, b"2"))
    same(bind.run().ids(), ["SAT-CHANNEL-EXPIRED"])


@test
def open_relays_and_private_relays_are_found_D41():
    talk = begun()
    talk.packets.clear()
    talk.ask(stun(3, "request", 1)).answer(stun(3, "success", 1))
    same(verify(talk).ids(), ["SAT-ANONYMOUS"])
    talk = begun().ask(asks(2)).answer(allocated("10.9.8.7"))
    run = verify(talk)
    same(run.ids(), ["SAT-RELAY-ADDRESS"])
    assert "10.9.8.7:50000" in run.findings[0]["text"]


@test
def redirects_are_found_D56_D59():
    where = attribute(0x8023, b"\0\1\x0d\x96\xcb\0\x71\x09")
    for more, integrity, want in (
            ((where,), key(U, R, P), "SAT-REDIRECTED"),
            ((where,), None, "SAT-REDIRECT-UNPROTECTED"),
            ((), None, "SAT-REDIRECT-BAD")):
        talk = begun().ask(asks(2)).answer(
            stun(3, "error", 2, error(300), *more, key=integrity))
        same(verify(talk).ids(), [want])


@test
def clocks_are_compared_3_4():
    def refusal(name, nonce="nonce-1"):
        talk = begun()
        talk.packets.clear()
        talk.ask(stun(3, "request", 1)).answer(challenge(1, nonce=nonce))
        talk.ask(asks(2, "unknown", name, nonce=nonce))
        return verify(talk.answer(refused(2, nonce=nonce)))
    same(refusal("1492244702:alice").ids(), ["SAT-EXPIRED"])
    same(refusal("1592244802000:alice").ids(), ["SAT-EXPIRY-FORMAT"])
    run = refusal("1492245802:alice", f"obMatJos2AAAA{1492255802:08x}-x")
    same(run.ids(), ["SAT-CLOCK-SERVER"])
    assert "11000 s ahead" in run.findings[0]["text"]
    same(refusal("1492245802:alice", f"{1492244803:08x}abc").ids(),
         ["SAT-CREDENTIALS"])


def icmp(code, of, sender="192.0.2.99"):
    return ipv4(sender, A, 1, struct.pack("!BBHI", 3, code, 0, 0) + of[:36])


@test
def icmp_is_read_D05_D06():
    ask = u(stun(3, "request", 1))
    run = decode(pcap([ask, icmp(3, ask, B)]))
    same(run.ids(), ["SAT-PORT-CLOSED"])
    run = decode(pcap([ask, icmp(13, ask)]))
    same(run.ids(), ["SAT-UNREACHABLE"])
    assert "192.0.2.99" in run.findings[0]["text"]
    same(decode(pcap([ask, icmp(4, ask)])).findings, [])
    check = u(stun(1, "request", 1, attribute(0x24, b"\0\0\0\1")))
    same(decode(pcap([check, icmp(3, check, B)])).findings, [])


@test
def icmp_of_peers_is_read_D82_D83():
    for code, want in ((3, "SAT-PEER-PORT-CLOSED"),
                       (13, "SAT-PEER-UNREACHABLE")):
        talk = begun().ask(asks(2)).answer(allocated()).answer(stun(
            7, "indication", 9, attribute(0x12, xor_address(PEER, 4000)),
            attribute(0x8004, bytes([0, 0, 3, code, 0, 0, 0, 0]))))
        run = verify(talk)
        same(run.ids(), [want])
        assert "198.51.100.7:4000" in run.findings[0]["text"]


@test
def answers_from_elsewhere_are_found_D14():
    ask = u(stun(3, "request", 1))
    stray = ipv4("192.0.2.9", A, 17, udp(3478, 50000, challenge(1)))
    run = decode(pcap([ask, stray]))
    assert "SAT-WRONG-SOURCE" in run.ids(), run.findings
    assert "from 192.0.2.9:3478" in str(run.findings)
    other = ipv4("192.0.2.9", "10.0.0.2", 17, udp(3478, 50000, challenge(1)))
    assert "SAT-WRONG-SOURCE" not in decode(pcap([ask, other])).ids()


@test
def nonces_of_other_addresses_are_found_D33():
    talk = begun()
    talk.port = 50001
    talk.ask(asks(2)).answer(challenge(2, 438, "nonce-2"))
    run = verify(talk)
    assert "SAT-NONCE-MOVED" in run.ids(), run.findings
    assert "given to 10.0.0.1:50000" in str(run.findings)
    talk.ask(asks(3, nonce="nonce-2")).answer(
        stun(3, "success", 3, key=key(U, R, P)))
    assert "SAT-NONCE-MOVED" not in verify(talk).ids()


sys.exit(main())
