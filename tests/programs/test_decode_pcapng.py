#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test how stun-decode reads pcapng: links that differ, both orders of bytes,
resolutions of time, damage.

usage: test_decode_pcapng.py [TEST...]
"""
import gzip
import os
import struct
import sys
import tempfile

from captures import ethernet, pcap
from decode_run import PING, Run, decode, main, same, test, u

US = 1492244802214119
CANNOT = 3
COOKED = struct.pack("!HHH8sH", 0, 1, 6, b"", 0x0800)


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order="<", options=b""):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
                 + options, order)


def option(code, value, order="<"):
    return struct.pack(order + "HH", code, len(value)) + value \
        + bytes(-len(value) % 4)


def interface(link, order="<", snap=0, options=b""):
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def enhanced(data, number=0, time=US, order="<"):
    return block(6, struct.pack(order + "IIIII", number, time >> 32,
                                time & 0xFFFFFFFF, len(data), len(data))
                 + data, order)


def simple(data, length=None, order="<"):
    return block(3, struct.pack(order + "I", length or len(data)) + data,
                 order)


def obsolete(data, number=0, time=US, order="<"):
    return block(2, struct.pack(order + "HHIIII", number, 0, time >> 32,
                                time & 0xFFFFFFFF, len(data), len(data))
                 + data, order)


def mixed(order="<"):
    """Packets of Ethernet, raw IP and cooked Linux, and blocks between."""
    return b"".join([
        section(order, option(1, b"a comment", order)),
        interface(1, order), interface(101, order),
        enhanced(ethernet(u(PING)), 0, US, order),
        block(5, bytes(16), order), block(0xBAD, bytes(9000), order),
        enhanced(u(PING), 1, US + 1, order),
        interface(113, order),
        obsolete(COOKED + u(PING), 2, US + 2, order)])


def times(run):
    return [message["time"] for message in run.messages]


@test
def links_of_interfaces_may_differ():
    for order in "<>":
        run = decode(mixed(order))
        same([m["frame"] for m in run.messages], [1, 2, 3], order)
        same(times(run), [1492244802.214119, 1492244802.21412,
                          1492244802.214121], order)
        same([run.ids(), run.err], [["SAT-UDP-SILENT"], ""], order)
    same(len(Run("--json", "-", data=mixed()).messages), 3)


@test
def sections_count_interfaces_anew():
    run = decode(mixed("<") + mixed(">") + section() + interface(101)
                 + enhanced(u(PING)))
    same([m["frame"] for m in run.messages], list(range(1, 8)))
    run = decode(mixed() + section() + enhanced(u(PING)))
    same([len(run.messages), run.code], [3, CANNOT])


@test
def times_have_resolutions_and_offsets():
    def resolution(value, order="<"):
        return option(9, bytes([value]), order)
    offset = option(14, struct.pack("<q", 1492244802))
    data = b"".join([
        section(),
        interface(101, options=resolution(9) + bytes(4)),
        interface(101, options=resolution(3)),
        interface(101, options=resolution(0x8A)),
        interface(101, options=offset),
        interface(101, options=resolution(19)),
        interface(101, options=option(14, struct.pack("<q", -10))),
        enhanced(u(PING), 0, US * 1000 + 999),
        enhanced(u(PING), 1, US // 1000),
        enhanced(u(PING), 2, (1492244802 << 10) + 512),
        enhanced(u(PING), 3, 214119),
        enhanced(u(PING), 4, 15 * 10 ** 18),
        enhanced(u(PING), 5, US)])
    same(times(decode(data)),
         [1492244802.214119, 1492244802.214, 1492244802.5, 1492244802.214119,
          1.5, 1492244792.214119])
    for value in (20, 0x80 | 64):
        run = decode(section() + interface(101, options=resolution(value)))
        same(run.code, CANNOT, value)
        assert "at byte 28 " in run.err and "resolution" in run.err, run.err


@test
def simple_packets_are_as_long_as_captured():
    whole = u(PING)
    for order in "<>":
        run = decode(section(order) + interface(101, order)
                     + simple(whole, order=order))
        same([len(run.messages), run.code], [1, 0], order)
    run = decode(section() + interface(101, snap=len(whole))
                 + simple(whole, len(whole) + 100))
    same([len(run.messages), run.code], [1, 0])


@test
def damage_is_named_with_its_place():
    good = section() + interface(101) + enhanced(u(PING))
    at = len(good)
    long = struct.pack("<II", 6, 1 << 30)
    for data, words in {
            good + enhanced(u(PING), 7): "interface 7",
            good + long + bytes(90): "length",
            good + block(6, bytes(8)): "too short",
            good + block(1, b""): "too short",
            good + block(3, struct.pack("<I", 99) + bytes(9)): "shorter",
            good + block(6, bytes(20))[:-4] + bytes(4): "at its end",
            good + struct.pack("<III", 5, 14, 0): "length",
            good + struct.pack("<III", 0x0A0D0D0A, 28, 7) + bytes(16):
            "byte-order magic",
            good + interface(1, options=struct.pack("<HH", 2, 500)): "option",
    }.items():
        run = decode(data)
        same([len(run.messages), run.code], [1, CANNOT], words)
        same(run.err.count("\n"), 1, run.err)
        assert f"at byte {at} " in run.err and words in run.err, run.err
        assert "behind packet 1" in run.err, run.err
    run = decode(b"\n\nno capture at all\n")
    same([run.code, run.err.count("\n")], [CANNOT, 1])


@test
def truncation_anywhere_is_survived():
    data = b"".join([section(), interface(1, options=option(9, b"\x09")),
                     interface(101), enhanced(ethernet(u(PING))),
                     section(">"), interface(101, ">"),
                     simple(u(PING), order=">")])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cut.pcapng")
        for n in range(1, len(data)):
            with open(path, "wb") as file:
                file.write(data[:n])
            run = Run("--json", path)
            assert run.code in (0, 1, CANNOT), (n, run.code)
            same(run.err.count("\n"), run.code // CANNOT, n)
    same(len(decode(data).messages), 2)


@test
def links_that_are_unknown_are_told():
    usb = section() + interface(220) + interface(101) + enhanced(b"usb!")
    run = decode(usb)
    same([run.messages, run.code], [[], CANNOT])
    assert "link type 220" in run.err, run.err
    run = decode(usb + enhanced(u(PING), 1))
    same([len(run.messages), run.code], [1, 0])
    assert "packets passed over: 1, as link type 220" in run.err, run.err


@test
def annotated_copies_keep_links_and_times():
    with tempfile.TemporaryDirectory() as folder:
        path, out, plain = (os.path.join(folder, name)
                            for name in ("in", "out", "plain"))
        for name, data in ((path, mixed("<") + mixed(">")),
                           (plain, pcap([u(PING)], 101))):
            with open(name, "wb") as file:
                file.write(data)
        first = Run("--json", "--annotate", out, path, plain)
        second = Run("--json", out)
        same([first.err, second.err], ["", ""])
        same(times(second), times(first))
        same(len(second.messages), 7)


@test
def compressed_captures_are_told():
    for data in (pcap([u(PING)]), mixed()):
        run = decode(gzip.compress(data))
        same(run.code, CANNOT)
        assert "is gzip'ed: gunzip it first\n" in run.err, run.err


sys.exit(main())
