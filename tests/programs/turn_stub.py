# SPDX-License-Identifier: MIT
"""The start of a TURN server that does on purpose what a test wants, and
turn-client against it."""
import json
import struct
import unittest

from programs import (BINDING, ERROR, FAILURE, INTEGRITY, LIFETIME, NONCE,
                      REALM, SUCCESS, XOR_MAPPED, XOR_RELAYED, Stub, error,
                      long_term_key, run, xor_address)

USER, PASSWORD, REALM_TEXT = "alice", "a secret word", "example.org"
KEY = long_term_key(USER, REALM_TEXT, PASSWORD)


class Turn:
    """The start of a TURN server: Binding and the challenge as they should
    be, and what AFTER says for requests with credentials."""

    def __init__(self, after, realm=REALM_TEXT, binding=True):
        self.after, self.realm, self.binding = after, realm, binding
        self.nonces = 0
        self.authenticated = []
        self.port = None

    def nonce(self):
        """A new one each time."""
        self.nonces += 1
        return f"nonce-{self.nonces}".encode()

    def challenge(self, request, code=401, nonce=None, realm=None):
        """401 or 438 with REALM and NONCE."""
        return request.reply(
            FAILURE, (ERROR, error(code, "Challenge")),
            (REALM, (realm or self.realm).encode()),
            (NONCE, nonce or self.nonce()))

    def __call__(self, request):
        if request.method == BINDING:
            return request.reply(SUCCESS, (
                XOR_MAPPED, xor_address(*request.source))) \
                if self.binding else None
        if INTEGRITY not in request.attributes:
            return self.challenge(request)
        self.authenticated.append(request)
        return self.after(self, request)


def refuse(code, phrase="", protected=True):
    """Answer the request with an error code."""
    return lambda turn, request: request.reply(
        FAILURE, (ERROR, error(code, phrase)),
        key=KEY if protected else None)


def allocated(request, *, relayed="127.0.0.1", **more):
    """A whole Allocate success."""
    return request.reply(
        SUCCESS, (XOR_RELAYED, xor_address(relayed, 50000)),
        (XOR_MAPPED, xor_address(*request.source)),
        (LIFETIME, struct.pack("!I", 600)), **{"key": KEY, **more})


class TurnCase(unittest.TestCase):
    """turn-client against a stub."""

    def check(self, handler, *words, user=USER, password=PASSWORD):
        """Run the client with --json; the outcome, its object, the stub."""
        credentials = ["-u", user] if user else []
        with Stub(handler) as stub:
            if isinstance(handler, Turn):
                handler.port = stub.port
            done = run("turn-client", "--json", *credentials, *words,
                       f"turn:127.0.0.1:{stub.port}",
                       env={"SATURN_PASSWORD": password} if user else None)
        self.assertEqual(done.out.count("\n"), 1, done.out + done.err)
        said = json.loads(done.out)
        self.assertEqual(said["exit"], done.code)
        self.assertNotIn(PASSWORD, done.out + done.err)
        return done.code, said, stub

    def finds(self, handler, code, finding, *words, **more):
        """It ends with that exit code and that finding."""
        got, said, stub = self.check(handler, *words, **more)
        self.assertEqual((got, said["finding"]["finding"]), (code, finding))
        for part in ("text", "seen", "check", "fix", "reference"):
            self.assertTrue(said["finding"][part])
        self.assertFalse(said["ok"])
        self.assertFalse(said["steps"][-1]["ok"])
        return said, stub
