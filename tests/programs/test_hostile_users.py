# SPDX-License-Identifier: MIT
"""turn-server among users who take what they can: T-120, T-239, T-424,
T-462."""
import os
import socket
import time

from hostile import Hostile, setUpModule  # pylint: disable=unused-import
from programs import PATIENCE, XOR_PEER, main, message
from test_turn_server_stream import (CONNECT, CONNECTION_BIND, CONNECTION_ID,
                                     TCP, Stream)
from turn_talk import BIND, EVEN_PORT, PERMIT, UDP, Client, xor

LIFETIME_0 = (0x000D, bytes(4))
TICKET = 0x8030


def refreshes(over, count, address, n):
    """Requests with credentials, of N allocations, as fast as it goes."""
    clients = [Client(address) for _ in range(n)]
    for client in clients:
        assert client.allocate().code == 0
    while not over.is_set():
        for client in clients:
            peer = xor(("20.0.0.9", 9), tid := os.urandom(12))
            for kind, *words in ((4,), (PERMIT, (XOR_PEER, peer)),
                                 (BIND, (0x000C, b"\x40\1\0\0"),
                                  (XOR_PEER, peer))):
                client.send(client.signed(kind, *words, tid=tid))
                count.value += 1
            client.socket.setblocking(False)
            try:
                while True:
                    client.socket.recv(2048)
            except BlockingIOError:
                pass


class Users(Hostile):
    """With a password, and without restraint."""

    def client(self, user="alice", password="secret"):
        """A client that is closed with the test."""
        client = Client(self.address, user, password)
        self.addCleanup(client.close)
        return client

    def descriptors(self):
        """How many files the server has open."""
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def comes_down_to(self, files):
        """The server closes what is not in use any more."""
        deadline = time.monotonic() + PATIENCE
        while self.descriptors() > files and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertLessEqual(self.descriptors(), files)

    def test_T239_T424_permissions_and_channels_of_a_greedy_user(self):
        self.start("--relay-threads=1", "--total-quota=60", "--user-quota=20")
        greedy = [self.client() for _ in range(21)]
        codes = [client.allocate().code for client in greedy]
        self.assertEqual(codes, [0] * 20 + [486])
        for client in greedy[:20]:
            for i in range(0, 64, 16):
                self.assertEqual(client.permit(*(
                    (f"20.1.{i}.{j}", 9) for j in range(16))).code, 0)
            self.assertEqual(client.permit(("20.1.99.1", 9)).code, 508)
            for i in range(64):
                self.assertEqual(client.bind(0x4000 + i, (
                    f"20.1.{i - i % 16}.{i % 16}", 9)).code, 0)
            self.assertEqual(client.bind(0x4fff, ("20.1.0.1", 8)).code, 508)
        other = self.client("carol", "third")
        self.assertEqual(other.allocate().code, 0)
        self.assertEqual(other.permit(*(
            (f"20.2.0.{j}", 9) for j in range(16))).code, 0)
        for i in range(16):
            self.assertEqual(other.bind(0x4000 + i, (f"20.2.0.{i}", 9)).code,
                             0)
        self.assertEqual(greedy[0].ask(4, LIFETIME_0).code, 0)
        self.survives("20 allocations with 64 permissions and channels each",
                      20 * 130)

    def test_T120_ports_come_back_from_churn(self):
        self.start("--relay-threads=1", "--user-quota=0", "--total-quota=0",
                   "--unauthorized-ratelimit=0", "--min-port=20000",
                   "--max-port=20031")
        files = self.descriptors()
        for _ in range(3):
            clients = [self.client() for _ in range(40)]
            codes = [client.allocate(*[(EVEN_PORT, b"\0")][:i < 8]).code
                     for i, client in enumerate(clients)]
            # One of the 32 is the probe's.
            self.assertEqual(codes, [0] * 31 + [508] * 9, codes)
            for client in clients[:31]:
                self.assertEqual(client.ask(4, LIFETIME_0).code, 0)
        self.comes_down_to(files)
        client = self.client()
        for _ in range(300):
            self.assertEqual(client.allocate().code, 0)
            self.assertEqual(client.ask(4, LIFETIME_0).code, 0)
        self.comes_down_to(files)
        self.survives("420 allocations made and deleted", 420)

    def test_T424_requests_with_credentials_as_fast_as_it_goes(self):
        self.start()
        self.survives("Refresh, CreatePermission and ChannelBind of 20 "
                      "allocations",
                      self.attack(refreshes, self.address, 20))

    def test_T462_connections_that_fail(self):
        self.start("--relay-threads=1")
        closed = socket.create_server(("127.0.0.1", 0))
        nobody = closed.getsockname()
        closed.close()
        files, control = self.descriptors(), Stream(self.address)
        self.addCleanup(control.close)
        self.assertEqual(control.ask(3, TCP).code, 0)
        for _ in range(200):
            tid = os.urandom(12)
            self.assertEqual(control.ask(
                CONNECT, (XOR_PEER, xor(nobody, tid)), tid=tid).code, 447)
        for _ in range(100):
            data = Stream(self.address)
            self.assertEqual(data.ask(CONNECTION_BIND, (
                CONNECTION_ID, os.urandom(4))).code, 400)
            data.close()
        self.comes_down_to(files + 2)
        self.survives("200 Connects to nobody, 100 ConnectionBinds to "
                      "nothing", 300)

    def test_T105_allocations_whose_connections_are_closed(self):
        self.start("--relay-threads=1")
        files = self.descriptors()
        for _ in range(10):
            clients = [Stream(self.address) for _ in range(30)]
            for client in clients:
                self.assertEqual(client.ask(3, UDP).code, 0)
            for client in clients:
                client.close()
            self.comes_down_to(files)
        self.survives("300 allocations whose connections were closed", 300)

    def test_T500_tickets(self):
        self.start("--mobility", "--unauthorized-ratelimit=0")
        client = self.client()
        answer = client.allocate((TICKET, b""))
        self.assertEqual(answer.code, 0)
        for _ in range(200):
            mover = self.client()
            self.assertIn(mover.ask(4, (TICKET, os.urandom(16))).code,
                          (400, 437))
            answer = mover.ask(4, (TICKET, answer.attributes[TICKET]))
            self.assertEqual(answer.code, 0)
        for _ in range(100): # of others, and of nobody
            mover.send(message(4, os.urandom(12), (TICKET, os.urandom(60))))
        self.survives("200 mobility tickets, 300 forged ones", 500)


if __name__ == "__main__":
    main()
