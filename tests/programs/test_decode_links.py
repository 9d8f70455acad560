#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test that stun-decode reads each link type that it claims, and each kind of
pcap file.

usage: test_decode_links.py [TEST...]
"""
import os
import re
import struct
import sys

from captures import RAW, ethernet, ipv4, ipv6, pcap, udp
from decode_run import A, B, PING, decode, main, same, test, u

LINK = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir,
                    "examples", "stun-decode", "link.c")
V4 = u(PING)
V6 = ipv6("2001:db8::1", "2001:db8::2", 17, udp(50000, 3478, PING))
LLC = bytes.fromhex("aaaa030000000800")
WLAN = bytes([8, 1]) + bytes(22) + LLC + V4


def radiotap(frame, size=8):
    return struct.pack("<BBHI", 0, 0, size, 0) + bytes(size - 8) + frame


def avs(frame):
    return struct.pack(">II", 0x80211001, 64) + bytes(56) + frame


def prism(frame):
    return struct.pack("<II", 0x44, 144) + bytes(136) + frame


def nflog(packet):
    prefix = struct.pack("<HH", 5, 10) + b"\0\0"
    return struct.pack(">BBH", 2, 0, 0) + prefix + b"\0\0" + struct.pack(
        "<HH", 4 + len(packet), 9) + packet


# By the names of link.c: the number in files, and packets.
LINKS = {
    "DLT_EN10MB": (1, [ethernet(V4), ethernet(V6), ethernet(V4, [0x8100]),
                       ethernet(V6, [0x88A8, 0x8100]),
                       ethernet(V4, [0x9100, 0x8100]),
                       bytes(12) + struct.pack("!H", 8 + len(V4)) + LLC + V4]),
    "DLT_LINUX_SLL": (113, [struct.pack("!HHH8sH", 0, 1, 6, b"", 0x0800) + V4,
                            struct.pack("!HHH8sH", 4, 1, 6, b"", 0x8100)
                            + b"\0\7\x86\xdd" + V6]),
    "DLT_LINUX_SLL2": (276, [struct.pack("!HHIHBB8s", 0x86DD, 0, 1, 1, 0, 6,
                                         b"") + V6]),
    "DLT_RAW": (RAW, [V4, V6]),
    "LINKTYPE_RAW": (101, [V4, V6]),
    "BSD_RAW": (14, [V4, V6]),
    "DLT_IPV4": (228, [V4]),
    "DLT_IPV6": (229, [V6]),
    "DLT_NULL": (0, [struct.pack(order + "I", family) + packet
                     for order in "<>" for family, packet in (
                         (2, V4), (24, V6), (28, V6), (30, V6))]),
    "DLT_LOOP": (108, [struct.pack(">I", 2) + V4, struct.pack(">I", 24) + V6]),
    "DLT_PPP": (9, [b"\xff\x03\0\x21" + V4, b"\0\x57" + V6, b"\x21" + V4]),
    "DLT_PPP_SERIAL": (50, [b"\xff\x03\0\x21" + V4]),
    "DLT_C_HDLC": (104, [b"\x0f\0\x08\0" + V4, b"\x0f\0\x86\xdd" + V6]),
    "DLT_ENC": (109, [struct.pack("<III", 2, 0, 0) + V4]),
    "DLT_PFLOG": (117, [bytes([61, 2]) + bytes(62) + V4,
                        bytes([64, 2]) + bytes(62) + V4]),
    "DLT_NFLOG": (239, [nflog(V4), nflog(V6)]),
    "DLT_PKTAP": (258, [struct.pack("<III", 108, 1, 1) + bytes(96)
                        + ethernet(V4)]),
    "DLT_PPI": (192, [struct.pack("<BBHI", 0, 0, 8, 1) + ethernet(V4),
                      struct.pack("<BBHI", 0, 0, 16, 105) + bytes(8) + WLAN]),
    "DLT_IEEE802_11": (105, [WLAN, bytes([0x88, 1]) + bytes(24) + LLC + V4,
                             bytes([8, 3]) + bytes(28) + LLC + V4]),
    "DLT_IEEE802_11_RADIO": (127, [radiotap(WLAN), radiotap(WLAN, 24)]),
    "DLT_IEEE802_11_RADIO_AVS": (163, [avs(WLAN)]),
    "DLT_PRISM_HEADER": (119, [prism(WLAN), avs(WLAN)]),
}


def claimed():
    with open(LINK, encoding="utf-8") as file:
        rows = re.findall(r"^  { (\w+), \w+_take\w* },|^  { (\w+), take_\w+ },",
                          file.read(), re.M)
    return [first or second for first, second in rows]


@test
def each_link_type_that_is_claimed_is_read():
    names = claimed()
    assert len(names) > 20, names
    same(sorted(names), sorted(LINKS))
    for name, (link, packets) in LINKS.items():
        for packet in packets:
            run = decode(pcap([packet], link))
            same([(m["method"], m["src"][-6:]) for m in run.messages],
                 [("Binding", ":50000")], (name, packet[:40].hex()))


@test
def each_link_type_is_survived_when_it_is_cut():
    for name, (link, packets) in LINKS.items():
        whole = pcap(packets, link)
        for snap in list(range(1, 40, 7)) + list(range(41, 160, 25)):
            run = decode(pcap(packets, link, snap=snap))
            assert run.code in (0, 1), (name, snap, run.err)
            assert {m["verdict"] for m in run.messages} <= {
                "ok", "truncated"}, (name, snap)
        same(decode(whole[:-30]).code, 3, name)


def file_of(order, magic, fraction, packets):
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, RAW)]
    for packet in packets:
        out.append(struct.pack(order + "IIII", 1492244802, fraction,
                               len(packet), len(packet)) + packet)
    return b"".join(out)


@test
def both_orders_and_both_resolutions_of_pcap_are_read():
    for order in "<>":
        for magic, fraction in ((0xA1B2C3D4, 214119), (0xA1B23C4D, 214119876)):
            run = decode(file_of(order, magic, fraction, [V4, V6]))
            same([(m["time"], m["method"]) for m in run.messages],
                 [(1492244802.214119, "Binding")] * 2, (order, hex(magic)))


GRE = {
    "plain": bytes.fromhex("00000800") + V4,
    "IPv6": bytes.fromhex("000086dd") + V6,
    "checksum": bytes.fromhex("8000080000000000") + V4,
    "key": bytes.fromhex("2000080000000007") + V4,
    "all": bytes.fromhex("b0000800000000000000000700000001") + V4,
    "Ethernet": bytes.fromhex("00006558") + ethernet(V4),
    "ERSPAN I": bytes.fromhex("000088be") + ethernet(V4),
    "ERSPAN II": bytes.fromhex("100088be00000001") + bytes(8) + ethernet(V4),
}


def labels(n, packet):
    stack = b"".join(struct.pack("!I", 100 + i << 12 | (i == n - 1) << 8 | 64)
                     for i in range(n))
    return bytes(12) + b"\x88\x47" + stack + packet


@test
def tunnels_are_read_and_survived_when_they_are_cut():
    packets = [(ipv4("1.1.1.1", "2.2.2.2", 47, gre), RAW)
               for gre in GRE.values()]
    packets += [(ipv6("::5", "::6", 47, GRE["key"]), RAW),
                (labels(1, V4), 1), (labels(3, V6), 1),
                (labels(2, bytes(4) + ethernet(V4)), 1),
                (bytes(12) + bytes.fromhex("8864110000010000") + b"\0\x57"
                 + V6, 1)]
    for i, (packet, link) in enumerate(packets):
        run = decode(pcap([packet], link))
        same([m["src"][-6:] for m in run.messages], [":50000"], i)
        for snap in range(10, len(packet), 11):
            run = decode(pcap([packet], link, snap=snap))
            assert {m["verdict"] for m in run.messages} <= {
                "ok", "truncated"}, (i, snap)


@test
def stun_is_found_on_any_port():
    for port in (1, 53, 443, 5000, 65535):
        packet = ipv4(A, B, 17, udp(7, port, PING))
        same([m["dst"] for m in decode(pcap([packet])).messages],
             [f"{B}:{port}"])


if __name__ == "__main__":
    sys.exit(main())
