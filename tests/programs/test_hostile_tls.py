# SPDX-License-Identifier: MIT
"""turn-server among handshakes of TLS and DTLS that are begun and left:
T-018, T-420, T-424, T-722."""
import os
import select
import socket
import ssl
import struct
import time

from certificate import make
from hostile import Hostile, setUpModule  # pylint: disable=unused-import
from programs import PATIENCE, main
from test_hostile_datagrams import hello

# What a session may cost, in KiB: GnuTLS has its buffers in it.
SESSION = 96

# Connections or sessions of one address (docs/security.md).
SOURCE_MAX = 512


def context():
    """A client that believes everybody."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def client_hello():
    """The first message of TLS."""
    out = ssl.MemoryBIO()
    session = context().wrap_bio(ssl.MemoryBIO(), out)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def with_cookie(first, answer):
    """The ClientHello FIRST again, with the cookie of ANSWER."""
    cookie = answer[13 + 12 + 2:]  # a length, and the cookie
    body = first[25:]
    body = body[:35] + cookie + body[36:]
    size = len(body).to_bytes(3, "big")
    handshake = b"\1" + size + b"\0\1" + b"\0\0\0" + size + body
    return (b"\x16\xfe\xff" + bytes(7) + b"\1"
            + struct.pack("!H", len(handshake)) + handshake)


class HalfOpen(Hostile):
    """What is begun and left."""

    @classmethod
    def setUpClass(cls):
        cls.directory, cls.words = make()
        cls.addClassCleanup(cls.directory.cleanup)

    def start(self, *words):
        """The server, and where it listens for TLS."""
        # pylint: disable=attribute-defined-outside-init
        server = super().start(*self.words, *words)
        self.tls = ("127.0.0.1", next(
            int(line.rpartition(":")[2]) for line in server.lines
            if line.startswith("listening tls ")))
        self.dtls = ("127.0.0.1", next(
            (int(line.rpartition(":")[2]) for line in server.lines
             if line.startswith("listening dtls ")), self.tls[1]))
        return server

    def descriptors(self):
        """How many files the server has open."""
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def connect(self, source="127.0.0.1"):
        """A connection to the port of TLS."""
        sock = socket.create_connection(self.tls, 10, (source, 0))
        self.addCleanup(sock.close)
        return sock

    def secured(self, sock):
        """SOCK after the handshake."""
        made = context().wrap_socket(sock)
        self.addCleanup(made.close)
        return made

    def wait_for(self, condition, patience=PATIENCE):
        """Until it comes true."""
        deadline = time.monotonic() + patience
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(condition())

    def test_T424_handshakes_that_are_left(self):
        self.start("--max-allocate-timeout=4")
        files, whole = self.descriptors(), client_hello()
        self.assertGreater(len(whole), 100)
        held, peak, most = [], 0, 0
        for i in range(450):
            held.append(self.connect())
            # Nothing, the beginning of a ClientHello, all of it; or all of
            # the handshake, and no word then.
            if i < 400:
                held[-1].sendall(whole[:(0, 3, 60, len(whole))[i % 4]])
            else:
                held[-1] = self.secured(held[-1])
            if i % 50 == 49:
                peak = max(peak, self.memory())
                most = max(most, self.descriptors() - files)
        print(f"figure | {most} handshakes | {self.before} | {peak}",
              flush=True)
        self.assertGreater(most, 40)
        self.assertLess(peak - self.before, 450 * SESSION)
        # 4 s without an allocation, 10 s for a handshake: T-018.
        self.wait_for(lambda: self.descriptors() <= files)
        self.survives("450 handshakes of TLS that are left", 450,
                      450 * SESSION)

    def test_T424_connections_of_one_address(self):
        self.start("--relay-threads=1")
        closed, held = 0, []
        for _ in range(SOURCE_MAX + 50):
            try:
                held.append(self.connect())
            except ConnectionError:
                closed += 1
        self.wait_for(lambda: closed + len(
            select.select(held, [], [], 0)[0]) >= 50)
        self.assertEqual(closed + len(select.select(held, [], [], 0)[0]), 50)
        # Others are none the worse for it.
        other = self.secured(self.connect("127.0.0.2"))
        self.assertIsNotNone(other.version())
        self.survives("562 connections of one address", 562, 512 * SESSION)

    def begin(self, source):
        """A DTLS client that has shown its address: what it is told."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.bind((source, 0))
        sock.connect(self.dtls)
        sock.settimeout(5)
        first = hello()
        sock.send(first)
        sock.send(with_cookie(first, sock.recv(2048)))
        return sock

    def test_T722_T424_cookies_and_then_silence(self):
        self.start("--relay-threads=1")
        held = [self.begin("127.0.0.1") for _ in range(SOURCE_MAX + 50)]
        taken = [sock for sock in held
                 if select.select([sock], [], [], 0.05)[0]]
        self.assertEqual(len(taken), SOURCE_MAX)
        self.assertEqual(taken[0].recv(2048)[13], 2)  # ServerHello
        other = self.begin("127.0.0.2")
        self.assertEqual(other.recv(2048)[13], 2)
        self.survives("562 handshakes of DTLS that are left", 562,
                      SOURCE_MAX * SESSION)


if __name__ == "__main__":
    main()
