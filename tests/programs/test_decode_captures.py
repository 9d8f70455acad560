#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test how stun-decode reads captures: link layers, fragments, streams, nested
messages.

usage: test_decode_captures.py [TEST...]
"""
import os
import random
import struct
import sys
import tempfile

from captures import (FIN, RST, SYN, Talk, attribute, channel_data, ethernet,
                      ipv4, ipv6, ipv6_fragment, pcap, pcapng, stun, tcp, udp,
                      xor_address)
from decode_run import A, B, PING, Run, decode, main, same, test, u, vector
from decode_talk import CARRIED, big_message, stream


@test
def link_layers_are_read():
    p4, p6 = u(PING), ipv6("2001:db8::1", "2001:db8::2", 17,
                           udp(50000, 3478, PING))
    sll = struct.pack("!HHH8sH", 0, 1, 6, b"", 0x0800) + p4
    sll2 = struct.pack("!HHIHBB8s", 0x86DD, 0, 1, 1, 0, 6, b"") + p6
    cases = {
        "ethernet": (pcap([ethernet(p4), ethernet(p6)], 1), 2),
        "vlan": (pcap([ethernet(p4, [0x8100])], 1), 1),
        "qinq": (pcap([ethernet(p6, [0x88A8, 0x8100])], 1), 1),
        "raw": (pcap([p4, p6], 101), 2),
        "ipv4": (pcap([p4], 228), 1),
        "ipv6": (pcap([p6], 229), 1),
        "sll": (pcap([sll], 113), 1),
        "sll2": (pcap([sll2], 276), 1),
        "null": (pcap([struct.pack("<I", 2) + p4], 0), 1),
        "loop": (pcap([struct.pack(">I", 24) + p6], 108), 1),
        "pcapng": (pcapng([p4, p6]), 2),
    }
    for name, (data, n) in cases.items():
        run = decode(data)
        same([m["method"] for m in run.messages], ["Binding"] * n, name)
    same(run.messages[1]["src"], "[2001:db8::1]:50000")
    same(run.messages[0]["time"], 1492244802.214119)
    same([run.messages[0][k] for k in ("transport", "dst", "frame")],
         ["udp", "192.0.2.1:3478", 1])


@test
def standard_input_is_read():
    run = Run("--json", "-", data=pcap([u(PING)]))
    same(run.messages[0]["file"], "-")


@test
def ipv6_extensions_are_passed_over():
    inner = bytes([60, 0]) + bytes(6) + bytes([17, 1]) + bytes(14) \
        + udp(1, 2, PING)
    run = decode(pcap([ipv6("::1", "::2", 0, inner)]))
    same(run.messages[0]["dst"], "[::2]:2")


@test
def fragments_are_put_together():
    data = udp(50000, 3478, big_message())
    for seed in range(8):
        parts = list(range(0, len(data), 600))
        random.Random(seed).shuffle(parts)
        v4 = [ipv4(A, B, 17, data[p:p + 600], 7, p, p + 600 < len(data))
              for p in parts]
        v6 = [ipv6("::1", "::2", 44, ipv6_fragment(
            17, 9, p, p + 600 < len(data), data[p:p + 600])) for p in parts]
        run = decode(pcap(v4[:2] + v6 + v4[:1] + v4[2:]))
        same([(m["verdict"], m["frame"]) for m in run.messages],
             [("ok", 2 + len(v6)), ("ok", 1 + len(v4) + len(v6))], seed)


@test
def impossible_fragments_do_no_harm():
    data = udp(50000, 3478, big_message())
    packets = [ipv4(A, B, 17, data[16:24], 7, 16, True),
               ipv4(A, B, 17, data[40:48], 7, 40, True),
               ipv4(A, B, 17, data[:8], 7, 0, True),
               ipv4(A, B, 17, data[16:24], 7, 16, False),
               ipv4(A, B, 17, data[:64], 8, 65528, True),
               ipv4(A, B, 17, b"", 9, 8, False)]
    same(decode(pcap(packets)).messages, [])


@test
def tcp_streams_are_reassembled():
    first = ipv4(A, B, 6, tcp(50001, 3478, 0xFFFFFEFF, flags=SYN))
    same(len(decode(pcap([first] + stream(CARRIED, []))).messages), 4)
    bytewise = decode(pcap([first] + stream(CARRIED, range(len(CARRIED)))))
    same([m["kind"] for m in bytewise.messages],
         ["stun", "channel-data", "stun", "stun"])
    same([m["verdict"] for m in bytewise.messages], ["ok"] * 4)
    same(bytewise.messages[0]["transport"], "tcp")
    for seed in range(20):
        dice = random.Random(seed)
        cuts = [dice.randrange(len(CARRIED)) for _ in range(30)]

        def shuffled(n):
            order = list(range(n)) + [dice.randrange(n) for _ in range(9)]
            dice.shuffle(order)
            return order
        run = decode(pcap([first] + stream(CARRIED, cuts, shuffled)))
        same([m["length"] for m in run.messages],
             [m["length"] for m in bytewise.messages], seed)


@test
def tcp_overlaps_and_copies_count_once():
    packets = [ipv4(A, B, 6, tcp(1, 2, 100 + at, CARRIED[at:at + 50]))
               for at in range(0, len(CARRIED), 20)]
    same(len(decode(pcap(packets)).messages), 4)
    same(len(decode(pcap(packets + packets)).messages), 4)


@test
def tcp_begun_in_the_middle_finds_the_next_message():
    run = decode(pcap([ipv4(A, B, 6, tcp(1, 2, 5, b"rest of something")),
                       ipv4(A, B, 6, tcp(1, 2, 22, CARRIED))]))
    same(len(run.messages), 4)


@test
def tcp_that_ends_inside_a_message_is_truncated():
    cut = stun(3, "request", 1) + CARRIED[:-3]
    packets = stream(cut, [])
    end = ipv4(A, B, 6, tcp(50001, 3478, 0xFFFFFF00 + len(cut),
                            flags=FIN | 0x10))
    run = decode(pcap(packets + [end]))
    same([m["verdict"] for m in run.messages], ["ok"] * 4 + ["truncated"])
    same(run.code, 1)
    reset = ipv4(A, B, 6, tcp(50001, 3478, 0, flags=RST))
    same(len(decode(pcap(packets + [reset])).messages), 5)
    same(len(decode(pcap(packets)).messages), 4)


@test
def other_tcp_is_passed_over():
    packets = stream(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n" * 50, [9])
    run = decode(pcap(packets))
    same([run.messages, run.code], [[], 0])
    packets = stream(stun(1, "request", 2) + b"GET / HTTP/1.1\r\n", [])
    run = decode(pcap(packets))
    same([m["verdict"] for m in run.messages][0], "ok")


@test
def other_udp_is_passed_over_but_broken_stun_is_not():
    broken = bytearray(PING)
    broken[3] = 3
    run = decode(pcap([u(b"\x80" + bytes(30)), u(bytes(40)), u(b""),
                       u(bytes(broken)), u(PING[:15]),
                       u(channel_data(0x4000, b"x"))]))
    same([(m["frame"], m["verdict"], m["at"]) for m in run.messages],
         [(4, "malformed", 2), (5, "truncated", 15)])
    same(run.code, 1)


@test
def classic_messages_are_shown_on_their_port_S460():
    data = bytes.fromhex(vector("classic-binding-request.hex"))
    run = decode(pcap([u(data), u(data, dport=5000)]))
    same(len(run.messages), 1)
    same(run.messages[0]["transaction_id"], data[4:20].hex())


@test
def nested_messages_are_shown():
    inner = stun(1, "request", 77)
    talk = Talk().ask(channel_data(0x4000, inner))
    talk.ask(stun(3, "request", 1)).answer(channel_data(0x4000, inner))
    talk.ask(stun(6, "indication", 2, attribute(0x12, xor_address(B, 9)),
                  attribute(0x13, inner)))
    talk.answer(stun(7, "indication", 3, attribute(0x12, xor_address(B, 9)),
                     attribute(0x13, inner)))
    run = decode(pcap(talk.packets))
    same([(m["frame"], m["index"], m["kind"], m["method"])
          for m in run.messages],
         [(2, 1, "stun", "Allocate"), (3, 1, "channel-data", None),
          (3, 2, "stun", "Binding"), (4, 1, "stun", "Send"),
          (4, 2, "stun", "Binding"), (5, 1, "stun", "Data"),
          (5, 2, "stun", "Binding")])
    same(run.messages[1]["type"], "0x4000")


@test
def channels_of_rfc5766_are_shown_once_bound():
    bind = stun(9, "request", 2, attribute(0x0C, b"\x56\x08\0\0"),
                attribute(0x12, xor_address(B, 9)))
    data = channel_data(0x5608, b"abc")
    talk = Talk().ask(stun(3, "request", 1)).ask(data).ask(bind).answer(data)
    run = decode(pcap(talk.packets))
    same([(m["frame"], m["kind"], m["verdict"], m["type"])
          for m in run.messages][2:],
         [(4, "channel-data", "ok", "0x5608")])


@test
def several_files_are_named():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("a", "b")]
        for path in paths:
            with open(path, "wb") as file:
                file.write(pcap([u(PING)]))
        run = Run("--json", *paths)
        same([m["file"] for m in run.messages], paths)
        run = Run(*paths)
        assert run.out.startswith(f"{paths[0]}:1 "), run.out


sys.exit(main())
