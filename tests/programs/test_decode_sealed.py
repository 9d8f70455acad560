#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode says of TURN that is encrypted: that it cannot look
inside, and who has issued the certificate.

usage: test_decode_sealed.py [TEST...]
"""
import os
import struct
import sys

from captures import SYN, ipv4, pcap, stun, tcp
from decode_run import A, B, FOLDER, Run, decode, main, same, test

ACK = 0x10


def capture(name):
    with open(os.path.join(FOLDER, name + ".pcap"), "rb") as file:
        return file.read()


def told(n):
    one = n == 1
    return (f"stun-decode: {n} connection{'' if one else 's'} to TURN servers "
            f"{'is' if one else 'are'} encrypted with TLS or DTLS: what is in "
            f"{'it' if one else 'them'} cannot be seen\n")


@test
def what_is_encrypted_is_told_and_is_no_fault():
    for name in ("sealed-tls", "sealed-dtls"):
        for args in ((), ("-v",), ("--json",), ("--sessions",)):
            run = Run(*args, "FILE", data=capture(name))
            same([run.code, run.out, run.err], [0, "", told(2)], name)


@test
def certificates_of_inspectors_are_found_D12():
    run = decode(capture("tls-intercepted"))
    same([run.ids(), run.code, run.err],
         [["SAT-TLS-INTERCEPTED"], 1, told(1)])
    text = run.findings[0]["text"]
    assert '"O=Fortinet,CN=FGVM0123456789"' in text, text
    assert "Fortinet issues such certificates" in text, text


@test
def two_issuers_of_a_certificate_are_found_D12():
    run = decode(capture("tls-two-issuers"))
    same(run.ids(), ["SAT-TLS-INTERCEPTED"])
    text = run.findings[0]["text"]
    for word in ("Example Trust CA 1", "Company Web Gateway",
                 "or the server has changed"):
        assert word in text, text
    same(len(run.findings[0]["frames"]), 2)
    same(decode(capture("tls-one-issuer")).findings, [])


@test
def certificates_in_pieces_are_read_D12():
    whole = capture("tls-intercepted")
    packets, at = [], 24
    while at < len(whole):
        size = struct.unpack_from("<I", whole, at + 8)[0]
        packets.append(whole[at + 16 + 14:at + 16 + size])
        at += 16 + size
    pieces = []
    for packet in packets:
        head = 20 + (packet[32] >> 4) * 4
        ports, seq = packet[20:24], struct.unpack_from("!I", packet, 24)[0]
        data = packet[head:struct.unpack_from("!H", packet, 2)[0]]
        if len(data) < 500:
            pieces.append(packet)
            continue
        for i in range(0, len(data), 50):
            pieces.append(ipv4("127.0.0.1", "127.0.0.1", 6, ports
                               + tcp(0, 0, seq + i, data[i:i + 50])[4:]))
    assert len(pieces) > len(packets) + 5
    same(decode(pcap(pieces)).ids(), ["SAT-TLS-INTERCEPTED"])


@test
def damaged_certificates_are_survived_D12():
    whole = bytearray(capture("tls-two-issuers"))
    for at in range(700, len(whole), 41):
        data = bytearray(whole)
        data[at] ^= 0x55
        assert decode(bytes(data)).code in (0, 1, 3), at


@test
def connections_that_begin_before_the_capture_are_told():
    def t(seq, data=b"", flags=ACK, back=False):
        ends, ports = ((B, A), (5349, 7)) if back else ((A, B), (7, 5349))
        return ipv4(*ends, 6, tcp(*ports, seq, data, flags))
    sealed = b"\x17\x03\x03\0\x60" + stun(1, "request", 1) * 4 + bytes(16)
    packets = [t(9, sealed), t(9, sealed, back=True), t(9 + len(sealed), sealed)]
    run = decode(pcap(packets))
    same([run.messages, run.findings, run.err], [[], [], told(1)])
    same(decode(pcap([t(9, flags=SYN)])).err, "")


if __name__ == "__main__":
    sys.exit(main())
