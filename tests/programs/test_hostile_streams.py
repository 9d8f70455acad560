# SPDX-License-Identifier: MIT
"""turn-server among hostile streams: T-018, T-424, C-35."""
import os
import pathlib
import select
import socket
import struct
import tempfile
import time
import unittest.mock

from hostile import Hostile, setUpModule  # pylint: disable=unused-import
from programs import XOR_PEER, main, message, program
from test_turn_server_stream import (CONNECT, CONNECTION_BIND, CONNECTION_ID,
                                     TCP, Stream)
from turn_talk import UDP, Answer, Client, relayed, xor


def pour(over, count, address, n):
    """Binding requests over N connections, and none of the answers is
    read."""
    piece, sockets = message(1, bytes(12)) * 500, []
    for _ in range(n):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(address)
        sock.setblocking(False)
        sockets.append(sock)
    while not over.is_set():
        for sock in select.select([], sockets, [], 0.1)[1]:
            try:
                count.value += sock.send(piece) // 20
            except BlockingIOError:
                pass
            except ConnectionError:
                sockets.remove(sock)


class Streams(Hostile):
    """Connections that do not behave."""

    def connections(self, n, first):
        """N connections that begin with FIRST."""
        found = []
        for _ in range(n):
            sock = socket.create_connection(self.address, 5)
            self.addCleanup(sock.close)
            try:
                sock.sendall(first)
            except ConnectionError:
                pass
            found.append(sock)
        return found

    def is_closed(self, sock):
        """The server ends it."""
        sock.settimeout(20)
        try:
            while sock.recv(4096): # perhaps it says why
                pass
            return True
        except ConnectionError:
            return True

    def test_T424_giant_frames_of_strangers_are_not_kept(self):
        self.start()
        giant = struct.pack("!HHI", 3, 0xFFFC, 0x2112A442) + bytes(60000)
        for first in (giant, b"\x40\0\xff\xff" + bytes(60000)):
            for sock in self.connections(100, first):
                self.assertTrue(self.is_closed(sock))
        self.survives("giant frames over TCP", 200)

    def test_T015_large_frames_of_an_allocation_are_served(self):
        self.start()
        client = Stream(self.address)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(3, UDP).code, 0)
        client.send(b"\x40\0\xff\xff" + bytes(0x10000))
        self.assertEqual(client.ask(4).code, 0)

    def test_T420_connections_that_say_nothing(self):
        self.start()
        self.connections(400, b"")
        self.connections(100, b"\0\3\0")
        self.survives("500 connections that say little", 500)

    def test_T018_one_byte_at_a_time(self):
        self.start("--max-allocate-timeout=3")
        pieces = [message(3, bytes(12), UDP), b"\x40\0\x0f\0" + bytes(3000),
                  message(1, bytes(12), (0x0006, bytes(3000))), bytes(20)]
        slow = [sock for _ in range(100) for sock in self.connections(1, b"")]
        deadline, sent = time.monotonic() + 12, 0
        while slow and time.monotonic() < deadline:
            for i, sock in enumerate(list(slow)):
                try:
                    piece = pieces[i % len(pieces)]
                    sock.send(piece[sent % len(piece):][:1])
                except ConnectionError:
                    slow.remove(sock)
            sent += 1
            time.sleep(0.5)
        self.assertEqual(len(slow), 0)
        self.survives("100 connections, two bytes a second", 100)

    def test_T361_strangers_who_never_read(self):
        self.start()
        self.assertGreater(self.attack(pour, self.address, 60), 60000)
        self.survives("60 connections full of Binding requests, answers not "
                      "read", 60)

    def test_T361_allocations_that_are_never_read(self):
        self.start()
        peer, = self.datagrams(1)
        clients = []
        for _ in range(20):
            clients.append(Stream(self.address))
            self.addCleanup(clients[-1].close)
            to = relayed(clients[-1].ask(3, UDP))
            self.assertEqual(
                clients[-1].permit(peer.getsockname()).code, 0)
            clients[-1].relay = to
        sent = 0
        for _ in range(2000):
            for client in clients:
                peer.sendto(bytes(1200), client.relay)
                sent += 1
        # Whole messages were dropped, and the connection is good.
        data = clients[0].socket
        data.settimeout(10)
        self.assertEqual(clients[1].socket.recv(2), b"\0\x17")
        head = clients[0].exactly(20)
        while struct.unpack_from("!H", head)[0] == 0x0017:
            clients[0].exactly(struct.unpack_from("!H", head, 2)[0])
            if not select.select([data], [], [], 0.5)[0]:
                break
            head = clients[0].exactly(20)
        self.assertEqual(clients[0].ask(4).code, 0)
        self.survives("20 allocations over TCP, 48 MB for them not read",
                      sent, 20 * 512)

    def datagrams(self, n):
        """N sockets for datagrams."""
        found = []
        for _ in range(n):
            found.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            self.addCleanup(found[-1].close)
            found[-1].bind(("127.0.0.1", 0))
        return found

    def test_T460_T462_data_connections_that_are_never_read(self):
        self.start()
        peer = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.addCleanup(peer.close)
        control, others, ids = Stream(self.address), [], []
        self.addCleanup(control.close)
        control.challenge()
        self.assertEqual(control.ask(3, TCP).code, 0)
        for i in range(9):
            tid = os.urandom(12)
            to = (f"127.0.0.{i + 1}", peer.getsockname()[1])
            listener = peer if i == 0 else socket.create_server(to)
            self.addCleanup(listener.close)
            answer = control.ask(CONNECT, (XOR_PEER, xor(to, tid)), tid=tid)
            # One more than an allocation may have (T-462).
            self.assertEqual(answer.code, 508 if i == 8 else 0)
            if i < 8:
                ids.append(answer.attributes[CONNECTION_ID])
                others.append(listener.accept()[0])
                self.addCleanup(others[-1].close)
        for number in ids[:4]: # the rest wait to be bound
            data = Stream(self.address)
            self.addCleanup(data.close)
            data.nonce = control.nonce
            data.send(data.signed(CONNECTION_BIND, (CONNECTION_ID, number)))
            self.assertEqual(Answer(data.receive()).code, 0)
        sent, quiet = 0, 0
        for other in others:
            other.setblocking(False)
        while quiet < 5 and sent < 1 << 28:
            ready = select.select([], others, [], 0.1)[1]
            quiet = 0 if ready else quiet + 1
            sent += sum(other.send(bytes(65536)) for other in ready)
        self.assertLess(sent, 1 << 28)
        self.survives("8 connections of a TCP relay, not read", sent, 8 * 512)

    def test_status_page_that_is_asked_slowly(self):
        self.start("--status-listen=127.0.0.1:0")
        where = [line for line in self.server.lines
                 if line.startswith("status http://")]
        if not where:
            self.skipTest("built without libmicrohttpd")
        port = int(where[0].rstrip("/").rpartition(":")[2])
        held = []
        for first in (b"", b"GET / HTTP/1.1\r\nX: ") * 20:
            held.append(socket.create_connection(("127.0.0.1", port), 5))
            self.addCleanup(held[-1].close)
            try:
                held[-1].sendall(first)
            except ConnectionError:
                pass
        for sock in held:
            self.assertTrue(self.is_closed(sock))
        self.survives("40 connections to the status page", 40)

    def starved(self, files):
        """A server that may have so many files open."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "turn-server")
            path.write_text(f"#!/bin/sh\nulimit -n {files}\nexec "
                            f"'{os.path.abspath(program('turn-server'))}' "
                            '"$@"\n', "ascii")
            path.chmod(0o755)
            with unittest.mock.patch("programs.BUILD", folder):
                self.start("--relay-threads=1")

    def test_T424_descriptors_are_left_for_relays(self):
        self.starved(80)
        held = []
        for _ in range(120):
            try:
                held.append(socket.create_connection(self.address, 5))
                self.addCleanup(held[-1].close)
            except ConnectionError:
                pass
        # The last ones were closed, and nothing turns in circles.
        while len(select.select(held, [], [], 0.5)[0]) + 120 - len(held) < 60:
            pass
        files = f"/proc/{self.server.process.pid}/"
        self.assertLess(len(os.listdir(files + "fd")), 80)
        before = self.ticks()
        time.sleep(1)
        self.assertLess(self.ticks() - before, 60)
        self.survives("120 connections, 80 descriptors", 120)

    def test_T120_no_descriptor_is_left(self):
        self.starved(40)
        codes = []
        for i in range(40):
            client = Client(self.address)
            self.addCleanup(client.close)
            codes.append(client.allocate().code)
        self.assertEqual(set(codes), {0, 508})
        self.assertGreater(codes.count(0), 10)
        self.assertEqual(codes[-1], 508)
        # Those that there are go on; and one that ends makes room.
        self.assertEqual(client.challenge().code, 401)
        self.probe, probe = None, self.probe
        self.assertEqual(probe.end()[1:], (0, 0))
        self.assertIsNone(self.server.process.poll())

    def ticks(self):
        """What the server has used of a processor, in hundredths."""
        with open(f"/proc/{self.server.process.pid}/stat",
                  encoding="ascii") as stat:
            return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13]))


if __name__ == "__main__":
    main()
