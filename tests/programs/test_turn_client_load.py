# SPDX-License-Identifier: MIT
"""turn-client's load and repetition against two real servers: its figures
beside those of coturn's client, ends by an interrupt, tables in order."""
import json
import os
import re
import signal
import subprocess
import time
import unittest

from programs import find, main, program, run
from turn_nat import ALICE, Nat, NatCase
from turn_servers import Ours

UCLIENT = find("turnutils_uclient")
MAN = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "man",
                   "turn-client.1")
LOAD = ("-m", "4", "-n", "50", "-z", "10", "-l", "160")


class Dropper:
    """Loses every tenth packet of data that comes back."""

    def __init__(self):
        self.seen = self.lost = 0

    def __call__(self, datagram):
        if datagram[0] < 0x40:
            return datagram
        self.seen += 1
        if self.seen % 10:
            return datagram
        self.lost += 1
        return None


class LoadTest(NatCase):
    """So many clients at once."""

    def load(self, port):
        """Ours: its exit status, its object."""
        done = run("turn-client", "--json", *ALICE, *LOAD,
                   f"turn:127.0.0.1:{port}")
        return done.code, json.loads(done.out)

    def figures(self, server):
        """Without loss: all that was sent came back, in plausible time."""
        code, said = self.load(server.port)
        self.assertEqual((code, said["finding"]), (0, None))
        self.assertEqual((said["sent"], said["returned"], said["lost"]),
                         (200, 200, 0))
        # 50 packets of each client at 10 ms, of 160 bytes.
        self.assertGreater(said["seconds"], 0.45)
        self.assertAlmostEqual(said["mbit_per_s"] * said["seconds"],
                               200 * 160 * 8 / 1e6, delta=0.001)
        rtt = said["rtt"]
        self.assertEqual(sorted(rtt.values()), list(rtt.values()))
        self.assertGreater(rtt["min"], 0.01)
        self.assertLess(rtt["p50"], 100)

    def test_figures_without_loss(self):
        self.each(self.figures)

    def test_loss_is_counted_exactly(self):
        def lose(server):
            drop = Dropper()
            with Nat(("127.0.0.1", server.port), back=drop) as middle:
                code, said = self.load(middle.port)
            self.assertEqual((code, said["finding"]["finding"]),
                             (15, "SAT-DATA-LOST"))
            self.assertEqual((said["sent"], said["lost"]), (200, drop.lost))
            self.assertEqual(said["returned"], 200 - drop.lost)
            self.assertEqual(said["finding"]["seen"],
                             f"{drop.lost} of 200 packets did not come back")
            # There and back: two ways to be lost on.
            self.assertAlmostEqual(said["lost_percent"], 19, delta=1)

        self.each(lose)

    @unittest.skipUnless(UCLIENT, "turnutils_uclient is not installed")
    def test_coturns_client_counts_the_same(self):
        server = self.server(Ours, "--legacy-channels")
        self.figures(server)
        done = subprocess.run(
            [UCLIENT, "-y", "-c", "-u", "alice", "-w", "secret", *LOAD, "-p",
             str(server.port), "127.0.0.1"], capture_output=True, text=True,
            timeout=60, check=False)
        said = done.stdout + done.stderr
        self.assertIn("tot_send_msgs=200, tot_recv_msgs=200", said)
        self.assertIn("tot_send_bytes ~ 32000, tot_recv_bytes ~ 32000", said)
        self.assertIn("Total lost packets 0 ", said)
        delay = re.search(r"round trip delay ([\d.]+) ms", said)
        self.assertLess(float(delay[1]), 100)


class EndTest(NatCase):
    """Ends, orders, keys."""

    def interrupted(self, *words, until, patience=20):
        """Interrupt it when UNTIL is true; its exit status and its lines."""
        with subprocess.Popen([program("turn-client"), *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as client:
            deadline = time.monotonic() + patience
            while not until(client) and time.monotonic() < deadline:
                time.sleep(0.02)
            client.send_signal(signal.SIGINT)
            out, err = client.communicate(timeout=patience)
        return client.returncode, out, err

    def test_interrupted_load_ends_with_its_sum(self):
        server = self.server(Ours)
        with Nat(("127.0.0.1", server.port)) as middle:
            code, out, err = self.interrupted(
                *ALICE, "-m", "2", "-n", "100000", "-z", "10",
                f"turn:127.0.0.1:{middle.port}",
                until=lambda _: middle.passed > 300)
        self.assertEqual(code, 3)
        self.assertRegex(out, r"data +\d+ packets of 160 bytes")
        self.assertRegex(out, r"rtt +min \d")
        self.assertIn("interrupted", out)
        self.assertNotIn("Traceback", err)

    def test_interrupted_repetition_ends_with_its_sum(self):
        server = self.server(Ours)
        with Nat(("127.0.0.1", server.port)) as middle:
            code, out, _ = self.interrupted(
                *ALICE, "--repeat=1s", f"turn:127.0.0.1:{middle.port}",
                until=lambda _: len(middle.requests) > 30)
        self.assertEqual(code, 0)
        *_, last = out.splitlines()
        self.assertRegex(last, r" up .* median .* good [1-9]\d* bad 0 ")

    def test_the_nearer_server_stands_first(self):
        near = self.server(Ours)
        with Nat(("127.0.0.1", near.port), delay=0.03) as far:
            done = run("turn-client", *ALICE, f"turn:127.0.0.1:{far.port}",
                       f"turn:127.0.0.1:{near.port}")
        self.assertEqual(done.code, 0, done.out)
        first, second = done.out.rstrip("\n").split("\n")[-2:]
        self.assertIn(f":{near.port}", first)
        self.assertIn(f":{far.port}", second)
        self.assertGreater(float(second.split()[0]), 30)

    def test_what_lasts_longer_than_a_second_shows_on_stderr(self):
        server = self.server(Ours)
        done = run("turn-client", "--json", *ALICE, "-m", "2", "-n", "25",
                   "-z", "100", f"turn:127.0.0.1:{server.port}")
        self.assertEqual(done.code, 0)
        self.assertEqual(done.out.count("\n"), 1)
        self.assertRegex(done.err, r"turn-client: .*\d+ .*sent")

    def test_the_manual_has_the_keys(self):
        with open(MAN, encoding="ascii") as file:
            keys = [line.split()[1:] for line in file.read().replace(
                "\n.BR exit", " exit").splitlines()
                    if line.startswith(".B uri ")]
        server = self.server(Ours)
        uri = f"turn:127.0.0.1:{server.port}"
        for words, listed in zip(((), ("-m", "1", "-n", "1")), keys):
            done = run("turn-client", "--json", *ALICE, *words, uri)
            listed = [key for key in listed if key not in ("or", ".")]
            self.assertEqual(sorted(json.loads(done.out)), sorted(listed))


if __name__ == "__main__":
    main()
