# SPDX-License-Identifier: MIT
"""Conversations that several tests of stun-decode speak of."""
from captures import (Talk, attribute, channel_data, error, ipv4, key, pcap,
                      stun, tcp)
from decode_run import A, B, decode


def big_message():
    return stun(1, "request", 5, attribute(0x8022, "x" * 700),
                *[attribute(0x8030 + i, bytes([i]) * 400) for i in range(6)])


def stream(data, cuts, order=None, sport=50001, start=0xFFFFFF00):
    """TCP packets of DATA, cut at CUTS."""
    ends = sorted(set(cuts) | {len(data)})
    packets, at = [], 0
    for end in ends:
        packets.append(ipv4(A, B, 6, tcp(sport, 3478, start + at,
                                         data[at:end])))
        at = end
    if order is not None:
        packets = [packets[i] for i in order(len(packets))]
    return packets


CARRIED = stun(3, "request", 7) + channel_data(0x4001, b"abcde", True) \
    + big_message() + stun(4, "request", 8)


U, R, P, N = "alice", "example.org", "secret", "nonce-1"


def challenge(tid, code=401, nonce=N, realm=R, method=3):
    return stun(method, "error", tid, error(code), attribute(0x14, realm),
                attribute(0x15, nonce))


def asks(tid, password=P, user=U, realm=R, nonce=N, method=3, more=(),
         key_realm=None):
    return stun(method, "request", tid, *more, attribute(0x06, user),
                attribute(0x14, realm), attribute(0x15, nonce),
                key=key(user, key_realm or realm, password))


def refused(tid, code=401, password=None, method=3, realm=R, nonce=N):
    secret = None if password is None else key(U, realm, password)
    more = [attribute(0x14, realm), attribute(0x15, nonce)]
    return stun(method, "error", tid, error(code), *more, key=secret)


def granted(tid, password=P, method=3):
    return stun(method, "success", tid, key=key(U, R, password))


def begun():
    return Talk().ask(stun(3, "request", 1)).answer(challenge(1))


def verify(talk, *args, **more):
    return decode(pcap(talk.packets), *args, **more)
