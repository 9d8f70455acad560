# SPDX-License-Identifier: MIT
"""turn-server is killed and started again with the same settings: what its
clients hear, and how they recover (C-31, T-782)."""
import json
import subprocess
import time
import unittest

import beds
import namespaces
from programs import NONCE, main, program
from test_aioice import PEER, PYTHON, has_aioice
from turn_talk import Client, TurnServer, relayed

ALICE = ("-u", "alice", "-w", "secret")
LISTEN = ("--listening-ip=127.0.0.1", "--listening-port=3478")


class Restart(unittest.TestCase):
    """On loopback, in a network where the port is free."""

    @classmethod
    def setUpClass(cls):
        namespaces.leave()

    def server(self, *words):
        """A server that is killed with the test if it still runs."""
        server = TurnServer(*words, listen=LISTEN)

        def end():
            if server.process.poll() is None:
                server.process.kill()
            server.end()

        self.addCleanup(end)
        return server

    def kill(self, server):
        """As the system does when memory is short."""
        server.process.kill()
        server.process.wait(10)

    def wait_for(self, holds, patience=30):
        """Until a condition holds."""
        deadline = time.monotonic() + patience
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def ended_with_the_test(self, process):
        """Whatever becomes of the test."""
        def end():
            process.kill()
            process.communicate()

        self.addCleanup(end)
        return process


class RestartTest(Restart):
    """Raw messages, and checks that are repeated."""

    def client(self):
        """A client of raw messages."""
        client = Client(("127.0.0.1", 3478))
        self.addCleanup(client.close)
        return client

    def test_T782_what_clients_hear(self):
        """The nonce was another server's, then there is no allocation; with a
        nonce-secret in the settings only the latter. Requests that are no
        Refresh are told the same."""
        for words, codes in (((), (438, 437)),
                             (("--nonce-secret=" + "5a" * 32,), (437,))):
            server = self.server(*words)
            client = self.client()
            here = relayed(client.allocate())
            self.assertEqual(client.bind(0x4000, here).code, 0)
            self.kill(server)
            server = self.server(*words)
            for code in codes:
                answer = client.ask(4)
                self.assertEqual(answer.code, code)
                client.nonce = answer.attributes.get(NONCE, client.nonce)
            self.assertEqual(client.permit(here).code, 437)
            self.assertEqual(client.bind(0x4000, here).code, 437)
            client.say_on(0x4000, b"lost")
            self.assertIsNone(client.receive(0.1))
            again = relayed(client.allocate())
            self.assertEqual(client.bind(0x4000, again).code, 0)
            client.say_on(0x4000, b"to myself")
            self.assertEqual(client.receive()[4:13], b"to myself")
            self.kill(server)

    def test_C31_repeated_checks(self):
        """A status that goes on: up, not there, and up again."""
        server = self.server()
        checks = self.ended_with_the_test(subprocess.Popen(
            [program("turn-client"), "--json", *ALICE, "-n1", "--repeat=1s",
             "--timeout=1s", "turn:127.0.0.1:3478"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL))

        def ok():
            return json.loads(beds.line_of(checks))["ok"]

        self.assertTrue(ok())
        self.kill(server)
        self.wait_for(lambda: not ok())
        self.server()
        self.wait_for(ok)

    @unittest.skipUnless(has_aioice(), "python3-aioice is not installed")
    def test_C31_aioice_before_and_after(self):
        """Agents that others wrote start anew as if nothing had been."""
        for _ in range(2):
            server = self.server()
            said = subprocess.run(
                [PYTHON, PEER, "127.0.0.1", "3478", "alice", "secret"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=60, check=False).stdout.strip()
            self.assertEqual(said, "relayed")
            self.kill(server)


if __name__ == "__main__":
    main()
