# SPDX-License-Identifier: MIT
"""A firewall that lets nothing to the relays pass: C-29, behind two NATs."""
import json
import time

import beds
from beds import PUBLIC
from nat_bed import ALICE, NatBed
from programs import main, program


class RelaysBlockedTest(NatBed):
    """turn-client explains it, and the server logs it."""

    def test_C29_relay_range_is_blocked_from_outside(self):
        """Diagnosis, section 4, step 10: what the peer returns is dropped."""
        self.block(['iifname "i2" udp dport 24000-29999'])
        server = self.server()
        peer = beds.Echo(self, self.bed.peer, beds.PEER)
        client = self.client(self.bed.cli, beds.HOME)
        self.assertEqual(client.allocate().code, 0)
        self.assertEqual(client.permit(peer.address).code, 0)
        client.say(peer.address, b"is anybody there?")
        process = beds.start(
            self, self.bed.cli, program("turn-client"), "--json", *ALICE,
            "-n2", "--peer=%s:%d" % peer.address, f"turn:{PUBLIC}:3478")
        said = json.loads(peer.serve_until(process))
        self.assertEqual((said["exit"], said["finding"]["finding"]),
                         (15, "SAT-RELAY-IN"))
        self.assertEqual(len(peer.sources), 2)
        self.assertEqual(self.bed.inet.counted("dropped"), 3)
        # From one relay to another nothing passes the firewall.
        self.assertTrue(self.turn_client(0, "-n2")[0]["ok"])
        self.assertIn("allocation 1: no packet from any peer for ",
                      self.wait_for_event(server, "TURN-NO-RETURN"))

    def wait_for_event(self, server, name, patience=30):
        """The log, once it has an event."""
        deadline = time.monotonic() + patience
        while name not in (text := server.log()):
            self.assertLess(time.monotonic(), deadline, text)
        return text


if __name__ == "__main__":
    main()
