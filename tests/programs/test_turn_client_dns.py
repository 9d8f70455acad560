# SPDX-License-Identifier: MIT
"""turn-client and what DNS says of a URI (RFC 5928): NAPTR, SRV, addresses,
and servers of names that say nothing."""
import json

from dns_stub import A, AAAA, NAPTR, SRV, Dns, a, naptr, srv
from programs import main, run
from turn_nat import ALICE, NatCase
from turn_servers import Ours

NAME = "turn.example.org"


class DnsTest(NatCase):
    """A server of ours, and a zone that leads to it, or not."""

    def ask(self, zone, *words, uri=f"turn:{NAME}", mute=False):
        """Exit status, the first step, and what the name server was asked."""
        with Dns(zone, mute) as dns:
            done = run("turn-client", "--json", *ALICE,
                       f"--nameserver=127.0.0.1:{dns.port}", *words, uri)
        said = json.loads(done.out)
        self.assertEqual(said["steps"][0]["step"], "resolve")
        if said["finding"] is not None:
            self.assertEqual(said["finding"]["finding"], "SAT-DNS")
        self.assertLess(done.seconds, 15)
        return done.code, said["steps"][0]["detail"], dns.asked

    def test_T684_srv_leads_to_another_port(self):
        port = self.server(Ours).port
        zone = {f"_turn._udp.{NAME}": [srv(1, 0, port, "relay.example.org"),
                                       srv(9, 0, 9, "worse.example.org")],
                "relay.example.org": [a("127.0.0.1")],
                "worse.example.org": [a("127.0.0.1")]}
        code, detail, asked = self.ask(zone)
        self.assertEqual(code, 0)
        self.assertEqual(detail, f"127.0.0.1:{port} over udp, by SRV "
                                 f"_turn._udp.{NAME}")
        self.assertEqual(asked[:2], [(NAPTR, NAME),
                                     (SRV, f"_turn._udp.{NAME}")])

    def test_T684_naptr_leads_to_srv(self):
        port = self.server(Ours).port
        zone = {NAME: [naptr(10, 0, "s", "RELAY:turn.udp", "there.example")],
                "there.example": [srv(0, 0, port, "relay.example.org")],
                "relay.example.org": [a("127.0.0.1")]}
        code, detail, _ = self.ask(zone)
        self.assertEqual(code, 0)
        self.assertEqual(detail, f"127.0.0.1:{port} over udp, by NAPTR {NAME},"
                                 " SRV there.example")

    def test_T682_a_port_asks_for_addresses_alone(self):
        port = self.server(Ours).port
        for words, kinds in (((), {A, AAAA}), (("-4",), {A})):
            code, detail, asked = self.ask(
                {NAME: [a("127.0.0.1")]}, *words, uri=f"turn:{NAME}:{port}")
            self.assertEqual((code, detail), (0, f"127.0.0.1:{port} over udp"))
            self.assertEqual({kind for kind, _ in asked}, kinds)

    def test_T683_a_transport_asks_for_srv_alone(self):
        port = self.server(Ours).port
        zone = {f"_turn._tcp.{NAME}": [srv(0, 0, port, "relay.example.org")],
                "relay.example.org": [a("127.0.0.1")]}
        code, detail, asked = self.ask(zone, uri=f"turn:{NAME}?transport=tcp")
        self.assertEqual(code, 0)
        self.assertIn(f"127.0.0.1:{port} over tcp, by SRV", detail)
        self.assertNotIn(NAPTR, {kind for kind, _ in asked})

    def test_D01_no_such_name_and_no_such_service(self):
        self.assertEqual(self.ask({})[0], 3)
        code, detail, _ = self.ask({f"_turn._udp.{NAME}": [srv(0, 0, 0, ".")]})
        self.assertEqual(code, 3)
        self.assertIn(NAME, detail)

    def test_a_server_of_names_that_fails_or_is_silent(self):
        self.assertEqual(self.ask({NAME: None, f"_turn._udp.{NAME}": None})[0],
                         3)
        code, _, asked = self.ask({}, mute=True)
        self.assertEqual(code, 3)
        self.assertEqual(len(set(asked)), 1)  # once is enough

    def test_usage(self):
        for words in (("--nameserver=[::1]:53",), ("--nameserver=x",),
                      ("--nameserver=127.0.0.1", "--all-transports")):
            done = run("turn-client", *ALICE, *words, "turn:a.example")
            self.assertEqual((done.code, done.out), (2, ""))
            self.assertIn("--nameserver", done.err)


if __name__ == "__main__":
    main()
