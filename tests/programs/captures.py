# SPDX-License-Identifier: MIT
"""Make STUN messages, packets and captures, with nothing of the code under
test."""
import binascii
import hashlib
import hmac
import ipaddress
import os
import struct

COOKIE = 0x2112A442
CLASSES = {"request": 0, "indication": 0x10, "success": 0x100, "error": 0x110}
RAW = 101
SYN, FIN, RST = 2, 1, 4


def attribute(kind, value=b""):
    value = value.encode() if isinstance(value, str) else value
    return (struct.pack("!HH", kind, len(value)) + value
            + bytes(-len(value) % 4))


def error(code, reason=""):
    return attribute(9, struct.pack("!HBB", 0, code // 100, code % 100)
                     + reason.encode())


def key(user, realm, password):
    return hashlib.md5(f"{user}:{realm}:{password}".encode()).digest()


def xor_address(ip, port):
    packed = int(ipaddress.IPv4Address(ip)) ^ COOKIE
    return struct.pack("!BBHI", 0, 1, port ^ 0x2112, packed)


def stun(method, cls, tid, *attributes, key=None, fingerprint=False):
    """A message; TID is a number."""
    body = b"".join(attributes)

    def whole(more):
        return struct.pack("!HHI12s", method | CLASSES[cls], len(body) + more,
                           COOKIE, tid.to_bytes(12, "big")) + body
    if key is not None:
        body += attribute(8, hmac.new(key, whole(24), "sha1").digest())
    if fingerprint:
        crc = binascii.crc32(whole(8)) ^ 0x5354554E
        body += attribute(0x8028, struct.pack("!I", crc))
    return whole(0)


def channel_data(number, data, padded=False):
    return (struct.pack("!HH", number, len(data)) + data
            + bytes(-len(data) % 4 if padded else 0))


def udp(src, dst, data):
    return struct.pack("!HHHH", src, dst, 8 + len(data), 0) + data


def tcp(src, dst, seq, data=b"", flags=0x10):
    return struct.pack("!HHIIBBHHH", src, dst, seq & 0xFFFFFFFF, 0, 0x50,
                       flags, 65535, 0, 0) + data


def ipv4(src, dst, protocol, data, ident=0, offset=0, more=False):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(data), ident,
                       offset // 8 | (0x2000 if more else 0), 64, protocol, 0,
                       ipaddress.IPv4Address(src).packed,
                       ipaddress.IPv4Address(dst).packed) + data


def ipv6(src, dst, protocol, data):
    return struct.pack("!IHBB16s16s", 6 << 28, len(data), protocol, 64,
                       ipaddress.IPv6Address(src).packed,
                       ipaddress.IPv6Address(dst).packed) + data


def ipv6_fragment(protocol, ident, offset, more, data):
    return struct.pack("!BBHI", protocol, 0, offset | more, ident) + data


def ethernet(packet, tags=()):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return (bytes(12) + b"".join(struct.pack("!HH", tag, 7) for tag in tags)
            + struct.pack("!H", kind) + packet)


def pcap(packets, link=RAW, start=1492244802.214119, step=0.02, snap=262144):
    """A capture; a packet may be a pair of its time and its bytes."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, link)]
    for i, packet in enumerate(packets):
        when = start + i * step
        if isinstance(packet, tuple):
            when, packet = packet
        us = round(when * 1000000)
        cut = packet[:snap]
        out.append(struct.pack("<IIII", us // 1000000, us % 1000000, len(cut),
                               len(packet)) + cut)
    return b"".join(out)


def pcapng(packets, link=RAW):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + size + body + size
    out = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
           block(1, struct.pack("<HHI", link, 0, 0))]
    for i, packet in enumerate(packets):
        us = 1492244802214119 + i * 20000
        out.append(block(6, struct.pack("<IIIII", 0, us >> 32, us & 0xFFFFFFFF,
                                        len(packet), len(packet)) + packet))
    return b"".join(out)


class Talk:
    """A client and a server, and the packets between them."""

    def __init__(self, client="10.0.0.1", server="192.0.2.1", port=50000):
        self.client, self.server, self.port = client, server, port
        self.packets = []

    def ask(self, data):
        self.packets.append(ipv4(self.client, self.server, 17,
                                 udp(self.port, 3478, data)))
        return self

    def answer(self, data):
        self.packets.append(ipv4(self.server, self.client, 17,
                                 udp(3478, self.port, data)))
        return self


def write_index(path, columns, made, whole):
    """The table of a folder's captures. If they were not all made anew (WHOLE),
    the rows of the others stay."""
    rows = {line.split("\t")[0]: line for line in made}
    if not whole and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            old = [line.rstrip("\n") for line in file]
        rows = {line.split("\t")[0]: line for line in old
                if not line.startswith("#")} | rows
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"# SPDX-License-Identifier: MIT\n# {columns}\n")
        file.write("".join(line + "\n" for line in rows.values()))
