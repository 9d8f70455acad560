# SPDX-License-Identifier: MIT
"""examples/demo: everything at once, as a newcomer runs it."""
import os
import subprocess
import unittest

from programs import BUILD, main

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SECRETS = ("correct-horse", "battery-staple", "on-the-bridge",
           "on-the-server")


class DemoTest(unittest.TestCase):
    """The demonstration, against the programs that were built."""

    def run_demo(self, **env):
        """Run it; nothing of it may stay behind."""
        build = os.path.dirname(os.path.abspath(BUILD))
        return subprocess.run(
            [os.path.join(TOP, "examples", "demo")], cwd="/",
            env={**os.environ, "BUILD": build, **env},
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False)

    def test_every_step_comes_out(self):
        done = self.run_demo()
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        for text in ("all good", "5 of 5 back", "SAT-CREDENTIALS",
                     "realm TANDBERG", "431 Integrity Check Failure",
                     "SAT-PASSWORD", "integrity: invalid", "To try next",
                     "Every step came out as it should"):
            self.assertIn(text, done.stdout)
        for secret in SECRETS:
            self.assertNotIn(secret, done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_a_build_that_is_none(self):
        done = self.run_demo(BUILD="/dev/null/build")
        self.assertEqual(done.returncode, 1)
        self.assertIn("demo: ", done.stderr)


if __name__ == "__main__":
    main()
