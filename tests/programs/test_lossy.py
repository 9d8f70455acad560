# SPDX-License-Identifier: MIT
"""Ways to the server that are slow, or lose and repeat packets: C-19, C-33, in
networks of our own."""
import json
import unittest

import beds
import namespaces
from beds import PEERS_ALLOWED, RELAY_PORTS, SERVER, Bed, Net
from nat_bed import ALICE, LISTEN
from programs import main, program
from turn_talk import serve
from wire import Wire


class WireTest(unittest.TestCase):
    """Behind a wire that is not good."""

    @classmethod
    def setUpClass(cls):
        namespaces.leave()

    def setUp(self):
        self.bed, self.far = Bed(self), Net(self)
        with self.bed.srv:
            self.server = serve(self, *PEERS_ALLOWED, *RELAY_PORTS,
                                listen=LISTEN)

    def turn_client(self, *words):
        """What it reports, and its exit code."""
        code, out = beds.said_in(self.far, program("turn-client"), "--json",
                                 *ALICE, *words, f"turn:{SERVER}:3478")
        return code, json.loads(out)

    def test_C19_round_trip_times(self):
        """40 ms each way: what passes the wire once there and once back takes
        80 ms, and data to oneself 160."""
        Wire(self, self.far, self.bed.inet, "100.64.7", delay=0.040)
        _, said = self.turn_client("-n5")
        steps = {step["step"]: step["ms"] for step in said["steps"]}
        for name, least in (("binding", 80), ("peer", 160), ("refresh", 80)):
            self.assertGreaterEqual(steps[name], least)
        self.assertEqual(said["data"]["returned"], 5)
        self.assertGreaterEqual(said["rtt"]["min"], 160)
        self.assertLess(said["rtt"]["min"], 320)

    def test_C33_loss_and_repetition(self):
        """Every fifth packet is lost, every tenth comes twice: each client
        has its relays, and no relay is made twice."""
        wire = Wire(self, self.far, self.bed.inet, "100.64.7", lose=5,
                    repeat=10)
        code, said = self.turn_client("-m", "3", "-n", "30", "-z", "10")
        self.assertEqual((said["ready"], said["failed"]), (3, 0), said)
        self.assertEqual((code, said["finding"]["finding"]),
                         (15, "SAT-DATA-LOST"))
        self.assertGreater(said["returned"], 0)
        self.assertGreater(wire.lost, 10)
        log = self.server.log()
        self.assertEqual(log.count("TURN-ALLOC-OK"), 6)
        self.assertNotIn("TURN-ALLOC-REFUSED", log)


if __name__ == "__main__":
    main()
