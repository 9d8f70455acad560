# SPDX-License-Identifier: MIT
"""turn-server over streams: TCP, TLS, and relays of TCP (RFC 6062)."""
import os
import select
import socket
import ssl
import struct
import time
import unittest

import certificate
from programs import REQUESTED_TRANSPORT, XOR_PEER, main, message, run
from turn_talk import Answer, Client, relayed, serve, xor

CONNECT, CONNECTION_BIND, CONNECTION_ID = 0x00A, 0x00B, 0x002A
TCP = (REQUESTED_TRANSPORT, bytes([6, 0, 0, 0]))


class Stream(Client):
    """A client with a connection; TLS where there is a context."""

    def __init__(self, server, context=None):
        super().__init__(server)
        self.close()
        self.socket = socket.create_connection(server, 5)
        if context is not None:
            self.socket = context.wrap_socket(
                self.socket, server_hostname="turn.example.org")

    def exactly(self, size):
        """So many bytes, or fewer at the end."""
        data = b""
        while len(data) < size and (piece := self.socket.recv(
                min(size - len(data), 65536))):
            data += piece
        return data

    def receive(self, patience=2.0):
        """A message of STUN, or None."""
        self.socket.settimeout(patience)
        try:
            head = self.exactly(20)
        except TimeoutError:
            return None
        if len(head) < 20:
            return None
        return head + self.exactly(struct.unpack_from("!H", head, 2)[0])

    def send(self, datagram):
        """Send as it is."""
        self.socket.sendall(datagram)


class Streams(unittest.TestCase):
    """One server for each test."""

    def stream(self, address, context=None):
        """A connection that is closed with the test."""
        client = Stream(address, context)
        self.addCleanup(client.close)
        return client

    def test_clients_that_reset_their_connections(self):
        server = serve(self)
        binding = message(0x0001, bytes(12))
        for _ in range(200):
            rude = socket.create_connection(server.addresses[0], 5)
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            rude.sendall(binding * 200)
            rude.close()
        self.assertEqual(self.stream(server.addresses[0]).allocate().code, 0)
        self.assertIsNone(server.process.poll())

    def setting(self):
        """A listening peer, a TCP allocation that may connect to it, and the
        connections between the two: of the peer, and its CONNECTION-ID."""
        server = serve(self)
        peer = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(peer.close)
        control = self.stream(server.addresses[0])
        control.challenge()
        self.assertEqual(control.ask(3, TCP).code, 0)
        tid = os.urandom(12)
        answer = control.ask(
            CONNECT, (XOR_PEER, xor(peer.getsockname(), tid)), tid=tid)
        self.assertEqual(answer.code, 0)
        peer.settimeout(5)
        other = peer.accept()[0]
        self.addCleanup(other.close)
        other.settimeout(10)
        return server, control, other, answer.attributes[CONNECTION_ID]

    def bound(self, server, control, number, behind=b""):
        """A data connection, and what came after the answer."""
        data = self.stream(server.addresses[0])
        data.nonce = control.nonce
        data.send(data.signed(CONNECTION_BIND, (CONNECTION_ID, number))
                  + behind)
        self.assertEqual(Answer(data.receive()).code, 0)
        data.socket.settimeout(10)
        return data

    def test_T456_T460_bytes_before_the_connection_is_bound(self):
        server, control, peer, number = self.setting()
        sent = os.urandom(1 << 20)
        peer.setblocking(False)
        at = peer.send(sent)
        time.sleep(0.3)
        data = self.bound(server, control, number)
        got = b""
        while len(got) < len(sent):
            self.assertTrue(select.select([data.socket], [], [], 10)[0])
            got += data.socket.recv(65536)
            if at < len(sent) and select.select([], [peer], [], 0)[1]:
                at += peer.send(sent[at:])
        self.assertEqual(got, sent)

    def test_T460_who_does_not_read_stops_the_other(self):
        server, control, peer, number = self.setting()
        data = self.bound(server, control, number)
        sent, most = 0, 64 << 20
        peer.setblocking(False)
        while sent < most and select.select([], [peer], [], 1)[1]:
            sent += peer.send(bytes(65536))
        self.assertLess(sent, most)
        left = sent
        while left > 0:
            self.assertTrue(piece := data.socket.recv(1 << 20))
            left -= len(piece)
        self.assertEqual(left, 0)

    def test_T459_bytes_behind_the_request_are_the_peers(self):
        server, control, peer, number = self.setting()
        stun = message(4, os.urandom(12))
        data = self.bound(server, control, number, bytes(100))
        data.send(stun)
        got = b""
        while len(got) < 120:
            self.assertTrue(piece := peer.recv(1000))
            got += piece
        self.assertEqual(got, bytes(100) + stun)

    def test_T461_connections_end_together(self):
        server, control, peer, number = self.setting()
        data = self.bound(server, control, number)
        data.send(bytes(100000))
        data.close()
        got = 0
        while piece := peer.recv(65536):
            got += len(piece)
        self.assertEqual(got, 100000)
        self.assertEqual(control.ask(4).code, 0)

    def test_T461_half_a_close_is_passed_on(self):
        for client_first in (True, False):
            server, control, peer, number = self.setting()
            data = self.bound(server, control, number).socket
            first, second = (data, peer) if client_first else (peer, data)
            first.sendall(bytes(100000))
            first.shutdown(socket.SHUT_WR)
            self.assertEqual(self.all_of(second), 100000)
            # The other way is still open, until it is ended as well.
            second.sendall(bytes(50000))
            second.shutdown(socket.SHUT_WR)
            self.assertEqual(self.all_of(first), 50000)
            self.assertEqual(control.ask(4).code, 0)

    @staticmethod
    def all_of(stream):
        """How many bytes come to the end."""
        got = 0
        while piece := stream.recv(65536):
            got += len(piece)
        return got

    def logged(self, server, words):
        """A line with WORDS comes within seconds."""
        end = time.monotonic() + 10
        while words not in server.log() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertIn(words, server.log())

    def test_T720_log_says_why_a_handshake_failed(self):
        directory, words = certificate.make()
        self.addCleanup(directory.cleanup)
        server = serve(self, *words)
        host, port = next(
            line.split()[2] for line in server.lines
            if line.startswith("listening tls ")).rsplit(":", 1)
        context = ssl.create_default_context()
        with (socket.create_connection((host, int(port)), 5) as plain,
              self.assertRaises(ssl.SSLCertVerificationError)):
            context.wrap_socket(plain, server_hostname="turn.example.org")
        self.logged(server, "TURN-TLS-FAIL TLS with 127.0.0.1:")
        self.assertRegex(server.log(), "TLS with .* handshake failed "
                         r"\((an alert that is not encrypted: perhaps the "
                         r"certificate is not trusted|the client closed)")
        # DTLS: a client that wants to know who has signed.
        uri = f"turns:{host}:{port}?transport=udp"
        done = run("turn-client", "-u", "alice", "-w", "secret", uri)
        self.assertEqual(done.code, 16, done.out)
        self.logged(server, "TURN-TLS-FAIL DTLS with 127.0.0.1:")
        self.assertRegex(server.log(), r"DTLS .* failed \(alert 4\d, ")

    def test_T431_log_says_who_and_where(self):
        server = serve(self)
        client = server.client(self)
        answer = client.allocate()
        log = server.log()
        self.assertRegex(
            log, rf"TURN-ALLOC-OK .*: user alice from 127.0.0.1:"
            rf"{client.local()[1]} .*127.0.0.1:{relayed(answer)[1]}\b")
        self.assertNotIn("secret", log)


class Secure(unittest.TestCase):
    """TLS and DTLS, on ports of their own and on those of TCP and UDP."""

    def setUp(self):
        directory, self.words = certificate.make()
        self.addCleanup(directory.cleanup)
        self.authority = directory.name + "/cert.pem"
        self.context = ssl.create_default_context(cafile=self.authority)

    def start(self, *words):
        """A server with a certificate."""
        return serve(self, *self.words, *words)

    def stream(self, address, context=None):
        """A connection that is closed with the test."""
        client = Stream(address, context)
        self.addCleanup(client.close)
        return client

    def test_T720_TLS(self):
        server = self.start()
        port = next(int(line.rsplit(":", 1)[1]) for line in server.lines
                    if line.startswith("listening tls "))
        client = self.stream(("127.0.0.1", port), self.context)
        self.assertEqual(client.allocate().code, 0)

    def test_T720_TLS_and_TCP_on_the_port_of_TCP(self):
        server = self.start("--relay-threads=2")
        clients = [self.stream(server.addresses[0], context)
                   for context in (self.context, None) * 4]
        for client in clients:
            self.assertEqual(client.allocate().code, 0)
        for client in clients:
            self.assertEqual(client.ask(4).code, 0)
        for over in ("TLS", "TCP"):
            self.assertEqual(server.log().count(f"via {over} got"), 4)

    def test_T720_TLS_and_DTLS_on_the_port_of_UDP(self):
        server = self.start()
        for transport in ("tcp", "udp"):
            done = run("turn-client", "-u", "alice", "-w", "secret",
                       f"--ca={self.authority}", "--server-name=turn.example.org",
                       f"turns:127.0.0.1:{server.addresses[0][1]}"
                       f"?transport={transport}")
            self.assertEqual(done.code, 0, done.out + done.err)
        self.assertIn("via DTLS got", server.log())

    def test_T720_not_with_no_tls(self):
        server = self.start("--no-tls", "--no-dtls")
        with self.assertRaises(OSError):
            self.stream(server.addresses[0], self.context)
        self.assertEqual(self.stream(server.addresses[0]).allocate().code, 0)

    def test_T720_a_handshake_that_stops_harms_nobody(self):
        server = self.start()
        stopped = self.stream(server.addresses[0])
        stopped.send(b"\x16\x03\x01\x02\x00\x01")
        self.assertEqual(self.stream(server.addresses[0]).allocate().code, 0)
        stopped.close()
        broken = self.stream(server.addresses[0])
        broken.send(b"\x16\x03\x01\xff\xff" + bytes(9))
        broken.socket.settimeout(5)
        while broken.socket.recv(4096):
            pass
        self.assertEqual(self.stream(server.addresses[0], self.context)
                         .allocate().code, 0)


if __name__ == "__main__":
    main()
