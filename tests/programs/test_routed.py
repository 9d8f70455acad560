# SPDX-License-Identifier: MIT
"""turn-server between routers: ICMP, fields of IP headers, two interfaces,
both families (C-09, C-20, C-22 to C-24), in networks of our own (bed B)."""
import json
import select
import socket
import struct
import unittest

import beds
import namespaces
from beds import (CLIENT6, NAT, PEER, PEER6, PEERS_ALLOWED, RELAY_PORTS,
                  SERVER, SERVER6, Bed)
from programs import XOR_PEER, attributes_of, main, program
from turn_talk import (DATA, DONT_FRAGMENT, Client, family, relayed, serve,
                       unxor)

ICMP = 0x8004
IP_RECVTTL = 12  # of Linux: Python does not name it
LISTEN = (f"--listening-ip={SERVER}", f"--listening-ip={SERVER6}",
          "--listening-port=3478")
ALICE = ("-u", "alice", "-w", "secret")
CLIENT = NAT  # without a NAT the client has that address


class RoutedTest(unittest.TestCase):
    """A bed for each test."""

    @classmethod
    def setUpClass(cls):
        namespaces.leave()

    def setUp(self):
        self.bed = Bed(self)

    def server(self, *words, listen=LISTEN):
        """turn-server in the middle."""
        with self.bed.srv:
            return serve(self, *PEERS_ALLOWED, *RELAY_PORTS, *words,
                         listen=listen)

    def client(self, net=None, local=CLIENT, server=SERVER):
        """A client of raw messages, behind a router."""
        with net or self.bed.cli:
            client = Client((server, 3478), local=local)
        self.addCleanup(client.close)
        return client

    def allocation(self, *attributes, peer=PEER, **more):
        """A client with a permission for PEER, and its relayed address."""
        client = self.client(**more)
        address = relayed(client.allocate(*attributes))
        self.assertEqual(client.permit((peer, 9)).code, 0)
        return client, address

    def report(self, client, send, patience=10):
        """Type, code and number of the ICMP report that comes to SEND, which
        is called until there is one, and the peer that it names."""
        for _ in range(int(patience / 0.5)):
            send()
            raw = client.receive(0.5)
            if raw is not None and ICMP in (found := attributes_of(raw)):
                _, word, number = struct.unpack("!HHI", found[ICMP])
                return ((word >> 9, word & 0x1FF, number),
                        unxor(found[XOR_PEER], raw[8:20]))
        raise AssertionError("no report")

    def test_C22_closed_port_of_a_peer(self):
        server = self.server()
        client, _ = self.allocation()
        self.assertEqual(
            self.report(client, lambda: client.say((PEER, 9), b"hello")),
            ((3, 3, 0), (PEER, 9)))
        self.assertIn(f"peer {PEER}:9 unreachable (ICMP 3/3)", server.log())

    def test_C22_closed_port_of_a_peer_over_IPv6(self):
        self.server()
        client, _ = self.allocation(family(2), peer=PEER6)
        self.assertEqual(
            self.report(client, lambda: client.say((PEER6, 9), b"hello")),
            ((1, 4, 0), (PEER6, 9)))

    def test_C22_no_route_to_a_peer(self):
        """What a router on the way says is told as well."""
        self.server()
        self.bed.inet.ip("route add unreachable 203.0.113.77")
        client, _ = self.allocation(peer="203.0.113.77")
        self.assertEqual(
            self.report(client, lambda: client.say(("203.0.113.77", 5), b"x")),
            ((3, 1, 0), ("203.0.113.77", 5)))

    def test_C22_dont_fragment(self):
        """A link of 600 bytes: packets that must not be fragmented are
        reported, others arrive in pieces."""
        self.server()
        self.bed.inet.ip("link set i2 mtu 600")
        peer = self.bed.peer.socket(self, PEER)
        there, text = peer.getsockname(), bytes(1000)
        client, _ = self.allocation((DONT_FRAGMENT, b""))
        client.say(there, text)
        self.assertEqual(peer.recv(2000), text)
        self.assertEqual(
            self.report(client,
                        lambda: client.say(there, text, (DONT_FRAGMENT, b""))),
            ((3, 4, 600), there))
        client.say(there, bytes(500), (DONT_FRAGMENT, b""))
        self.assertEqual(peer.recv(2000), bytes(500))
        client.say(there, text)
        self.assertEqual(peer.recv(2000), text)

    def fields(self, peer, level, kinds):
        """What comes to a socket, and these fields of its header."""
        ready = select.select([peer], [], [], 10)[0]
        self.assertTrue(ready)
        data, more, _, source = peer.recvmsg(2000, 200)
        found = {kind: int.from_bytes(value[:1], "little")
                 for where, kind, value in more if where == level}
        return data, [found[kind] for kind in kinds], source[:2]

    def test_C24_fields_of_IPv4(self):
        """DSCP is copied; TTL is counted down by the server as by the two
        routers (T-350, T-351). ECN of either direction is not passed on."""
        self.server()
        peer = self.bed.peer.socket(self, PEER)
        peer.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        peer.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
        client, address = self.allocation()
        for option in (socket.IP_RECVTOS, IP_RECVTTL):
            client.socket.setsockopt(socket.IPPROTO_IP, option, 1)
        for tos, ttl in ((0xB8, 64), (0x28, 33)):
            for sender in (client.socket, peer):
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
                sender.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            client.say(peer.getsockname(), b"x")
            self.assertEqual(
                self.fields(peer, socket.IPPROTO_IP,
                            (socket.IP_TOS, socket.IP_TTL)),
                (b"x", [tos, ttl - 3], address))
            peer.sendto(b"y", address)
            data, found, _ = self.fields(
                client.socket, socket.IPPROTO_IP,
                (socket.IP_TOS, socket.IP_TTL))
            self.assertEqual(attributes_of(data)[DATA], b"y")
            self.assertEqual(found, [tos, ttl - 3])

    def test_C24_fields_of_IPv6(self):
        self.server()
        peer = self.bed.peer.socket(self, PEER6)
        kinds = (socket.IPV6_TCLASS, socket.IPV6_HOPLIMIT)
        peer.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
        peer.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        client, address = self.allocation(family(2), peer=PEER6,
                                          local=CLIENT6, server=SERVER6)
        client.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 0xB8)
        client.socket.setsockopt(socket.IPPROTO_IPV6,
                                 socket.IPV6_UNICAST_HOPS, 60)
        client.say(peer.getsockname(), b"x")
        self.assertEqual(self.fields(peer, socket.IPPROTO_IPV6, kinds),
                         (b"x", [0xB8, 57], address))

    def test_C20_only_permitted_addresses(self):
        self.server()
        client, address = self.allocation()
        self.bed.peer.ip("addr add 192.0.2.3/24 dev p0")
        stranger = self.bed.peer.socket(self, "192.0.2.3")
        peers = [self.bed.peer.socket(self, PEER) for _ in range(2)]
        stranger.sendto(b"stranger", address)
        for number, peer in enumerate(peers):  # the port does not matter
            peer.sendto(b"peer %d" % number, address)
            raw = client.receive(10)
            self.assertEqual(attributes_of(raw)[DATA], b"peer %d" % number)
            self.assertEqual(unxor(attributes_of(raw)[XOR_PEER], raw[8:20]),
                             peer.getsockname())
        self.assertIsNone(client.receive(0.2))

    def test_C09_relays_on_the_outer_interface_only(self):
        """Two interfaces: both are listened on, one has the relays."""
        lan = beds.Net(self)
        beds.link(lan, "l0", self.bed.srv, "s1", "172.16.85")
        server = self.server(
            f"--relay-ip={SERVER}",
            listen=(f"--listening-ip={SERVER}", "--listening-ip=172.16.85.1",
                    "--listening-port=3478"))
        self.assertEqual({host for host, _ in server.addresses},
                         {SERVER, "172.16.85.1"})
        outer = self.client()
        inner = self.client(lan, "172.16.85.2", "172.16.85.1")
        there, here = (relayed(c.allocate()) for c in (outer, inner))
        self.assertEqual((there[0], here[0]), (SERVER, SERVER))
        self.assertEqual(outer.bind(0x4000, here).code, 0)
        self.assertEqual(inner.bind(0x4000, there).code, 0)
        outer.say_on(0x4000, b"from outside")
        self.assertEqual(inner.receive(10)[4:], b"from outside")
        inner.say_on(0x4000, b"from inside!")
        self.assertEqual(outer.receive(10)[4:], b"from inside!")

    def test_C23_T160_call_across_families(self):
        """A client over IPv4 with a relay over IPv6 and a client over IPv6
        with one over IPv4: each talks to a peer of the other family."""
        self.server()
        for local, server, wanted, peer in (
                (CLIENT, SERVER, 2, PEER6), (CLIENT6, SERVER6, 1, PEER),
                (CLIENT6, SERVER6, 2, PEER6)):
            client, address = self.allocation(
                family(wanted), peer=peer, local=local, server=server)
            self.assertEqual(address[0], SERVER6 if wanted == 2 else SERVER)
            there = self.bed.peer.socket(self, peer)
            client.say(there.getsockname(), b"there")
            data, source = there.recvfrom(100)
            self.assertEqual((data, source[:2]), (b"there", address))
            there.sendto(b"back", address)
            self.assertEqual(attributes_of(client.receive(10))[DATA], b"back")
            answer = client.ask(4)
            self.assertEqual(answer.code, 0)

    def test_C23_turn_client_across_families(self):
        """The relay is of the family of the peer, however the server is
        reached."""
        self.server()
        for peer, host, relay in ((PEER6, SERVER, SERVER6),
                                  (PEER, f"[{SERVER6}]", SERVER),
                                  (PEER6, f"[{SERVER6}]", SERVER6)):
            echo = beds.Echo(self, self.bed.peer, peer)
            at = f"[{peer}]" if ":" in peer else peer
            process = beds.start(
                self, self.bed.cli, program("turn-client"), "--json", *ALICE,
                "-n3", f"--peer={at}:{echo.address[1]}", f"turn:{host}:3478")
            said = json.loads(echo.serve_until(process))
            self.assertEqual(said["data"]["returned"], 3, said)
            self.assertEqual(said["mapped"].startswith("["), "[" in host)
            self.assertEqual({source[0] for source in echo.sources}, {relay})


if __name__ == "__main__":
    main()
