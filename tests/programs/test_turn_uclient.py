# SPDX-License-Identifier: MIT
"""turn-server with the client of coturn, as Debian has it."""
import re
import socket
import subprocess
import unittest

from programs import find, main
from turn_talk import serve

UCLIENT, PEER = find("turnutils_uclient"), find("turnutils_peer")


@unittest.skipUnless(UCLIENT, "turnutils_uclient (coturn) is not installed")
class UclientTest(unittest.TestCase):
    """Its channel numbers are those of RFC 5766."""

    def talk(self, server, *words, user="alice", password="secret"):
        """Run it against a server; how it ended, and what it said."""
        host, port = server.addresses[0]
        done = subprocess.run(
            [UCLIENT, "-u", user, "-w", password, "-p", str(port), *words,
             host], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def all_came(self, server, n, *words):
        """N messages went out, and as many came back."""
        code, said = self.talk(server, *words)
        self.assertEqual(code, 0, said[-2000:])
        self.assertIn(
            f"start_mclient: tot_send_msgs={n}, tot_recv_msgs={n}", said)
        self.assertIn("Total lost packets 0 ", said)
        self.assertNotIn("refused 4", re.sub("refused 438", "", server.log()))

    def test_send_indications(self):
        self.all_came(serve(self), 20, "-y", "-s", "-c", "-m", "2", "-n", "10")

    def test_channels(self):
        self.all_came(serve(self, "--legacy-channels"), 20, "-y", "-c", "-m",
                      "2", "-n", "10")

    def test_pairs_of_ports(self):
        server = serve(self, "--legacy-channels")
        self.all_came(server, 40, "-y", "-m", "2", "-n", "10")
        ports = [int(port) for port in
                 re.findall(r"got 127\.0\.0\.1:(\d+)", server.log())]
        self.assertTrue(any(port + 1 in ports for port in ports))

    def test_tcp_with_channels_and_T450_tcp_relays(self):
        self.all_came(serve(self, "--legacy-channels"), 10, "-y", "-c", "-t",
                      "-m", "2", "-n", "5")
        self.all_came(serve(self), 10, "-y", "-c", "-T", "-m", "2", "-n", "5")

    def test_large_and_unfragmented(self):
        self.all_came(serve(self), 10, "-y", "-s", "-c", "-g", "-m", "2", "-n",
                      "5", "-l", "1000")

    def test_ephemeral_credentials(self):
        server = serve(self, "--static-auth-secret=north")
        code, said = self.talk(server, "-y", "-s", "-c", "-m", "1", "-n", "3",
                               "-W", "north")
        self.assertEqual(code, 0, said[-2000:])
        # Client to client it makes pairs: one of them is two clients.
        self.assertIn("start_mclient: tot_send_msgs=6, tot_recv_msgs=6", said)
        self.assertRegex(server.log(), r"allocation 1: user \d+:alice from")

    @unittest.skipUnless(PEER, "turnutils_peer (coturn) is not installed")
    def test_peer_that_echoes(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        peer = subprocess.Popen(
            [PEER, "-L", "127.0.0.1", "-p", port], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(peer.wait, 10)
        self.addCleanup(peer.kill)
        for mode in ([], ["-s"]):
            self.all_came(serve(self, "--legacy-channels"), 10, "-c", "-m",
                          "1", "-n", "10", "-e", "127.0.0.1", "-r", port,
                          *mode)

    def test_wrong_password(self):
        server = serve(self)
        code, said = self.talk(server, "-y", "-s", "-m", "1", "-n", "3",
                               password="wrong")
        self.assertNotEqual(code, 0)
        self.assertIn("Cannot complete Allocation", said)
        self.assertRegex(server.log(), r"TURN-AUTH-FAIL unauthorized - check "
                         r"credentials: user alice from \S+ \(wrong password\)")
        self.assertNotIn("TURN-ALLOC-OK", server.log())


if __name__ == "__main__":
    main()
