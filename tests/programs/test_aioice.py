# SPDX-License-Identifier: MIT
"""turn-server with aioice, the ICE of aiortc, as its client: S-330 to S-337,
and the reason of each refusal in the log."""
import base64
import hashlib
import hmac
import pathlib
import subprocess
import time
import unittest

from programs import main
from turn_talk import serve

PYTHON = "/usr/bin/python3"
PEER = str(pathlib.Path(__file__).with_name("aioice_peer.py"))


def has_aioice():
    """Does Debian's Python have it?"""
    try:
        return subprocess.run([PYTHON, "-c", "import aioice"], check=False,
                              capture_output=True).returncode == 0
    except OSError:
        return False


@unittest.skipUnless(has_aioice(), "python3-aioice is not installed")
class AioiceTest(unittest.TestCase):
    """Right and wrong credentials."""

    def talk(self, server, user, password):
        """What it says."""
        host, port = server.addresses[0]
        return subprocess.run(
            [PYTHON, PEER, host, str(port), user, password],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False).stdout.strip()

    def test_right_password(self):
        self.assertEqual(self.talk(serve(self), "alice", "secret"), "relayed")

    def test_wrong_password(self):
        server = serve(self)
        self.assertTrue(
            self.talk(server, "alice", "wrong").startswith("refused 401"))
        self.assertIn("wrong password", server.log())

    def test_unknown_user(self):
        server = serve(self)
        self.assertTrue(
            self.talk(server, "mallory", "secret").startswith("refused 401"))
        self.assertIn("unknown user", server.log())

    def ephemeral(self, expiry):
        """A pair of the secret `north`."""
        user = f"{int(expiry)}:carol"
        digest = hmac.new(b"north", user.encode(), hashlib.sha1).digest()
        return user, base64.b64encode(digest).decode()

    def test_T580_ephemeral_credential(self):
        server = serve(self, "--static-auth-secret=north")
        self.assertEqual(self.talk(server, *self.ephemeral(time.time() + 60)),
                         "relayed")

    def test_T583_ephemeral_credential_expired(self):
        server = serve(self, "--static-auth-secret=north")
        said = self.talk(server, *self.ephemeral(time.time() - 60))
        self.assertTrue(said.startswith("refused 401"))
        self.assertIn("expired", server.log())


if __name__ == "__main__":
    main()
