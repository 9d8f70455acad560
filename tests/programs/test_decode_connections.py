#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode says of connections, redirects, silences and tunnels,
and its summaries of sessions.

usage: test_decode_connections.py [TEST...]
"""
import struct
import sys

from captures import (FIN, RST, SYN, attribute, error, ethernet, ipv4, ipv6,
                      key, pcap, stun, tcp, udp, xor_address)
from decode_run import A, B, PING, decode, main, same, test, u
from decode_talk import P, R, U, asks, begun

ACK = 0x10


def t(seq, data=b"", flags=ACK, back=False, port=3478):
    """A segment of the client, or of the server."""
    if back:
        return ipv4(B, A, 6, tcp(port, 40000, seq, data, flags))
    return ipv4(A, B, 6, tcp(40000, port, seq, data, flags))


def opened(*rest, port=3478):
    return pcap([t(9, flags=SYN, port=port),
                 t(99, flags=SYN | ACK, back=True, port=port), *rest])


def ids(data, *args):
    return decode(data, *args).ids()


@test
def connections_are_judged_D07_D08_D09_D13():
    same(ids(pcap([t(9, flags=SYN), t(0, flags=RST | ACK, back=True)])),
         ["SAT-TCP-REFUSED"])
    same(ids(pcap([t(9, flags=SYN)] * 3)), ["SAT-TCP-FILTERED"])
    same(ids(pcap([t(9, flags=SYN, port=8080)] * 3)), [])
    ask = stun(3, "request", 1)
    same(ids(opened(t(10, ask), t(100, b"HTTP/1.1 400 Bad\r\n", back=True))),
         ["SAT-NOT-TURN"])
    same(ids(opened(t(10, ask), t(100, bytes.fromhex("15030100020246"),
                                  back=True))), ["SAT-NOT-TURN"])
    same(ids(opened(t(10, ask), t(100, flags=FIN | ACK, back=True))),
         ["SAT-NOT-TURN"])
    later = (1492244802.3 + 30, u(PING, dport=9))
    found = ids(pcap([t(9, flags=SYN), t(99, flags=SYN | ACK, back=True),
                      t(10, ask), later]))
    same(found, ["SAT-TCP-SILENT"])
    same(ids(opened(t(10, PING), t(100, stun(1, "success", 1), back=True),
                    t(132, flags=FIN | ACK, back=True))), [])


HELLO = bytes.fromhex("1603010005010000010000")


@test
def handshakes_are_judged_D11():
    for alert, want in ((45, "SAT-TLS-EXPIRED"), (48, "SAT-TLS-ISSUER"),
                        (43, "SAT-TLS-CERTIFICATE"), (42, "SAT-TLS-CLIENT"),
                        (70, "SAT-TLS-VERSION"), (120, "SAT-TLS-ALPN")):
        packets = (t(10, HELLO, port=5349),
                   t(100, bytes.fromhex("16030300050200000100"), back=True,
                     port=5349),
                   t(30, bytes.fromhex("150303000202") + bytes([alert]),
                     port=5349))
        same(ids(opened(*packets, port=5349)), [want], alert)
    refused = t(100, bytes.fromhex("15030300020228"), back=True, port=5349)
    same(ids(opened(t(10, HELLO, port=5349), refused, port=5349)),
         ["SAT-TLS-REFUSED"])
    same(ids(opened(t(10, HELLO, port=5349),
                    t(100, flags=RST, back=True, port=5349), port=5349)),
         ["SAT-TLS-CLOSED"])
    other = opened(t(10, HELLO, port=443),
                   t(100, flags=RST, back=True, port=443), port=443)
    same(ids(other), [])
    dtls = bytes.fromhex("16fefd000000000000000000050100000100")
    same(ids(pcap([u(dtls, dport=5349)] * 3)), ["SAT-TLS-SILENT"])


@test
def icmp_of_both_versions_is_read_D05_D06():
    lost6 = ipv6("2001:db8::1", "2001:db8::2", 17, udp(50000, 3478, PING))
    for kind, code, want in ((1, 4, "PORT-CLOSED"), (1, 0, "UNREACHABLE"),
                             (3, 0, "UNREACHABLE")):
        icmp = struct.pack("!BBHI", kind, code, 0, 0) + lost6
        back = ipv6("2001:db8::2", "2001:db8::1", 58, icmp)
        same(ids(pcap([lost6, back])), ["SAT-" + want], (kind, code))
    icmp = struct.pack("!BBHI", 11, 0, 0, 0) + u(PING)
    same(ids(pcap([u(PING), ipv4("10.9.9.9", A, 1, icmp)])),
         ["SAT-UNREACHABLE"])
    syn = t(9, flags=SYN)
    icmp = struct.pack("!BBHI", 3, 13, 0, 0) + syn
    same(ids(pcap([syn, ipv4("10.9.9.9", A, 1, icmp), syn])),
         ["SAT-UNREACHABLE"])


@test
def redirects_in_circles_and_to_nowhere_are_found_D57_D58():
    def sent(server, target, tid):
        where = struct.pack("!BBH4B", 0, 1, 3478, *map(int, target.split(".")))
        return [u(stun(3, "request", tid), dst=server),
                ipv4(server, A, 17, udp(3478, 50000, stun(
                    3, "error", tid, error(300), attribute(0x8023, where))))]
    one, two = "192.0.2.1", "192.0.2.2"
    found = ids(pcap(sent(one, two, 1) + sent(two, one, 2)))
    assert "SAT-REDIRECT-LOOP" in found, found
    found = ids(pcap(sent(one, two, 1)
                     + [u(stun(3, "request", 5), dst=two)] * 3))
    assert "SAT-REDIRECT-DEAD" in found and "SAT-UDP-SILENT" not in found


@test
def partial_silence_is_found_D03_D22_D75():
    spaced = lambda packets: pcap([(1000 + 2 * i, p)
                                   for i, p in enumerate(packets)])
    pair = [u(PING), ipv4(B, A, 17, udp(3478, 50000, stun(1, "success", 1)))]
    same(ids(spaced(pair + [u(stun(3, "request", 7))] * 4)),
         ["SAT-TURN-OFF"])
    challenged = begun().packets
    same(ids(spaced(challenged + [u(asks(9))] * 4)), ["SAT-AUTH-SILENT"])
    granted = begun().ask(asks(2)).answer(stun(
        3, "success", 2, attribute(0x16, xor_address("203.0.113.5", 5)),
        attribute(0xD, struct.pack("!I", 600)), key=key(U, R, P))).packets
    same(ids(spaced(granted + [u(asks(8, method=4))] * 4)),
         ["SAT-PATH-LOST"])


@test
def tunnels_and_rare_links_are_read():
    ip = u(PING)
    frame = ethernet(ip)
    llc = bytes.fromhex("aaaa030000000800") + ip
    wlan = bytes([0x08, 1]) + bytes(22) + llc
    qos = bytes([0x88, 1]) + bytes(24) + llc
    cases = {
        "ipip": pcap([ipv4("1.1.1.1", "2.2.2.2", 4, ip)]),
        "6in4": pcap([ipv4("1.1.1.1", "2.2.2.2", 41, ipv6(
            "::1", "::2", 17, udp(1, 3478, PING)))]),
        "gre": pcap([ipv4("1.1.1.1", "2.2.2.2", 47,
                          bytes.fromhex("00000800") + ip)]),
        "vxlan": pcap([u(bytes([8]) + bytes(7) + frame, dport=4789)]),
        "geneve": pcap([u(bytes.fromhex("0000655800000000") + frame,
                          dport=6081)]),
        "gtp": pcap([u(bytes.fromhex("30ff") + struct.pack("!HI", len(ip), 1)
                       + ip, dport=2152)]),
        "pppoe": pcap([bytes(12) + bytes.fromhex("8864110000010000") + b"\0\x21"
                       + ip], 1),
        "mpls": pcap([bytes(12) + bytes.fromhex("884700010040")
                      + bytes.fromhex("00013140") + ip], 1),
        "ppp": pcap([bytes.fromhex("ff030021") + ip], 9),
        "wlan": pcap([wlan], 105),
        "qos": pcap([qos], 105),
        "radiotap": pcap([struct.pack("<BBHI", 0, 0, 8, 0) + wlan], 127),
        "nflog": pcap([bytes(4) + struct.pack("<HH", 4 + len(ip), 9) + ip],
                      239),
    }
    for name, data in cases.items():
        run = decode(data)
        same([m["method"] for m in run.messages], ["Binding"], name)


@test
def sessions_are_summed_up():
    reply = ipv4(B, A, 17, udp(3478, 50000, stun(
        1, "success", 1, attribute(0x20, xor_address("203.0.113.9", 7)))))
    run = decode(pcap([u(PING), reply]), "--sessions")
    (one,) = [m for m in run.messages if "session" in m]
    same([one[k] for k in ("src", "dst", "requests", "answers", "mapped",
                           "errors")],
         [A + ":50000", B + ":3478", 1, 1, "203.0.113.9:7", {}])
    same(one["rtt"]["mean_us"], 20000)


if __name__ == "__main__":
    sys.exit(main())
