# SPDX-License-Identifier: MIT
"""turn-server behind a static NAT, a client behind one that changes its ports,
and firewalls between them: C-10, C-11, C-27 to C-29, in networks of our own
(bed C)."""
import json
import subprocess
import unittest

import beds
import certificate
import namespaces
from beds import BEHIND_NAT, PEERS_ALLOWED, PUBLIC, RELAY_PORTS, SERVER, Bed
from programs import NONCE, XOR_MAPPED, attributes_of, main, program
from test_aioice import PYTHON, has_aioice
from turn_talk import DATA, Client, relayed, serve

ALICE = ("-u", "alice", "-w", "secret")
LISTEN = (f"--listening-ip={SERVER}", "--listening-port=3478")


class NatBed(unittest.TestCase):
    """A bed for each test."""

    @classmethod
    def setUpClass(cls):
        namespaces.leave()

    def setUp(self):
        self.bed = Bed(self, nat=True)

    def server(self, *words, listen=LISTEN):
        """turn-server, behind the static NAT."""
        with self.bed.srv:
            return serve(self, *BEHIND_NAT, *PEERS_ALLOWED, *RELAY_PORTS,
                         *words, listen=listen)

    def client(self, net, host):
        """A client of raw messages in a namespace."""
        with net:
            client = Client((PUBLIC, 3478), local=host)
        self.addCleanup(client.close)
        return client

    def turn_client(self, code, *words, net=None):
        """What turn-client finds; it ends with CODE."""
        got, out = beds.said_in(net or self.bed.cli, program("turn-client"),
                                "--json", *ALICE, *words,
                                f"turn:{PUBLIC}:3478")
        self.assertEqual(got, code, out)
        return [json.loads(line) for line in out.splitlines()]

    def assert_relayed(self, address):
        """An address that the static NAT leads to the relay."""
        self.assertEqual(address[0], PUBLIC)
        self.assertTrue(24000 <= address[1] <= 29999, address)

    def block(self, rules):
        """A firewall in the middle that drops, and counts, what RULES say."""
        lines = "".join(f"    {rule} counter name \"dropped\" drop;\n"
                        for rule in rules)
        self.bed.inet.nft("table inet filter {\n  counter dropped { }\n"
                          "  chain way { type filter hook forward priority 0;"
                          f"\n{lines}  }}\n}}\n")


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

    def test_C28_udp_is_blocked(self):
        folder, words = certificate.make(f"IP:{PUBLIC}", 5349)
        self.addCleanup(folder.cleanup)
        self.block(["udp dport { 3478, 5349 }"])
        self.server(*words)
        words = ["--all-transports", f"--ca={folder.name}/cert.pem",
                 "--timeout=3s"]
        told = beds.start(self, self.bed.cli, program("turn-client"), *ALICE,
                          *words, f"turn:{PUBLIC}:3478")
        said = self.turn_client(10, *words)
        self.assertEqual(
            {one["transport"]: (one["ok"], (one["finding"] or {}).get(
                "finding")) for one in said},
            {"udp": (False, "SAT-UDP-SILENT"), "tcp": (True, None),
             "tls": (True, None), "dtls": (False, "SAT-TLS-SILENT")})
        self.assertGreater(self.bed.inet.counted("dropped"), 0)
        out = told.communicate(timeout=30)[0]
        self.assertEqual(told.returncode, 10)
        self.assertIn("UDP to this port is filtered: it works over TCP", out)

    def test_C29_relay_range_is_blocked_from_outside(self):
        """Diagnosis, section 4, step 10: what the peer returns is dropped."""
        self.block(['iifname "i2" udp dport 24000-29999'])
        self.server()
        peer = beds.Echo(self, self.bed.peer, beds.PEER)
        process = beds.start(
            self, self.bed.cli, program("turn-client"), "--json", *ALICE,
            "-n2", "--peer=%s:%d" % peer.address, f"turn:{PUBLIC}:3478")
        said = json.loads(peer.serve_until(process))
        self.assertEqual((said["exit"], said["finding"]["finding"]),
                         (15, "SAT-RELAY-IN"))
        self.assertEqual(len(peer.sources), 1)
        self.assertEqual(self.bed.inet.counted("dropped"), 2)
        # From one relay to another nothing passes the firewall.
        self.assertTrue(self.turn_client(0, "-n2")[0]["ok"])


@unittest.skipUnless(has_aioice(), "python3-aioice is not installed")
class CallTest(NatBed):
    """Two ICE agents that others wrote, on different sides of it all."""

    def agent(self, net, role, transport):
        """One of them."""
        with net:
            agent = subprocess.Popen(
                [PYTHON, beds.here("ice_peer.py"), role, PUBLIC, "3478",
                 transport, "alice", "secret"], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def end():
            agent.kill()
            agent.communicate()

        self.addCleanup(end)
        return agent

    def call(self, transport):
        """A call through the relay: the candidates of both, and what came."""
        agents = [self.agent(self.bed.cli, "call", transport),
                  self.agent(self.bed.peer, "answer", "udp")]
        offers = [beds.line_of(agent) for agent in agents]
        for agent, offer in zip(agents, reversed(offers)):
            agent.stdin.write(offer)
            agent.stdin.flush()
        came = [json.loads(beds.line_of(agent))["came"] for agent in agents]
        for agent in agents:
            agent.communicate("over\n", timeout=20)
            self.assertEqual(agent.returncode, 0)
        return [json.loads(offer)["candidates"] for offer in offers], came

    def assert_call(self, transport):
        """All came, and both had nothing but public relayed addresses."""
        offers, came = self.call(transport)
        self.assertEqual(came, [50, 50])
        for candidates in offers:
            self.assertEqual(len(candidates), 1)
            words = candidates[0].split()
            self.assert_relayed((words[4], int(words[5])))
            self.assertIn("typ relay", candidates[0])

    def test_C10_C27_call_between_both_sides(self):
        self.server()
        self.assert_call("udp")

    def test_C28_call_where_udp_is_blocked(self):
        self.block(['iifname "i0" meta l4proto udp'])
        self.server()
        self.assert_call("tcp")


if __name__ == "__main__":
    main()
