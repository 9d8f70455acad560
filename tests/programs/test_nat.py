# SPDX-License-Identifier: MIT
"""turn-server behind a static NAT, a client behind one that changes its ports:
C-10, C-11 and C-27, in networks of our own (bed C)."""
import json
import unittest

import beds
from beds import PUBLIC, RELAY_PORTS, SERVER
from nat_bed import ALICE, LISTEN, NatBed
from programs import (NONCE, XOR_MAPPED, attributes_of, main, program)
from test_aioice import has_aioice
from turn_talk import DATA, relayed


class NatTest(NatBed):
    """Raw messages and turn-client."""

    def test_C10_C27_addresses_through_both_nats(self):
        server = self.server()
        client = self.client(self.bed.cli, beds.HOME)
        peer = self.bed.peer.socket(self, beds.PEER)
        there = peer.getsockname()
        answer = client.allocate()
        address = relayed(answer)
        self.assert_relayed(address)
        mapped = answer.address(XOR_MAPPED)
        self.assertEqual(mapped[0], beds.NAT)
        self.assertNotEqual(mapped[1], client.local()[1])
        self.assertEqual(client.permit(there).code, 0)
        client.say(there, b"out")
        self.assertEqual(peer.recvfrom(100), (b"out", address))
        peer.sendto(b"back", address)
        self.assertIn(b"back", client.receive())
        self.assertIn(f"got {PUBLIC}:{address[1]} "
                      f"(bound to {SERVER}:{address[1]})", server.log())

    def test_C27_another_mapping_is_another_client(self):
        """What the NAT forgets comes back from another port: the server says
        that there is no allocation, and a new one is to be had."""
        self.server()
        client = self.client(self.bed.cli, beds.HOME)
        before = client.allocate().address(XOR_MAPPED)
        self.assertEqual(client.ask(4).code, 0)
        self.bed.forget()
        answer = client.ask(4)
        if answer.code == 438:  # the nonce was made for the other port
            client.nonce = answer.attributes[NONCE]
            answer = client.ask(4)
        self.assertEqual(answer.code, 437)
        answer = client.allocate()
        self.assertEqual(answer.code, 0)
        self.assertNotEqual(answer.address(XOR_MAPPED), before)

    def test_C10_turn_client_through_both_nats(self):
        self.server()
        with self.bed.peer:
            peer = beds.Echo(self, self.bed.peer, beds.PEER)
        process = beds.start(
            self, self.bed.cli, program("turn-client"), "--json", *ALICE,
            "-n5", f"--peer={peer.address[0]}:{peer.address[1]}",
            f"turn:{PUBLIC}:3478")
        said = json.loads(peer.serve_until(process))
        self.assertTrue(said["ok"], said)
        self.assertEqual(said["mapped"].rpartition(":")[0], beds.NAT)
        host, _, port = said["relayed"].rpartition(":")
        self.assert_relayed((host, int(port)))
        self.assertEqual(peer.sources, {(host, int(port))})

    def test_C11_hairpin_stays_inside(self):
        """Two clients behind different networks use each other's relayed
        address: the uplink of the server, whose NAT reflects nothing, does
        not see it."""
        self.bed.srv.nft("""table inet filter {
  counter up { }
  chain post { type filter hook postrouting priority 0;
    oifname "s0" udp sport 24000-29999 counter name "up";
  }
}
""")
        self.server()
        one = self.client(self.bed.cli, beds.HOME)
        two = self.client(self.bed.peer, beds.PEER)
        first, second = relayed(one.allocate()), relayed(two.allocate())
        self.assertEqual(one.bind(0x4000, second).code, 0)
        self.assertEqual(two.permit(first).code, 0)
        for number in range(20):
            one.say_on(0x4000, b"there %d" % number)
            there = attributes_of(two.receive())
            self.assertEqual(there[DATA], b"there %d" % number)
            two.say(first, b"back %d" % number)
            self.assertEqual(one.receive()[4:12].rstrip(b"\0"),
                             b"back %d" % number)
        self.assertEqual(self.bed.srv.counted("up"), 0)
        self.assertTrue(self.turn_client(0, "-n20")[0]["ok"])
        self.assertEqual(self.bed.srv.counted("up"), 0)
        # The counter counts: a peer elsewhere is reached over the uplink.
        outside = self.bed.peer.socket(self, beds.PEER)
        one.permit(outside.getsockname())
        one.say(outside.getsockname(), b"out")
        self.assertEqual(outside.recvfrom(10), (b"out", first))
        self.assertEqual(self.bed.srv.counted("up"), 1)

    def test_B51_no_public_address(self):
        """What the operator and the client hear where external-ip is
        missing."""
        words = [program("turn-server"), *LISTEN, *RELAY_PORTS, "--realm=r",
                 "--user=alice:secret", "--log-file=/dev/null"]
        with self.bed.srv:
            server = beds.start(self, self.bed.srv, "sh", "-c",
                                'exec "$@" 2>&1', "sh", *words)
        self.assertIn(f"relays are at {SERVER}, a private address",
                      beds.line_of(server))
        beds.wait_for(server, "ready")
        said, = self.turn_client(1, "-n2")
        self.assertEqual((said["finding"]["finding"], said["data"]["returned"]),
                         ("SAT-RELAY-ADDRESS", 2))

    @unittest.skipUnless(has_aioice(), "python3-aioice is not installed")
    def test_C10_C27_call_between_both_sides(self):
        self.server()
        self.assert_call("udp")


if __name__ == "__main__":
    main()
