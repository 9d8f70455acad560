# SPDX-License-Identifier: MIT
"""turn-server among floods of datagrams: T-420 to T-423, C-18, C-35."""
import os
import random
import socket
import struct
import subprocess
import time
import unittest

from hostile import (SECONDS, Hostile, answer_of, drain, plain_allocate,
                     senders, setUpModule)  # pylint: disable=unused-import
from programs import (ERROR, NONCE, REALM, USERNAME, attributes_of, main,
                      message, program)
from turn_talk import TURN_REALM, UDP, Client

# Bytes of the headers of IPv4 and UDP; of the header of Ethernet and its check
# sequence.
IP_LAYER, ETHERNET = 28, 18


def junk(over, count, address):
    """Random bytes of all lengths; STUN with random attributes; STUN cut
    short, lengthened, or with a bit flipped."""
    sock, = senders(1, address)
    rng = random.Random(1)
    while not over.is_set():
        for _ in range(64):
            body = rng.randbytes(rng.randrange(300))
            kind = rng.randrange(6)
            if kind == 0:
                data = rng.randbytes(rng.randrange(1500))
            elif kind == 1:
                data = struct.pack("!HHI", rng.randrange(0x4000), len(body),
                                   0x2112A442) + bytes(12) + body
            elif kind == 2:
                data = message(rng.randrange(0x200), rng.randbytes(12),
                               (rng.randrange(0x40), body))
            elif kind == 3:
                whole = message(3, rng.randbytes(12), UDP, (0x0006, body))
                data = whole[:rng.randrange(len(whole))]
            elif kind == 4:
                flipped = bytearray(message(3, rng.randbytes(12), UDP,
                                            (NONCE, body), (REALM, b"x"),
                                            key=b"k"))
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
                data = bytes(flipped)
            else:
                data = struct.pack("!HH", rng.randrange(0x4000, 0x10000),
                                   rng.randrange(65536)) + body
            try:
                sock.send(data)
                count.value += 1
            except (BlockingIOError, ConnectionError):
                pass
        drain(sock)


def allocates(over, count, address, n):
    """Allocates without credentials, of N ports on several addresses."""
    sockets = senders(n, address)
    while not over.is_set():
        for sock in sockets:
            try:
                sock.send(plain_allocate())
                count.value += 1
            except (BlockingIOError, ConnectionError):
                pass
            drain(sock)


def guesses(over, count, address):
    """Passwords, at line rate, for users that exist and that do not."""
    client = Client(address)
    client.challenge()
    users = [b"alice", b"bob"] + [b"user%d" % i for i in range(1000)]
    while not over.is_set():
        for user in users:
            client.send(message(
                3, os.urandom(12), UDP, (USERNAME, user),
                (REALM, TURN_REALM.encode()), (NONCE, client.nonce),
                key=os.urandom(16)))
            count.value += 1


def hello():
    """A ClientHello of DTLS 1.2 without a cookie."""
    suites = bytes.fromhex("c02bc02fc02cc030009c009d")
    groups = bytes.fromhex("000a00040002001d" "000d0006000404030401"
                           "000b00020100")
    body = (b"\xfe\xfd" + os.urandom(32) + b"\0\0"
            + struct.pack("!H", len(suites)) + suites + b"\1\0"
            + struct.pack("!H", len(groups)) + groups)
    size = len(body).to_bytes(3, "big")
    handshake = b"\1" + size + b"\0\0" + b"\0\0\0" + size + body
    return (b"\x16\xfe\xff" + bytes(8) + struct.pack("!H", len(handshake))
            + handshake)


def hellos(over, count, address, n):
    """The first message of DTLS, again and again."""
    sockets = senders(n, address)
    while not over.is_set():
        for sock in sockets:
            try:
                sock.send(hello())
                count.value += 1
            except (BlockingIOError, ConnectionError):
                pass
            drain(sock)


class Datagrams(Hostile):
    """One flood each."""

    def test_C35_junk(self):
        self.start()
        self.survives("junk over UDP",
                      self.attack(junk, self.address, processes=2))

    def test_T420_C18_allocates_of_one_port(self):
        self.start()
        self.survives("Allocates without credentials, of one port",
                      self.attack(allocates, self.address, 1))

    def test_T420_C18_allocates_of_many_ports(self):
        self.start()
        self.survives("Allocates without credentials, of 2000 ports on 251 "
                      "addresses", self.attack(allocates, self.address, 2000))

    def test_T423_guesses(self):
        server = self.start()
        count = self.attack(guesses, self.address)
        self.survives("passwords guessed over UDP", count)
        lines = server.log().count("TURN-AUTH-FAIL")
        self.assertLess(lines, 110 * (SECONDS + 2))

    def test_T061_no_more_than_100_a_second(self):
        server = self.start("--unauthorized-ratelimit=100")
        sock, = senders(1, self.address)
        self.addCleanup(sock.close)
        start, got = time.monotonic(), 0
        for _ in range(2000):
            sock.send(plain_allocate())
        while answer_of(sock, 0.5) is not None:
            got += 1
        self.assertGreater(got, 0)
        self.assertLessEqual(got, 100 * (time.monotonic() - start + 2))
        self.assertIsNone(server.process.poll())


class Secured(Hostile):
    """With a certificate."""

    @classmethod
    def setUpClass(cls):
        from certificate import make  # pylint: disable=import-outside-toplevel
        cls.directory, cls.words = make()
        cls.addClassCleanup(cls.directory.cleanup)

    def test_hellos_without_cookie(self):
        self.start(*self.words)
        self.survives("ClientHellos of DTLS without cookie, of 200 ports",
                      self.attack(hellos, self.address, 200))

    def test_answer_to_a_hello_is_smaller(self):
        self.start(*self.words)
        sock, = senders(1, self.address)
        self.addCleanup(sock.close)
        asked = hello()
        sock.send(asked)
        answer = answer_of(sock)
        self.assertEqual(answer[13], 3)  # HelloVerifyRequest
        print(f"figure | ClientHello | {len(asked)} | {len(answer)}")
        self.assertLess(len(answer), len(asked))


class Amplification(Hostile):
    """What a forged source address is sent for what was spent."""

    def factors(self, name, request, patience, address=None):
        """Bytes of the answer for each of the request: as packets of IP, and
        as frames of Ethernet."""
        host, port = address or self.address
        sock = socket.socket(socket.AF_INET6 if ":" in host else
                             socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.connect((host, port))
        sock.send(request)
        answer = answer_of(sock, patience)
        self.assertIsNone(answer_of(sock, 0.05))
        if answer is None:
            print(f"figure | {name} | {len(request)} | none", flush=True)
            return 0.0, 0.0
        layer = IP_LAYER + 20 * (":" in host)
        packets = [len(data) + layer for data in (request, answer)]
        frames = [max(64, size + ETHERNET) for size in packets]
        code = attributes_of(answer).get(ERROR) if answer[0] < 4 else None
        by_ip, by_frame = packets[1] / packets[0], frames[1] / frames[0]
        print(f"figure | {name} | {len(request)} | {len(answer)} | "
              f"{len(answer) / len(request):.2f} | {by_ip:.2f} | "
              f"{by_frame:.2f} | "
              f"{code[2] * 100 + code[3] if code else 'success'}", flush=True)
        return by_ip, by_frame

    def requests(self):
        """What strangers may ask: name, request, and the most that it may be
        answered with, in packets of IP; 0 for nothing at all."""
        other = Client(self.address)
        self.addCleanup(other.close)
        nonce = other.challenge().attributes[NONCE]
        credentials = ((USERNAME, b"a"), (REALM, TURN_REALM.encode()))
        tid = bytes(12)
        unknown = [(0x7000 + i, b"") for i in range(200)]
        return (
            ("Binding", message(1, tid), 1.3),
            ("Binding of RFC 3489", b"\0\1\0\0" + bytes(16), 0.0),
            ("Allocate", plain_allocate(), 2.0),
            ("Allocate, fingerprint",
             message(3, tid, UDP, fingerprint=True), 2.0),
            ("Allocate without attributes", message(3, tid), 2.34),
            ("Refresh without attributes", message(4, tid), 2.34),
            ("CreatePermission without attributes", message(8, tid), 2.34),
            ("ChannelBind without attributes", message(9, tid), 2.34),
            ("Connect without attributes", message(10, tid), 2.34),
            ("Allocate, unknown attribute",
             message(3, tid, (0x7777, b"")), 2.16),
            ("Binding, unknown attribute",
             message(1, tid, (0x7777, b"")), 1.3),
            ("Binding, 200 unknown attributes", message(1, tid, *unknown), 1.0),
            ("Allocate, integrity alone", message(3, tid, key=b""), 1.0),
            ("Allocate, wrong password", message(
                3, tid, UDP, *credentials, (NONCE, nonce), key=b"k"), 1.0),
            ("Allocate, foreign nonce", message(
                3, tid, UDP, (USERNAME, b"alice"), credentials[1],
                (NONCE, b"x"), key=other.key), 1.0),
            ("unknown method", message(0x0FFF - 0xE00, tid), 0.0),
            ("Send indication", message(0x16, tid), 0.0),
            ("a response", message(0x101, tid), 0.0),
            ("ChannelData", b"\x40\0\0\4data", 0.0))

    def test_T421_each_answer_to_strangers(self):
        self.start("--software=an unusually long name of a server program")
        for name, request, limit in self.requests():
            by_ip, by_frame = self.factors(name, request,
                                           5.0 if limit else 0.2)
            self.assertLessEqual(by_ip, limit, name)
            self.assertLessEqual(by_frame, 2.0, name)

    def test_T421_each_answer_to_strangers_over_ipv6(self):
        self.start("--listening-ip=::1")
        address = next(a for a in self.server.addresses if ":" in a[0])
        for name, request, limit in self.requests():
            by_ip, by_frame = self.factors(name, request,
                                           5.0 if limit else 0.2, address)
            self.assertLessEqual(max(by_ip, by_frame), 2.0, name)

    def test_T421_a_long_realm_is_warned_about(self):
        for realm, words, warned in (
                ("a" * 16, (), False), ("a" * 17, (), True),
                ("a" * 8, ("--fingerprint",), False),
                ("a" * 9, ("--fingerprint",), True),
                ("a" * 17, ("--no-udp",), False)):
            with subprocess.Popen(
                    [program("turn-server"), "--listening-ip=127.0.0.1",
                     "--listening-port=0", "--relay-ip=127.0.0.1",
                     "--user=alice:secret", f"--realm={realm}", *words],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    text=True) as server:
                while not server.stdout.readline().startswith("ready"):
                    self.assertIsNone(server.poll())
                server.terminate()
                said = server.communicate(timeout=20)[1]
            self.assertEqual("more than twice the packet" in
                             " ".join(said.split()), warned, (realm, words))


if __name__ == "__main__":
    main()
