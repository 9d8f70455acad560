# SPDX-License-Identifier: MIT
"""A name server over UDP whose zone is a table, and that writes down what it
was asked."""
import socket
import struct

from programs import Listener

A, SOA, AAAA, SRV, NAPTR = 1, 6, 28, 33, 35
SERVFAIL, NXDOMAIN = 2, 3


def name(text):
    """A name in labels."""
    labels = [label for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in labels) + b"\0"


def string(text):
    """A character-string."""
    return bytes([len(text)]) + text.encode()


def a(address):
    """An A record."""
    return A, socket.inet_aton(address)


def srv(priority, weight, port, target):
    """An SRV record."""
    return SRV, struct.pack("!HHH", priority, weight, port) + name(target)


def naptr(order, preference, flags, service, replacement, regexp=""):
    """A NAPTR record."""
    return NAPTR, (struct.pack("!HH", order, preference) + string(flags)
                   + string(service) + string(regexp) + name(replacement))


class Dns(Listener):
    """ZONE: name to list of records; None: SERVFAIL. With MUTE it never
    answers."""

    def __init__(self, zone, mute=False):
        self.zone, self.mute, self.asked = zone, mute, []
        super().__init__()

    def take(self, datagram, source):
        answer = self.answer(datagram)
        if not self.mute:
            self.socket.sendto(answer, source)

    def answer(self, query):
        """What the zone has."""
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = struct.unpack_from("!H", query, at + 1)[0]
        question = query[12:at + 5]
        asked = ".".join(labels).lower()
        self.asked.append((kind, asked))
        records = self.zone.get(asked, [])
        code = (SERVFAIL if records is None
                else 0 if asked in self.zone else NXDOMAIN)
        fitting = [data for one, data in records or [] if one == kind]
        rows = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
            for data in fitting)
        return query[:2] + struct.pack(
            "!HHHHH", 0x8580 | code, 1, len(fitting), 0, 0) + question + rows
