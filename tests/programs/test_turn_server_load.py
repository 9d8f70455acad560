# SPDX-License-Identifier: MIT
"""turn-server under traffic that is counted: reload, drain, limits, and many
allocations."""
import os
import pathlib
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from programs import (ALTERNATE, LIFETIME, PATIENCE, XOR_RELAYED, main,
                      message)
from turn_talk import UDP, TurnServer, relayed, serve

OPENSSL = shutil.which("openssl")


def until(test, condition, step=lambda: time.sleep(0.05)):
    """Wait for something to come true, doing STEP meanwhile."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            test.fail("it never came true")
        step()


class Pair:
    """Two clients whose channels lead to each other, and numbered packets,
    sent one after the other so that no buffer is too small."""

    def __init__(self, test, server):
        self.test = test
        self.clients = [server.client(test), server.client(test)]
        ends = [relayed(client.allocate()) for client in self.clients]
        for client, end in zip(self.clients, reversed(ends)):
            test.assertEqual(client.bind(0x4000, end).code, 0)
        self.sent = self.back = 0

    def talk(self, packets=10):
        """There and back."""
        for _ in range(packets):
            number = b"%08d" % self.sent
            for sender, receiver in (self.clients, self.clients[::-1]):
                sender.say_on(0x4000, number)
                self.sent += 1
                raw = receiver.receive(5)
                if raw is not None and raw[4:12] == number:
                    self.back += 1

    def all_came(self, least):
        """Nothing was lost."""
        self.test.assertGreaterEqual(self.sent, least)
        self.test.assertEqual(self.back, self.sent)


def certificate(folder):
    """Make a new pair of cert.pem and key.pem; as words."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=turn.example.org", "-keyout", str(key), "-out", str(cert)],
        check=True, stderr=subprocess.DEVNULL)
    return [f"--cert={cert}", f"--pkey={key}", "--tls-listening-port=0"]


class Counted(unittest.TestCase):
    """Packets of existing relays are not lost, whatever the operator does."""

    def test_B05_twenty_reloads_lose_nothing(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            words = certificate(folder) if OPENSSL else []
            server = serve(self, "--relay-threads=2", *words)
            pair = Pair(self, server)
            for reload in range(1, 21):
                if words and reload % 5 == 0:
                    certificate(folder)
                server.process.send_signal(signal.SIGHUP)
                pair.talk()
                until(self, lambda n=reload: server.log_path.read_text(
                    "utf-8").count("TURN-RELOAD 2 users") >= n, pair.talk)
            pair.talk(50)
            pair.all_came(20 * 20)
            for client in pair.clients:
                self.assertEqual(client.ask(4).code, 0)
            self.assertNotIn("not read", server.log())

    def test_C32_drain_loses_nothing(self):
        server = TurnServer("--relay-threads=2")
        pair = Pair(self, server)
        pair.talk()
        server.process.terminate()
        until(self, lambda: "draining" in server.log_path.read_text("utf-8"),
              pair.talk)
        pair.talk(200)
        self.assertEqual(server.client(self).allocate().code, 403)
        pair.all_came(400)
        self.assertIsNone(server.process.poll())
        for client in pair.clients:
            self.assertEqual(client.ask(4, (LIFETIME, bytes(4))).code, 0)
        self.assertEqual(server.process.wait(PATIENCE), 0)
        server.end()


class Elsewhere(unittest.TestCase):
    """Two servers with one secret for nonces: 300 (Try Alternate)."""

    def test_C14_full_and_draining_servers_send_to_the_other(self):
        shared = "--nonce-secret=shared-by-the-cluster"
        other = serve(self, shared)
        host, port = other.addresses[0]
        server = TurnServer(shared, "--total-quota=1",
                            f"--alternate-server={host}:{port}")
        self.addCleanup(server.end)
        first, second = server.client(self), server.client(self)
        self.assertEqual(first.allocate().code, 0)
        answer = second.allocate()
        self.assertEqual(answer.code, 300)
        self.assertTrue(answer.protected(second.key))
        self.assertEqual(answer.attributes[ALTERNATE][4:],
                         socket.inet_aton(host))
        self.assertEqual(answer.attributes[ALTERNATE][2:4],
                         port.to_bytes(2, "big"))
        second.server = other.addresses[0]
        # The nonce of the first server is good at the second.
        self.assertEqual(second.exchange(second.signed(3, UDP)).code, 0)
        server.process.terminate()
        until(self, lambda: "draining" in server.log())
        self.assertEqual(server.client(self).allocate().code, 300)
        self.assertEqual(first.ask(4, (LIFETIME, bytes(4))).code, 0)
        self.assertEqual(server.process.wait(PATIENCE), 0)


class Limits(unittest.TestCase):
    """Bandwidth, time, and room."""

    def test_T362_bandwidth_of_a_user(self):
        server = serve(self, "--max-bps=20000")
        pair = Pair(self, server)
        one, two = pair.clients
        for _ in range(200):
            one.say_on(0x4000, bytes(1000))
        came = 0
        while two.receive(0.5) is not None:
            came += 1
        self.assertIn(came, range(5, 100))
        self.assertEqual(one.ask(4).code, 0)

    def test_C34_bandwidth_of_all(self):
        rate, seconds, size = 125000, 2, 1000
        server = serve(self, f"--bps-capacity={rate}", "--relay-threads=1")
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.bind(("127.0.0.1", 0))
        clients = [server.client(self), server.client(self, "bob", "word")]
        for client in clients:
            self.assertEqual(client.allocate().code, 0)
            self.assertEqual(client.bind(0x4000, peer.getsockname()).code, 0)
        start, sent, came = time.monotonic(), 0, {}
        while (passed := time.monotonic() - start) < seconds:
            while sent < 5 * rate * passed:
                clients[sent // size % 2].say_on(0x4000, bytes(size))
                sent += size
            while select.select([peer], [], [], 0.001)[0]:
                data, source = peer.recvfrom(65536)
                came[source] = came.get(source, 0) + len(data)
        while select.select([peer], [], [], 0.3)[0]:
            data, source = peer.recvfrom(65536)
            came[source] = came.get(source, 0) + len(data)
        self.assertEqual(len(came), 2)
        # What passed, and the burst in front of it.
        self.assertLess(sum(came.values()),
                        1.1 * rate * (passed + 0.3) + 0.5 * rate)
        self.assertGreater(sum(came.values()), 0.5 * rate * seconds)
        self.assertEqual([c.ask(4).code for c in clients], [0, 0])

    def test_T018_streams_without_an_allocation_are_closed(self):
        server = serve(self, "--max-allocate-timeout=1")
        with socket.create_connection(server.addresses[0], 5) as stream:
            self.assertTrue(select.select([stream], [], [], PATIENCE)[0])
            self.assertEqual(stream.recv(1), b"")

    def test_T106_ports_rest_while_others_are_free(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            first = min(probe.getsockname()[1] & ~1, 65520)
        server = serve(self, f"--min-port={first}", f"--max-port={first + 7}",
                       "--total-quota=8", "--relay-threads=1")
        clients = [server.client(self) for _ in range(4)]
        ports = [relayed(client.allocate())[1] for client in clients]
        self.assertEqual(clients[0].ask(4, (LIFETIME, bytes(4))).code, 0)
        more = [relayed(server.client(self).allocate())[1] for _ in range(4)]
        self.assertNotIn(ports[0], more)
        # The last one there is.
        self.assertEqual(relayed(server.client(self).allocate())[1], ports[0])
        self.assertEqual(server.client(self).allocate().code, 508)

    def test_T370_two_addresses_to_listen_on_and_one_to_relay(self):
        server = serve(self, "--listening-ip=127.0.0.2", "--relay-ip=127.0.0.3")
        self.assertEqual(len(server.addresses), 2)
        clients = [server.client(self, at=at) for at in range(2)]
        ends = [relayed(client.allocate()) for client in clients]
        self.assertEqual([end[0] for end in ends], ["127.0.0.3"] * 2)
        for client, end in zip(clients, reversed(ends)):
            self.assertEqual(client.bind(0x4000, end).code, 0)
        for sender, receiver in (clients, clients[::-1]):
            sender.say_on(0x4000, b"hello")
            self.assertEqual((receiver.receive() or b"")[4:9], b"hello")

    def test_C11_hairpin_behind_a_static_nat(self):
        server = serve(self, "--external-ip=127.0.0.9/127.0.0.1")
        pair = Pair(self, server)
        pair.talk()
        pair.all_came(20)

    def test_ten_thousand_allocations(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 10200:
            self.skipTest(f"only {hard} descriptors may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE,
                        (soft, hard))
        server = serve(self, "--total-quota=0", "--user-quota=0",
                       "--unauthorized-ratelimit=0", "--min-port=20000",
                       "--relay-threads=1")
        before = self.memory(server)
        client, good = server.client(self), 0
        for i in range(10000):
            client.socket.close()
            client.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client.socket.bind((f"127.1.{i // 250}.{i % 250 + 1}", 0))
            client.nonce = client.exchange(
                message(3, os.urandom(12), UDP)).attributes[0x0015]
            answer = client.exchange(client.signed(3, UDP))
            good += answer is not None and XOR_RELAYED in answer.attributes
        self.assertEqual(good, 10000)
        each = (self.memory(server) - before) * 1024 / good
        print(f"{each:.0f} bytes an allocation")
        self.assertLess(each, 4096)

    @staticmethod
    def memory(server):
        """The memory that a server has, in KiB."""
        status = pathlib.Path(f"/proc/{server.process.pid}/status")
        line = next(line for line in status.read_text("ascii").splitlines()
                    if line.startswith("VmRSS"))
        return int(line.split()[1])


if __name__ == "__main__":
    main()
