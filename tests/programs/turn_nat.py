# SPDX-License-Identifier: MIT
"""A NAT between a client and a real server: it counts the requests, and does
on purpose what NATs and the boxes beside them do by mistake."""
import contextlib
import json
import os
import select
import socket
import struct
import threading
import time
import unittest

from programs import (ALLOCATE, INTEGRITY, LIFETIME, NONCE, REFRESH,
                      attributes_of, message, run)
from turn_servers import SERVERS
from turn_talk import UDP, Client

ALICE = ("-u", "alice", "-w", "secret")


def is_request(datagram):
    """A STUN request: the two bits of the class are 0."""
    return len(datagram) >= 20 and datagram[0] < 0x40 and (
        struct.unpack_from("!H", datagram)[0] & 0x0110) == 0


def method_of(datagram):
    """The method of a request."""
    return struct.unpack_from("!H", datagram)[0]


class Nat:
    """Each client has a port of its own at the server; with SAME all have one,
    which is known from before; with ROAM each request comes from another.
    OUT and BACK see each datagram, and return it, another, or None. There and
    back takes DELAY seconds."""

    def __init__(self, server, *, same=False, roam=False, out=None, back=None,
                 delay=0):
        self.server, self.same, self.roam = server, same, roam
        self.out, self.back, self.delay = out, back, delay
        self.passed = 0
        self.inside = self.bind()
        self.address = self.inside.getsockname()
        self.port = self.address[1]
        self.outside, self.clients = {}, {}
        self.first = self.bind() if same else None
        self.requests = []  # of clients: their port, and the datagram
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    @staticmethod
    def bind():
        """A socket on a free port."""
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
        return one

    def socket_of(self, client):
        """The socket that stands for CLIENT outside."""
        if self.same:
            one = self.first
        elif self.roam or client not in self.outside:
            one = self.bind()
        else:
            one = self.outside[client]
        self.outside[client], self.clients[one] = one, client
        return one

    def serve(self):
        """Translate until the end."""
        while not self.over.is_set():
            ready = select.select([self.inside, *self.clients], [], [],
                                  0.05)[0]
            for one in ready:
                with contextlib.suppress(OSError):
                    self.translate(one)

    def translate(self, one):
        """A datagram has come from a client, or for one."""
        datagram, source = one.recvfrom(65536)
        self.passed += 1
        time.sleep(self.delay / 2)
        if one is not self.inside:
            datagram = self.back(datagram) if self.back else datagram
            if datagram is not None:
                self.inside.sendto(datagram, self.clients[one])
            return
        if is_request(datagram):
            self.requests.append((source[1], datagram))
        datagram = self.out(datagram) if self.out else datagram
        if datagram is not None:
            self.socket_of(source).sendto(datagram, self.server)

    def before(self, method, act):
        """When the first request of METHOD with credentials comes, ACT, and
        let it go on."""
        def out(datagram):
            if (is_request(datagram) and method_of(datagram) == method
                    and INTEGRITY in attributes_of(datagram)):
                self.out = None
                act(datagram)
            return datagram

        self.out = out

    def give_to_bob(self, datagram):
        """Whose allocation was that of this client: now it is bob's. DATAGRAM
        has a nonce that is good there."""
        for user, password in ("alice", "secret"), ("bob", "word"):
            other = Client(self.server, user, password)
            other.close()
            other.socket = next(iter(self.clients))
            other.nonce = attributes_of(datagram)[NONCE]
            if user == "alice":
                other.ask(REFRESH, (LIFETIME, bytes(4)))
            else: # coturn says 437 for a second
                self.log_in(other)

    @staticmethod
    def log_in(other, patience=10):
        """Allocate as soon as the server asks for credentials."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            answer = other.exchange(message(ALLOCATE, os.urandom(12), UDP))
            other.nonce = answer.attributes.get(NONCE)
            if other.nonce is not None:
                other.allocate()
                return
            time.sleep(0.1)

    def rebind(self, *_):
        """Forget which port is whose."""
        self.outside.clear()

    def tries(self):
        """How many requests for the same thing had credentials, by the client
        that had the most; copies count once."""
        seen = {}
        for port, datagram in self.requests:
            attributes = attributes_of(datagram)
            if INTEGRITY in attributes:
                what = method_of(datagram), attributes.get(LIFETIME)
                seen.setdefault((port, what), set()).add(datagram[8:20])
        return max((len(tids) for tids in seen.values()), default=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for one in {self.inside, self.first, *self.clients}:
            if one is not None:
                one.close()


class NatCase(unittest.TestCase):
    """turn-client, a NAT, and real servers."""

    def server(self, kind, *words):
        """A server that ends with the test."""
        server = kind(*words)
        self.addCleanup(server.end)
        return server

    def finds(self, server, expected, *words, seconds=12, tries=2, **nat):
        """What comes of it through a NAT, how soon, after how many tries."""
        with Nat(("127.0.0.1", server.port), **nat) as middle:
            return self.through(middle, expected, *words, seconds=seconds,
                                tries=tries)

    def through(self, middle, expected, *words, seconds=12, tries=2):
        """The same, through a NAT that is there already."""
        done = run("turn-client", "--json", *(words or ALICE),
                   f"turn:127.0.0.1:{middle.port}", patience=60)
        said = json.loads(done.out)
        finding = said["finding"] and said["finding"]["finding"]
        self.assertEqual((done.code, finding), expected, done.out)
        self.assertLess(done.seconds, seconds)
        self.assertLessEqual(middle.tries(), tries)
        return said

    def each(self, act, *words):
        """ACT with both servers, one after the other."""
        for kind in SERVERS:
            with self.subTest(server=kind.name):
                server = kind(*words)
                try:
                    act(server)
                finally:
                    server.end()
