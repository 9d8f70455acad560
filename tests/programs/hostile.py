# SPDX-License-Identifier: MIT
"""What the tests of hostile input share: turn-server with a relay in use that
has to be served throughout, and processes that flood it.

HOSTILE_SECONDS prolongs the floods, HOSTILE_SEED varies them; what was measured
goes to standard output in lines that begin with `figure`.
"""
import multiprocessing
import os
import select
import socket
import struct
import threading
import time
import unittest
import warnings

import namespaces
from programs import message
from turn_talk import UDP, Client, relayed, serve

SECONDS = float(os.environ.get("HOSTILE_SECONDS", "1.0"))
SEED = int(os.environ.get("HOSTILE_SEED", "1"))

# Every so often the probe sends a packet in each direction.
PAUSE = 0.004

# What the memory of a server may grow by without anybody noticing: caches of
# the allocator, pages of tables that are touched for the first time. In KiB.
# HOSTILE_SLACK is for builds with sanitizers, which never forget.
SLACK = int(os.environ.get("HOSTILE_SLACK", "4096"))

fork = multiprocessing.get_context("fork")


def setUpModule():  # pylint: disable=invalid-name
    """A network of our own, so that the kernel's counters are ours."""
    try:
        namespaces.leave()
    except unittest.SkipTest as why:
        print("in the network of the machine:", why)


def udp_drops():
    """Datagrams that the kernel dropped because a buffer was full."""
    total = 0
    for name in ("udp", "udp6"):
        with open("/proc/net/" + name, encoding="ascii") as table:
            total += sum(int(line.split()[-1]) for line in list(table)[1:])
    return total


def answer_of(sock, patience=2.0):
    """A datagram, or None."""
    if not select.select([sock], [], [], patience)[0]:
        return None
    return sock.recv(65536)


class Probe:
    """An allocation in use: packets both ways, each counted."""

    def __init__(self, server):
        self.client = Client(server.addresses[0], "bob", "word")
        self.relay = relayed(self.client.allocate())
        self.peer = Client(self.relay)
        for end in (self.client, self.peer):
            end.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        assert self.client.bind(0x4000, self.peer.local()).code == 0
        self.over = threading.Event()
        self.sent, self.up, self.down = 0, set(), set()
        self.threads = [threading.Thread(target=work) for work in
                        (self.talk, self.listen)]
        for thread in self.threads:
            thread.start()

    def talk(self):
        """Send numbered packets both ways."""
        while not self.over.is_set():
            number = struct.pack("!I", self.sent)
            self.client.say_on(0x4000, number)
            self.peer.send(number)
            self.sent += 1
            time.sleep(PAUSE)

    def listen(self):
        """Note what comes, until nothing has come for a while."""
        quiet = 0.0
        while quiet < 1.0:
            ready = select.select([self.client.socket, self.peer.socket], [],
                                  [], 0.1)[0]
            quiet = 0.0 if ready or not self.over.is_set() else quiet + 0.1
            if len(self.up) == len(self.down) == self.sent and (
                    self.over.is_set()):
                return
            for sock in ready:
                data = sock.recv(2048)
                if sock is self.peer.socket:
                    self.up.add(data)
                else:
                    self.down.add(data[4:8])

    def end(self):
        """How many were sent each way, and lost each way."""
        self.over.set()
        for thread in self.threads:
            thread.join()
        self.client.close()
        self.peer.close()
        return self.sent, self.sent - len(self.up), self.sent - len(self.down)


def flood(attack, over, count, words):
    """Run ATTACK until it is over; it counts by COUNT.value."""
    warnings.simplefilter("ignore", ResourceWarning)
    try:
        attack(over, count, *words)
    except (OSError, EOFError) as why:
        print("flood:", why, flush=True)
    os._exit(0)  # sockets and all


class Hostile(unittest.TestCase):
    """A server, a relay in use, and attackers."""

    def start(self, *words):
        """The server, and the probe."""
        # pylint: disable=attribute-defined-outside-init
        self.server = serve(self, "--user=carol:third", *words)
        self.address = self.server.addresses[0]
        self.probe = Probe(self.server)
        self.addCleanup(lambda: self.probe and self.probe.end())
        self.before, self.drops = self.memory(), udp_drops()
        return self.server

    def memory(self):
        """What the server has resident, in KiB."""
        with open(f"/proc/{self.server.process.pid}/status",
                  encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status
                        if line.startswith("VmRSS"))

    def attack(self, work, *words, processes=1, seconds=SECONDS):
        """Let processes do WORK for a while; how often they did."""
        over, count = fork.Event(), fork.Value("Q", 0)
        started = [fork.Process(target=flood, args=(work, over, count, words))
                   for _ in range(processes)]
        for process in started:
            process.start()
        time.sleep(seconds)
        over.set()
        for process in started:
            process.join(10)
            if process.is_alive():
                process.kill()
                process.join()
        return count.value

    def survives(self, name, count, slack=SLACK, seconds=SECONDS):
        """The memory is bounded, and the relay in use lost nothing but what
        the kernel dropped for want of room."""
        after = self.memory()
        for _ in range(500):
            if self.probe.sent > 50:
                break
            time.sleep(0.02)
        probe, self.probe = self.probe, None
        sent, up, down = probe.end()
        dropped = udp_drops() - self.drops
        print(f"figure | {name} | {count / seconds:.0f}/s | {self.before} | "
              f"{after} | {sent} | {up} | {down} | {dropped}", flush=True)
        self.assertIsNone(self.server.process.poll())
        self.assertLess(after - self.before, max(slack, SLACK), name)
        self.assertGreater(sent, 20)
        self.assertLessEqual(up + down, dropped, name)
        client = Client(self.address)
        self.addCleanup(client.close)
        # An attacker on our own address has used up its answers (T-061).
        for _ in range(10):
            if client.exchange(plain_allocate(), 1.0) is not None:
                break
        self.assertEqual(client.allocate().code, 0)
        return after - self.before


def senders(n, address):
    """Sockets of several loopback addresses and ports."""
    found = []
    for i in range(n):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((f"127.{i % 7 + 1}.{i % 251}.{i % 13 + 1}", 0))
        sock.connect(address)
        sock.setblocking(False)
        found.append(sock)
    return found


def drain(sock):
    """Take what has come: how many, and how many bytes."""
    n = size = 0
    while True:
        try:
            size += len(sock.recv(65536))
            n += 1
        except (BlockingIOError, ConnectionError):
            return n, size


def plain_allocate():
    """An Allocate without credentials, of 28 bytes."""
    return message(3, os.urandom(12), UDP)
