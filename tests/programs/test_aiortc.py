# SPDX-License-Identifier: MIT
"""turn-server with aiortc, a WebRTC in Python: a data channel (ICE, DTLS,
SCTP) through two relays, over UDP, TCP and TLS to the server."""
import os
import pathlib
import subprocess
import unittest

import certificate
from programs import main
from turn_talk import serve

PYTHON = "/usr/bin/python3"
PEER = str(pathlib.Path(__file__).with_name("aiortc_peer.py"))
BYTES = 6101  # what the peer sends, and gets back


def has_aiortc():
    """Does Debian's Python have it?"""
    try:
        return subprocess.run([PYTHON, "-c", "import aiortc"], check=False,
                              capture_output=True).returncode == 0
    except OSError:
        return False


@unittest.skipUnless(has_aiortc(), "python3-aiortc is not installed")
class AiortcTest(unittest.TestCase):
    """Each way to the relay."""

    def talk(self, server, transport, uri, password="secret", **env):
        """What it says, and all it says on stderr."""
        done = subprocess.run(
            [PYTHON, PEER, uri.format(server.port(transport)), "alice",
             password],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=90, check=False, env={**os.environ, **env})
        return done.stdout.strip(), done.stderr[-3000:]

    def relays(self, server, *words, **env):
        """Both ends have a relay and nothing else, and all went through."""
        said, fault = self.talk(server, *words, **env)
        self.assertEqual(said, "relayed relay relay", fault)
        carried = server.carried()
        self.assertEqual(len(carried), 2, server.log())
        self.assertGreater(min(map(min, carried)), BYTES)
        self.assertNotRegex(server.log(), "TURN-(REFUSED|AUTH-FAIL)")

    def test_data_over_udp(self):
        self.relays(serve(self), "udp", "turn:127.0.0.1:{}?transport=udp")

    def test_data_over_tcp(self):
        self.relays(serve(self), "tcp", "turn:127.0.0.1:{}?transport=tcp")

    def test_T724_data_over_tls(self):
        directory, words = certificate.make("DNS:localhost")
        self.addCleanup(directory.cleanup)
        self.relays(serve(self, *words), "tls",
                    "turns:localhost:{}?transport=tcp",
                    SSL_CERT_FILE=directory.name + "/cert.pem")

    def test_wrong_password(self):
        server = serve(self)
        said, fault = self.talk(server, "udp",
                                "turn:127.0.0.1:{}?transport=udp", "wrong")
        self.assertTrue(said.startswith("refused 401"), fault)
        self.assertIn("wrong password", server.log())


if __name__ == "__main__":
    main()
