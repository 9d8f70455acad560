# SPDX-License-Identifier: MIT
"""turn-server with the client of coturn in each of its ways, all at once:
TCP, TLS, DTLS, IPv6, from one family to the other, relays of TCP, and a client
that moves. What does not go with coturn's own server either stands in
docs/interop.md."""
import concurrent.futures
import re
import socket
import subprocess
import time
import unittest

import certificate
from programs import find, main
from turn_talk import serve

UCLIENT, PEER = find("turnutils_uclient"), find("turnutils_peer")
V4, V6 = "127.0.0.1", "[::1]"

# name, address of the listener, its transport, options of the client
WAYS = [
    ("UDP, channels", V4, "udp", []),
    ("UDP, Send", V4, "udp", ["-s"]),
    ("UDP, padded channels", V4, "udp", ["-D"]),
    ("UDP, requests in excess", V4, "udp", ["-G"]),
    ("UDP, wrong requests in between", V4, "udp", ["-N"]),
    ("TCP, channels", V4, "tcp", ["-t"]),
    ("TCP, Send", V4, "tcp", ["-t", "-s"]),
    ("TLS, channels", V4, "tls", ["-t", "-S"]),
    ("TLS, Send", V4, "tls", ["-t", "-S", "-s"]),
    ("DTLS, channels", V4, "dtls", ["-S"]),
    ("DTLS, Send", V4, "dtls", ["-S", "-s"]),
    ("IPv6, UDP", V6, "udp", ["-x"]),
    ("IPv6, TCP", V6, "tcp", ["-x", "-t"]),
    ("IPv6, TLS", V6, "tls", ["-x", "-t", "-S"]),
    ("IPv6, DTLS", V6, "dtls", ["-x", "-S"]),
    ("IPv4, relay of IPv6", V4, "udp", ["-x"]),
    ("IPv6, relay of IPv4", V6, "udp", ["-X"]),
    ("TCP, relay of TCP", V4, "tcp", ["-T"]),
    ("TLS, relay of TCP", V4, "tls", ["-T", "-S"]),
    ("IPv6, relay of TCP", V6, "tcp", ["-T", "-x"]),
]


def port_of(server, address, transport):
    """Where it listens."""
    start = f"listening {transport} {address}:"
    return next(line[len(start):] for line in server.lines
                if line.startswith(start))


def talk(server, address, transport, words):
    """How the client ended, and what it said."""
    port = port_of(server, address, transport)
    done = subprocess.run(
        [UCLIENT, "-u", "alice", "-w", "secret", "-p", port, "-c", "-m", "2",
         "-n", "3", *words, address.strip("[]")], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def start_peer(test):
    """coturn's peer, which echoes; its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    peer = subprocess.Popen(
        [PEER, "-L", "127.0.0.1", "-p", str(port)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    test.addCleanup(peer.wait, 10)
    test.addCleanup(peer.kill)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", port))
        probe.settimeout(0.1)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                probe.send(b"there?")
                probe.recv(100)
                return str(port)
            except OSError:
                pass
    raise AssertionError("turnutils_peer does not echo")


def refusals(server):
    """What the server has refused, but for challenges."""
    return [line for line in server.log().splitlines()
            if re.search(r"TURN-(REFUSED|AUTH-FAIL|SEC)", line)]


@unittest.skipUnless(UCLIENT, "turnutils_uclient (coturn) is not installed")
class WaysTest(unittest.TestCase):
    """Each way is a client program of its own, with two clients in it."""

    def serve(self, *words):
        """A server with everything that the ways need."""
        directory, tls = certificate.make()
        self.addCleanup(directory.cleanup)
        return serve(
            self, *tls, "--legacy-channels", "--user-quota=0",
            "--unauthorized-ratelimit=10000", *words,
            listen=("--listening-ip=127.0.0.1", "--listening-ip=::1",
                    "--relay-ip=127.0.0.1", "--relay-ip=::1",
                    "--listening-port=0"))

    def all_came(self, name, outcome):
        """Six messages went out, and all came back."""
        code, said = outcome
        with self.subTest(way=name):
            self.assertEqual(code, 0, said[-2000:])
            self.assertIn("start_mclient: tot_send_msgs=6, tot_recv_msgs=6",
                          said)
            self.assertIn("Total lost packets 0 ", said)

    def test_T321_T450_T720_each_way(self):
        server = self.serve()
        with concurrent.futures.ThreadPoolExecutor(len(WAYS)) as pool:
            outcomes = [(way[0], pool.submit(talk, server, way[1], way[2],
                                             ["-y", *way[3]]))
                        for way in WAYS]
        for name, outcome in outcomes:
            self.all_came(name, outcome.result())
        # Requests in excess are also for peers of a family without a relay.
        for line in refusals(server):
            self.assertRegex(line, "(CreatePermission|ChannelBind) .*refused 443")

    @unittest.skipUnless(PEER, "turnutils_peer (coturn) is not installed")
    def test_T501_T502_T504_clients_that_move(self):
        server = self.serve("--mobility")
        # Over UDP data follow a client only when it has sent some: it gets
        # those of a peer that answers, and not those of one that does not.
        echo = ["-e", "127.0.0.1", "-r", start_peer(self)]
        ways = [("UDP", "udp", echo), ("TCP", "tcp", ["-y", "-t"]),
                ("TLS", "tls", ["-y", "-t", "-S"]),
                ("DTLS", "dtls", ["-S", *echo])]
        with concurrent.futures.ThreadPoolExecutor(len(ways)) as pool:
            outcomes = [(name, pool.submit(talk, server, V4, transport,
                                           ["-M", *words]))
                        for name, transport, words in ways]
        for name, outcome in outcomes:
            self.all_came(name, outcome.result())
        for line in refusals(server):
            self.assertIn("nonce of another address", line)


if __name__ == "__main__":
    main()
