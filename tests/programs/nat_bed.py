# SPDX-License-Identifier: MIT
"""turn-server behind a static NAT, and clients behind one that changes their
ports: bed C, and who is in it."""
import json
import subprocess
import unittest

import beds
import namespaces
from beds import BEHIND_NAT, PEERS_ALLOWED, PUBLIC, RELAY_PORTS, SERVER, Bed
from programs import program
from test_aioice import PYTHON
from turn_talk import Client, serve

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
