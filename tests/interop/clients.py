#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""turn-server with the TURN clients of libnice and of libre, in small programs
of ours: nice.c, re.c.

usage: clients.py TEST-PROGRAMS, with SATURN_EXAMPLES naming where ours are,
and SATURN_NICE and SATURN_RE the two programs, where they could be built
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, sys.argv.pop(1))
# pylint: disable=wrong-import-position
import certificate
from programs import main
from turn_talk import serve

NICE, RE = os.environ.get("SATURN_NICE"), os.environ.get("SATURN_RE")


class ClientsTest(unittest.TestCase):
    """Two clients in one program that reach each other by relays alone."""

    def serve(self):
        """A server with every transport; the file of its certificate."""
        directory, words = certificate.make()
        self.addCleanup(directory.cleanup)
        return serve(self, *words), directory.name + "/cert.pem"

    def talk(self, command, server, transport, *more, password="secret"):
        """What it says, and whether it is content."""
        done = subprocess.run(
            [command, "127.0.0.1", server.port(transport), transport, "alice",
             password, *more], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=60, check=False,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        return done.returncode, done.stdout + done.stderr

    def carried(self, server, least):
        """Two relays were given back, and nothing was refused."""
        carried = server.carried()
        self.assertEqual(len(carried), 2, server.log())
        self.assertGreaterEqual(min(map(min, carried)), least)
        self.assertNotRegex(server.log(), "TURN-(REFUSED|AUTH-FAIL)")

    @unittest.skipUnless(NICE, "libnice-dev is not installed")
    def test_agents_of_libnice(self):
        for transport in ("udp", "tcp"):
            with self.subTest(transport=transport):
                server, _ = self.serve()
                code, said = self.talk(NICE, server, transport)
                self.assertEqual(code, 0, said)
                self.assertEqual(said.count("over relay relay, 0 not sent"), 2,
                                 said)
                self.carried(server, 4000)

    @unittest.skipUnless(NICE, "libnice-dev is not installed")
    def test_T761_libnice_with_a_wrong_password(self):
        server, _ = self.serve()
        code, said = self.talk(NICE, server, "udp", password="wrong")
        self.assertEqual(code, 1, said)
        self.assertIn("no candidates", said)
        self.assertIn("wrong password", server.log())

    @unittest.skipUnless(RE, "libre-dev is not installed")
    def test_T262_T321_T720_clients_of_libre(self):
        for transport in ("udp", "tcp", "tls", "dtls"):
            with self.subTest(transport=transport):
                server, authority = self.serve()
                code, said = self.talk(RE, server, transport, authority)
                self.assertEqual((code, said), (0, "relayed 16 messages\n"))
                self.assertEqual(server.carried(), [(4628, 4628)] * 2)
                self.carried(server, 4628)

    @unittest.skipUnless(RE, "libre-dev is not installed")
    def test_T761_libre_with_a_wrong_password(self):
        server, _ = self.serve()
        code, said = self.talk(RE, server, "tcp", password="wrong")
        self.assertEqual(code, 1, said)
        self.assertIn("refused 401", said)
        self.assertIn("wrong password", server.log())


if __name__ == "__main__":
    main()
