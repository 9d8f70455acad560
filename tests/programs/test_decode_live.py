# SPDX-License-Identifier: MIT
"""stun-decode -i, while turn-client talks to turn-server in a network of their
own."""
import json
import os
import select
import signal
import subprocess
import time
import unittest

import namespaces
from programs import main, program, run
from turn_talk import serve


def setUpModule():  # pylint: disable=invalid-name
    """Nobody else is to be heard on lo."""
    namespaces.leave()


class Live:
    """A capture that runs."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [program("stun-decode"), "-i", "lo", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL)
        self.out = ""
        assert b"capturing on lo" in self.process.stderr.readline()

    def read_until(self, word, patience=20):
        """What was said up to a word."""
        end = time.monotonic() + patience
        while word not in self.out and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                piece = os.read(self.process.stdout.fileno(), 65536)
                if not piece:
                    break
                self.out += piece.decode()
        return self.out

    def end(self, number=signal.SIGINT):
        """Its status, and all that it said."""
        self.process.send_signal(number)
        rest, err = self.process.communicate(timeout=20)
        return self.process.returncode, self.out + rest.decode(), err.decode()


class LiveTest(unittest.TestCase):
    """What it says while it captures, and at its end."""

    def setUp(self):
        self.server = serve(self)
        self.uri = f"turn:127.0.0.1:{self.server.addresses[0][1]}"

    def listen(self, *words):
        try:
            live = Live(*words)
        except AssertionError as why:
            raise unittest.SkipTest("capturing is not allowed") from why
        self.addCleanup(live.process.stdout.close)
        self.addCleanup(live.process.stderr.close)
        self.addCleanup(live.process.wait, 10)
        self.addCleanup(live.process.kill)
        return live

    def call(self, password="secret"):
        return run("turn-client", "-u", "alice", "-w", password, "-n2",
                   self.uri).code

    def test_what_goes_well_has_no_finding(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            live = self.listen("--sessions", "-u", "alice", "-w", "secret")
            self.assertEqual(self.call(), 0)
            live.read_until("Refresh Success Response lifetime: 0")
            code, out, err = live.end(number)
            self.assertEqual((code, err), (0, ""), out)
            self.assertIn("Allocate Success Response", out)
            self.assertIn("integrity: valid", out)
            self.assertNotIn("SAT-", out)
            self.assertIn("\nsession 127.0.0.1:", out)
            self.assertIn(' user "alice"', out)

    def test_findings_are_told_as_they_arise_and_once(self):
        live = self.listen("-u", "alice", "-w", "secret")
        self.assertEqual(self.call("secret "), 11)
        said = live.read_until("SAT-PASSWORD-BLANK")
        self.assertIn("SAT-PASSWORD-BLANK", said)
        code, out, _ = live.end()
        self.assertEqual(code, 1)
        self.assertEqual(out.count("SAT-PASSWORD-BLANK"), 1, out)

    def test_what_only_the_end_shows_is_told_at_the_end(self):
        live = self.listen("--json")
        self.assertEqual(run("turn-client", self.uri).code, 11)
        live.read_until('"code":401')
        code, out, _ = live.end()
        rows = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([row["finding"] for row in rows if "finding" in row],
                         ["SAT-NO-CREDENTIALS"])
        self.assertEqual(code, 1)


class UsageTest(unittest.TestCase):
    """What does not work is one line."""

    def one_line(self, code, done, *texts):
        self.assertEqual((done.returncode, done.stdout), (code, ""))
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)

    def decode(self, *words, **more):
        return subprocess.run([program("stun-decode"), *words], text=True,
                              capture_output=True, timeout=20, check=False,
                              stdin=subprocess.DEVNULL, **more)

    def test_interfaces_that_are_none(self):
        self.one_line(3, self.decode("-i", "nonsense"), "nonsense")
        self.one_line(3, self.decode("-i", ""))
        self.one_line(2, self.decode("-i", "lo", "file"), "-i")
        self.one_line(2, self.decode("-i", "lo", "--hex"), "-i")

    def test_without_permission(self):
        def leave_root():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            done = self.decode("-i", "lo", preexec_fn=leave_root)
        except (subprocess.SubprocessError, PermissionError) as why:
            raise unittest.SkipTest(f"cannot become nobody: {why}") from why
        self.one_line(3, done, "not allowed", "as root")


if __name__ == "__main__":
    main()
