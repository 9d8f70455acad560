# SPDX-License-Identifier: MIT
"""Where the relay of a turn-server as it comes does not lead: T-400 to T-416,
C-21. In a network where each address of the world is this machine, so that
whatever got through is seen where it arrives."""
import ipaddress
import os
import select
import socket
import unittest

import namespaces
from programs import REQUESTED_TRANSPORT, XOR_PEER, main, message
from test_turn_server_stream import CONNECT, Stream
from turn_talk import (TurnServer, family, relayed, xor,
                       was_built_with)

OURS, OURS6 = "20.0.0.1", "2a02::1"
PUBLIC, PUBLIC6 = "20.0.0.9", "2a02::9"
# The first is an address of the machine, too; anything can be bound to both.
SIDE, ASIDE = "20.0.0.3", "20.0.0.5"
TCP = (REQUESTED_TRANSPORT, bytes([6, 0, 0, 0]))
CONFIGURED = ["--realm=turn.example.org", "--user=alice:secret",
              "--listening-port=0", "--user-quota=0"]

REFUSED = [
    "0.0.0.0", "0.0.0.1", "0.255.255.255", "127.0.0.1", "127.0.0.2",
    "127.255.255.255", "169.254.0.1", "169.254.169.254", "169.254.255.255",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "10.0.0.0", "10.1.2.3", "10.255.255.255", "100.64.0.0", "100.127.255.255",
    "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0",
    "192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0",
    "192.168.1.1", "192.168.255.255", "198.18.0.0", "198.19.255.255",
    "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255"]
ENDS = ":ffff" * 4
REFUSED6 = [
    "::", "::1", "::2", "fe80::1", "febf::1", "fec0::1", "feff::1", "ff02::1",
    "ff0e::1", "2001::1", "2001:1::1", "2001:1ff::1", "2001:db8::1", "2002::1",
    "64:ff9b:1::1", "100::1", "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1",
    "fd00::1", "fdff::1", "fe80:0:0:0" + ENDS, "febf:ffff:ffff:ffff" + ENDS,
    "feff:ffff:ffff:ffff" + ENDS, "ffff:ffff:ffff:ffff" + ENDS,
    "2001:0:ffff:ffff" + ENDS, "2001:1ff:ffff:ffff" + ENDS,
    "2001:db8:ffff:ffff" + ENDS, "2002:ffff:ffff:ffff" + ENDS,
    "64:ff9b:1:ffff" + ENDS, "100:0:0:0" + ENDS, "3fff:fff:ffff:ffff" + ENDS,
    "5f00:ffff:ffff:ffff" + ENDS, "fdff:ffff:ffff:ffff" + ENDS]
ALLOWED = [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0",
    "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "192.0.1.0",
    "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "2000:ffff:ffff:ffff" + ENDS, "2001:200::", "2001:db7:ffff:ffff" + ENDS,
    "2001:db9::", "2003::", "3ffe:ffff:ffff:ffff" + ENDS, "3fff:1000::"]


def disguises(host):
    """The IPv6 addresses that carry an IPv4 address (T-401), by name."""
    four = ipaddress.IPv4Address(host).packed
    flipped = bytes(octet ^ 255 for octet in four)
    front = bytes.fromhex("2a02000000000001")
    forms = {
        "mapped": bytes(10) + b"\xff\xff" + four,
        "compatible": bytes(12) + four,
        "translated": bytes(8) + b"\xff\xff\0\0" + four,
        "NAT64": bytes.fromhex("0064ff9b") + bytes(8) + four,
        "local NAT64": (bytes.fromhex("0064ff9b0001") + four[:2] + b"\0"
                        + four[2:] + bytes(5)),
        "6to4": b"\x20\x02" + four + bytes(9) + b"\1",
        "Teredo": bytes.fromhex("2001000041000001") + bytes(4) + flipped,
        "Teredo server": (bytes.fromhex("20010000") + four + bytes(4)
                          + bytes.fromhex("ebffffff")),
        "ISATAP": front + bytes.fromhex("00005efe") + four,
        "ISATAP, global": front + bytes.fromhex("02005efe") + four,
    }
    return {name: socket.inet_ntop(socket.AF_INET6, form)
            for name, form in forms.items()}


ALL_REFUSED = REFUSED + REFUSED6 + [
    form for host in REFUSED for form in disguises(host).values()]
# These carry no address that is refused, and are not refused themselves.
HARMLESS = [disguises(PUBLIC)[name] for name in
            ("translated", "NAT64", "ISATAP", "ISATAP, global")]


class DefaultServer(TurnServer):
    """turn-server with a realm and a user: all else as it comes."""

    def __init__(self, *words):
        super().__init__(*CONFIGURED, *words, plain=True,
                         listen=("--listening-port=0",))

    def listener(self, transport, host):
        """Where it listens."""
        at = f"[{host}]" if ":" in host else host
        line = next(line for line in self.lines
                    if line.startswith(f"listening {transport} {at}:"))
        return host, int(line.rpartition(":")[2])


class Victims:
    """Sockets that take what arrives for any address of the world."""

    def __init__(self):
        self.port, self.sockets = 0, []
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            for net, host in ((socket.AF_INET6, "::"),
                              (socket.AF_INET, "0.0.0.0")):
                victim = socket.socket(net, kind)
                if net == socket.AF_INET6:
                    victim.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY,
                                      1)
                victim.bind((host, self.port))
                self.port = victim.getsockname()[1]
                if kind == socket.SOCK_STREAM:
                    victim.listen(64)
                self.sockets.append(victim)

    def struck(self, patience=0.0):
        """What has come since: datagrams, and the number of connections."""
        found, wait = [], patience
        while ready := select.select(self.sockets, [], [], wait)[0]:
            wait = 0.0
            for victim in ready:
                if victim.type == socket.SOCK_DGRAM:
                    found.append(victim.recv(65536))
                else:
                    victim.accept()[0].close()
                    found.append("connection")
        return found

    def close(self):
        """Close them."""
        for victim in self.sockets:
            victim.close()


def setUpModule():  # pylint: disable=invalid-name
    """The network."""
    namespaces.leave()
    for words in (f"addr add {OURS}/32 dev lo", "route add local 0.0.0.0/0 dev lo",
                  f"-6 addr add {OURS6}/128 dev lo nodad",
                  "-6 route add local ::/0 dev lo"):
        namespaces.ip(words)


class Ssrf(unittest.TestCase):
    """A client that may allocate, and asks for more."""

    def setUp(self):
        self.victims = Victims()
        self.addCleanup(self.victims.close)

    def start(self, *words):
        """A server that ends with the test."""
        server = DefaultServer(*words)
        self.addCleanup(lambda: self.assertEqual(server.end(), 0))
        return server

    def clients(self, server):
        """One with an IPv4 relay and one with an IPv6 relay."""
        found = {4: server.client(self), 6: server.client(self)}
        self.assertEqual(found[4].allocate().code, 0)
        self.assertEqual(found[6].allocate(family(2)).code, 0)
        return found

    def controls(self, server):
        """The same, of TCP relays."""
        found = {}
        for number, words in ((4, ()), (6, (family(2),))):
            found[number] = Stream(server.addresses[0])
            self.addCleanup(found[number].close)
            self.assertEqual(found[number].ask(3, TCP, *words).code, 0)
        return found

    def connect(self, control, peer):
        """Connect: the code."""
        tid = os.urandom(12)
        return control.ask(CONNECT, (XOR_PEER, xor(peer, tid)), tid=tid).code

    def ask_all(self, server, hosts, port):
        """CreatePermission, Send, ChannelBind and Connect to each of HOSTS:
        those that were answered with something else than 403."""
        clients, controls = self.clients(server), self.controls(server)
        passed = []
        for host in hosts:
            number, peer = 6 if ":" in host else 4, (host, port)
            client = clients[number]
            codes = [client.permit(peer).code]
            client.say(peer, b"by indication")
            # Its own, as those that are bound stay bound.
            codes.append(client.bind(0x4000, peer).code)
            client.say_on(0x4000, b"by channel")
            codes.append(self.connect(controls[number], peer))
            if codes != [403] * 3:
                passed.append((host, codes))
        return passed

    def reaches(self, server, host):
        """Through the relay, a datagram and a connection get to HOST."""
        number, peer = 6 if ":" in host else 4, (host, self.victims.port)
        client, control = (self.clients(server)[number],
                           self.controls(server)[number])
        self.assertEqual(client.permit(peer).code, 0, host)
        client.say(peer, b"by indication")
        self.assertEqual(self.victims.struck(5), [b"by indication"], host)
        self.assertEqual(client.bind(0x4000, peer).code, 0, host)
        client.say_on(0x4000, b"by channel")
        self.assertEqual(self.victims.struck(5), [b"by channel"], host)
        self.assertEqual(self.connect(control, peer), 0, host)
        self.assertEqual(self.victims.struck(5), ["connection"], host)

    def test_T400_T401_C21_nobody_is_struck(self):
        server = self.start()
        self.assertEqual(
            self.ask_all(server, ALL_REFUSED, self.victims.port), [])
        self.assertEqual(self.victims.struck(), [])
        for host in (PUBLIC, PUBLIC6):
            self.reaches(server, host)

    def test_T402_neighbours_are_allowed(self):
        clients = self.clients(self.start())
        for host in ALLOWED + HARMLESS:
            client = clients[6 if ":" in host else 4]
            self.assertEqual(client.permit((host, 7)).code, 0, host)

    def test_T410_two_of_which_one_is_refused(self):
        client = self.clients(self.start())[4]
        good, bad = (PUBLIC, self.victims.port), ("10.0.0.1", 7)
        for pair in ((good, bad), (bad, good)):
            self.assertEqual(client.permit(*pair).code, 403)
            client.say(good, b"without permission")
        self.assertEqual(client.permit(good).code, 0)
        client.say(good, b"with permission")
        self.assertEqual(self.victims.struck(5), [b"with permission"])

    def test_T416_own_listeners(self):
        server = self.start("--verbose")
        clients, controls = self.clients(server), self.controls(server)
        for number, host in ((4, OURS), (6, OURS6)):
            client = clients[number]
            self.assertEqual(client.permit((host, 1)).code, 0)
            for transport in ("udp", "tcp"):
                own = server.listener(transport, host)
                # a Binding request to the server, by way of its relay
                client.say(own, message(1, os.urandom(12)))
                self.assertEqual(client.bind(0x4001, own).code, 403)
                self.assertEqual(self.connect(controls[number], own), 403)
            for port in (1, 22, 80, 49151):
                self.assertEqual(client.bind(0x4001, (host, port)).code, 403)
                self.assertEqual(self.connect(controls[number],
                                              (host, port)), 403)
            self.assertIsNone(client.receive(0.2))
            self.assertEqual(client.ask(4).code, 0)

    @unittest.skipUnless(was_built_with("prometheus", "libmicrohttpd"),
                         "turn-server was built without libmicrohttpd")
    def test_T416_status_page_and_metrics(self):
        namespaces.ip(f"addr add {SIDE}/32 dev lo")
        # The page has an address of its own; metrics are on all there are.
        for words, hosts in (
                ((f"--status-listen={ASIDE}:0",), [ASIDE]),
                (("--prometheus", "--prometheus-port=0"), [SIDE]),
                ((f"--prometheus-address={ASIDE}", "--prometheus",
                  "--prometheus-port=0"), [ASIDE])):
            server = self.start(f"--listening-ip={OURS}",
                                f"--listening-ip={OURS6}",
                                "--allowed-peer-ip=20.0.0.0/8", *words)
            if not any("http://" in line for line in server.lines):
                self.skipTest("built without libmicrohttpd")
            port = next(int(line.split("/metrics")[0].rstrip("/").rpartition(
                ":")[2]) for line in server.lines if "http://" in line)
            hosts += [disguises(hosts[0])[name] for name in ("NAT64", "mapped")]
            self.assertEqual(self.ask_all(server, hosts, port), [])
            self.reaches(server, PUBLIC)

    def test_T416_own_relays_reach_each_other(self):
        server = self.start()
        one, two = server.client(self), server.client(self)
        there, here = relayed(one.allocate()), relayed(two.allocate())
        self.assertEqual(there[0], OURS)
        one.permit(here)
        two.permit(there)
        one.say(here, b"by two relays")
        self.assertIn(b"by two relays", two.receive())

    def test_T402_allowed_and_denied(self):
        server = self.start(
            "--allowed-peer-ip=10.0.0.0/8", "--allowed-peer-ip=20.0.0.7",
            "--allowed-peer-ip=192.168.1.5-192.168.1.6",
            "--allowed-peer-ip=fd00::/16", "--denied-peer-ip=20.0.0.0-20.0.0.9",
            "--denied-peer-ip=10.9.9.9", "--denied-peer-ip=2a02:5::/32")
        clients = self.clients(server)
        inside = disguises("10.1.2.3")
        for host, code in (
                ("10.0.0.0", 0), ("10.9.9.9", 0), ("10.255.255.255", 0),
                ("11.0.0.0", 0), ("20.0.0.7", 0), ("20.0.0.8", 403),
                ("20.0.0.0", 403), ("20.0.0.9", 403), ("20.0.0.10", 0),
                ("192.168.1.4", 403), ("192.168.1.5", 0), ("192.168.1.6", 0),
                ("192.168.1.7", 403), ("172.16.0.1", 403), ("fd00::1", 0),
                ("fd01::1", 403), ("2a02:5::1", 403), ("2a02:6::1", 0),
                (inside["NAT64"], 0), (inside["ISATAP"], 0),
                (inside["mapped"], 403), (inside["compatible"], 403),
                (inside["6to4"], 403), (inside["Teredo"], 403),
                (disguises("20.0.0.8")["NAT64"], 403),
                (disguises("20.0.0.7")["NAT64"], 0)):
            client = clients[6 if ":" in host else 4]
            self.assertEqual(client.permit((host, 7)).code, code, host)

    def test_T402_no_list_opens_the_hard_list(self):
        server = self.start("--allowed-peer-ip=0.0.0.0-255.255.255.255",
                            "--allowed-peer-ip=::/0")
        hard = [host for host in REFUSED if host.split(".")[0] in
                ("0", "127", "169", "224", "239", "240", "255")]
        hard += ["::", "::1", "::2", "fe80::1", "fec0::1", "ff02::1",
                 "2001::1", "2002::1"]
        hard += [form for host in hard if ":" not in host
                 for form in disguises(host).values()]
        self.assertEqual(self.ask_all(server, hard, self.victims.port), [])
        self.assertEqual(self.victims.struck(), [])
        for host in ("10.0.0.1", "192.168.0.1", "fd00::1"):
            self.reaches(server, host)


if __name__ == "__main__":
    main()
