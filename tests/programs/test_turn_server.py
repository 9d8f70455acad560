# SPDX-License-Identifier: MIT
"""turn-server, asked with messages made without the library."""
import base64
import hashlib
import hmac
import os
import struct
import time
import unittest

from programs import (BINDING, ERROR, FAILURE, FINGERPRINT, INTEGRITY, LIFETIME,
                      NONCE, REALM, REQUESTED_TRANSPORT, SOFTWARE, SUCCESS,
                      UNKNOWN, USERNAME, XOR_MAPPED, XOR_PEER, XOR_RELAYED,
                      attributes_of, long_term_key, main, message)
from turn_talk import (ADDITIONAL, ADDRESS_ERROR, BIND, CHANNEL, DATA,
                       DONT_FRAGMENT, EVEN_PORT, PERMIT, TOKEN, TURN_REALM, UDP,
                       Client, family, relayed, serve, unxor)

HOST = "127.0.0.1"


def lifetime(seconds):
    """LIFETIME."""
    return LIFETIME, struct.pack("!I", seconds)


class Allocating(unittest.TestCase):
    """Binding, authentication and Allocate."""

    def test_S253_binding(self):
        client = serve(self).client(self)
        answer = client.exchange(message(BINDING, os.urandom(12)))
        self.assertEqual((answer.type, answer.order()), (0x101, [XOR_MAPPED]))
        self.assertEqual(answer.address(XOR_MAPPED), client.local())

    def test_S330_T421_challenge_is_small(self):
        answer = serve(self, "--software=me").client(self).challenge()
        self.assertEqual((answer.type, answer.code), (0x113, 401))
        self.assertEqual(answer.attributes[REALM], TURN_REALM.encode())
        self.assertTrue(answer.attributes[NONCE].startswith(b"obMatJos2AAA"))
        self.assertEqual(sorted(answer.order()), [ERROR, REALM, NONCE])
        self.assertLessEqual(len(answer.raw), 160)

    def test_T036_fingerprint_is_mirrored(self):
        client = serve(self).client(self)
        for wanted in (True, False):
            answer = client.exchange(message(3, os.urandom(12), UDP,
                                             fingerprint=wanted))
            self.assertEqual(FINGERPRINT in answer.attributes, wanted)
        client.challenge()
        allocated = client.allocate(fingerprint=True)
        self.assertEqual(allocated.order()[-2:], [INTEGRITY, FINGERPRINT])
        peer = self.peer_of(client, relayed(allocated))
        for wanted in (False, True):
            client.ask(4, fingerprint=wanted)
            peer.send(b"data")
            self.assertEqual(FINGERPRINT in attributes_of(client.receive()),
                             wanted)

    def peer_of(self, client, relay):
        """A peer that a client permits; it talks to the relayed address."""
        peer = Client(relay)
        self.addCleanup(peer.close)
        self.assertNotIn(FINGERPRINT,
                         client.permit(peer.local()).attributes)
        return peer

    def test_T131_allocate_success(self):
        client = serve(self, "--software=me").client(self)
        answer = client.allocate()
        self.assertEqual(answer.type, 0x103)
        self.assertEqual(answer.order(), [XOR_RELAYED, LIFETIME, XOR_MAPPED,
                                          SOFTWARE, INTEGRITY])
        self.assertEqual(answer.number(LIFETIME), 600)
        self.assertEqual(answer.address(XOR_MAPPED), client.local())
        self.assertEqual(relayed(answer)[0], HOST)
        self.assertIn(relayed(answer)[1], range(49152, 65536))
        self.assertTrue(answer.protected(client.key))

    def test_T126_lifetimes(self):
        server = serve(self)
        for asked, granted in ((0, 600), (1, 600), (599, 600), (601, 601),
                               (3600, 3600), (99999, 3600)):
            answer = server.client(self).allocate(lifetime(asked))
            self.assertEqual(answer.number(LIFETIME), granted, asked)
        server = serve(self, "--max-allocate-lifetime=100")
        client = server.client(self)
        self.assertEqual(client.allocate().number(LIFETIME), 100)
        self.assertEqual(client.ask(4, lifetime(700)).number(LIFETIME), 100)

    def test_T133_copies_T135_another(self):
        client = serve(self).client(self)
        client.challenge()
        request = client.signed(3, UDP, (EVEN_PORT, b"\x80"))
        first = client.exchange(request)
        again = client.exchange(request)
        self.assertEqual((first.code, again.code), (0, 0))
        self.assertEqual(relayed(first), relayed(again))
        self.assertEqual(first.attributes[TOKEN], again.attributes[TOKEN])
        other = client.allocate()
        self.assertEqual(other.code, 437)
        self.assertTrue(other.protected(client.key))

    def test_A8_to_A22_refusals(self):
        server = serve(self)
        one, two = family(1), family(2)
        for attributes, code in (
                ([], 400),
                ([(REQUESTED_TRANSPORT, b"\x11")], 400),
                ([(REQUESTED_TRANSPORT, bytes([6, 0, 0, 0]))], 400),
                ([(REQUESTED_TRANSPORT, bytes([1, 2, 3, 4]))], 442),
                ([UDP, (LIFETIME, b"\0\0")], 400),
                ([UDP, (TOKEN, bytes(8)), (EVEN_PORT, b"\0")], 400),
                ([UDP, (TOKEN, bytes(8)), one], 400),
                ([UDP, (TOKEN, bytes(7))], 400),
                ([UDP, (TOKEN, bytes(8))], 508),
                ([UDP, one, (ADDITIONAL, two[1])], 400),
                ([UDP, (family(1)[0], b"\1")], 400),
                ([UDP, family(0)], 440),
                ([UDP, family(3)], 440),
                ([UDP, two], 440),
                ([UDP, (EVEN_PORT, b"\0\0")], 400),
                ([UDP, (EVEN_PORT, b"\x80"), (ADDITIONAL, two[1])], 400),
                ([UDP, (ADDITIONAL, one[1])], 400),
                ([UDP, (DONT_FRAGMENT, b"1")], 400)):
            client = server.client(self)
            answer = client.ask(3, *attributes)
            self.assertEqual(answer.code, code, attributes)
            self.assertTrue(answer.protected(client.key))
            self.assertEqual(client.ask(4).code, 437)

    def test_S250_T030_unknown_after_authentication(self):
        client = serve(self).client(self)
        strange = [(0x7777, b""), (0x7770, b"abc"), (0x7777, b"x")]
        answer = client.exchange(message(3, os.urandom(12), UDP, *strange))
        self.assertEqual(answer.code, 401)
        answer = client.allocate(*strange)
        self.assertEqual(answer.code, 420)
        self.assertEqual(answer.attributes[UNKNOWN],
                         struct.pack("!HH", 0x7777, 0x7770))
        self.assertTrue(answer.protected(client.key))

    def test_T121_T123_T124_even_port_and_token(self):
        server = serve(self)
        pair = server.client(self).allocate((EVEN_PORT, b"\x80"))
        port, token = relayed(pair)[1], (TOKEN, pair.attributes[TOKEN])
        self.assertEqual(port % 2, 0)
        self.assertEqual(server.client(self, "bob", "word")
                         .allocate(token).code, 508)
        other = server.client(self).allocate(token)
        self.assertEqual(relayed(other)[1], port + 1)
        self.assertEqual(server.client(self).allocate(token).code, 508)
        for _ in range(5):
            even = server.client(self).allocate((EVEN_PORT, b"\0"))
            self.assertEqual(relayed(even)[1] % 2, 0)
            self.assertNotIn(TOKEN, even.attributes)

    def test_T160_T161_dual(self):
        server = serve(self, "--listening-ip=::1")
        client = server.client(self)
        answer = client.allocate((ADDITIONAL, bytes([2, 0, 0, 0])))
        self.assertEqual(answer.order()[:3], [XOR_RELAYED] * 2 + [LIFETIME])
        self.assertEqual(client.ask(4, lifetime(0), family(1)).code, 0)
        self.assertEqual(client.ask(4, lifetime(0), family(1)).code, 443)
        self.assertEqual(client.permit((HOST, 1)).code, 443)
        self.assertEqual(client.permit(("::1", 1)).code, 0)
        self.assertEqual(client.ask(4, lifetime(0), family(2)).code, 0)
        self.assertEqual(client.ask(4).code, 437)
        client = serve(self).client(self)
        answer = client.allocate((ADDITIONAL, bytes([2, 0, 0, 0])))
        self.assertEqual(answer.code, 0)
        self.assertEqual(answer.attributes[ADDRESS_ERROR][:4],
                         bytes([2, 0, 4, 40]))

    def test_T113_T114_T424_quotas(self):
        server = serve(self, "--user-quota=2", "--total-quota=3")
        for expected in (0, 0, 486):
            self.assertEqual(server.client(self).allocate().code, expected)
        bob = server.client(self, "bob", "word")
        self.assertEqual(bob.allocate((EVEN_PORT, b"\x80")).code, 508)
        self.assertEqual(bob.allocate().code, 0)
        self.assertEqual(server.client(self, "bob", "word").allocate().code,
                         508)
        self.assertEqual(bob.ask(4, lifetime(0)).code, 0)
        self.assertEqual(bob.allocate().code, 0)

    def test_T120_range_of_four_ports(self):
        server = serve(self, "--min-port=50000", "--max-port=50003")
        clients = [server.client(self) for _ in range(5)]
        answers = [client.allocate() for client in clients]
        self.assertEqual([a.code for a in answers], [0, 0, 0, 0, 508])
        self.assertEqual({relayed(a)[1] for a in answers[:4]},
                         {50000, 50001, 50002, 50003})
        clients[0].ask(4, lifetime(0))
        self.assertEqual(clients[4].allocate().code, 0)


class Credentials(unittest.TestCase):
    """Who may do what."""

    def test_T056_wrong_password_and_unknown_user_look_alike(self):
        server = serve(self)
        answers = []
        for user in ("alice", "eve"):
            answer = server.client(self, user, "wrong").allocate()
            answers.append((answer.code, answer.order(), len(answer.raw)))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][0], 401)
        self.assertRegex(server.log(), r"check credentials: user alice from "
                         r"127.0.0.1:\d+ \(wrong password\)")
        self.assertRegex(server.log(), r"check credentials: user eve from "
                         r"127.0.0.1:\d+ \(unknown user\)")

    def test_T053_wrong_realm(self):
        server = serve(self)
        client = server.client(self)
        client.realm = b"else.example"
        client.key = long_term_key("alice", "else.example", "secret")
        answer = client.allocate()
        self.assertEqual((answer.code, answer.attributes[REALM]),
                         (401, TURN_REALM.encode()))
        self.assertIn("(wrong realm else.example)", server.log())

    def test_S331_missing_parts(self):
        client = serve(self).client(self)
        client.challenge()
        parts = [(USERNAME, b"alice"), (REALM, client.realm),
                 (NONCE, client.nonce)]
        for i in range(3):
            answer = client.exchange(message(
                3, os.urandom(12), UDP, *parts[:i], *parts[i + 1:],
                key=client.key))
            self.assertEqual((answer.code, answer.order()), (400, [ERROR]))

    def test_S337_foreign_nonce(self):
        client = serve(self).client(self)
        client.challenge()
        client.nonce = client.nonce[:-1] + bytes([client.nonce[-1] ^ 1])
        answer = client.allocate()
        self.assertEqual(answer.code, 438)
        client.nonce = answer.attributes[NONCE]
        self.assertEqual(client.allocate().code, 0)

    def test_T032_not_the_owner(self):
        server = serve(self)
        client = server.client(self)
        client.allocate()
        client.user, client.key = "bob", long_term_key("bob", TURN_REALM,
                                                       "word")
        for answer in (client.ask(4), client.permit((HOST, 1)),
                       client.bind(0x4000, (HOST, 1))):
            self.assertEqual(answer.code, 441)
            self.assertTrue(answer.protected(client.key))

    def test_S423_imitates_an_expressway(self):
        server = serve(self, "--integrity-failure-code=431")
        client = server.client(self, "alice", "wrong")
        answer = client.allocate(fingerprint=True)
        self.assertEqual(answer.code, 431)
        self.assertEqual(answer.order(),
                         [USERNAME, NONCE, REALM, REQUESTED_TRANSPORT, ERROR,
                          INTEGRITY, FINGERPRINT])
        self.assertEqual(answer.attributes[ERROR][4:],
                         b"Integrity Check Failure")
        self.assertEqual(answer.attributes[NONCE], client.nonce)
        self.assertTrue(answer.protected(
            long_term_key("alice", TURN_REALM, "secret")))
        answer = server.client(self, "eve", "x").allocate(fingerprint=True)
        self.assertEqual(answer.code, 401)
        self.assertEqual(answer.order(),
                         [USERNAME, NONCE, REALM, REQUESTED_TRANSPORT, ERROR,
                          FINGERPRINT])
        self.assertEqual(server.client(self).allocate().code, 0)

    def test_T580_to_T587_ephemeral(self):
        server = serve(self, "--static-auth-secret=north",
                       "--static-auth-secret=south", "--user-quota=2")

        def allocate(name, secret=b"south"):
            mac = hmac.new(secret, name.encode(), hashlib.sha1).digest()
            return server.client(self, name, base64.b64encode(mac).decode()
                                 ).allocate().code

        soon = int(time.time()) + 100
        self.assertEqual(allocate(f"{soon}:carol"), 0)
        self.assertEqual(allocate(f"{soon + 1}:carol", b"north"), 0)
        self.assertEqual(allocate(f"{soon + 2}:carol"), 486)
        self.assertEqual(allocate(f"{soon}"), 0)
        self.assertEqual(allocate(f"dave:{soon}"), 0)
        self.assertEqual(allocate(f"{soon}:erin", b"west"), 401)
        self.assertEqual(allocate("1600000000:carol"), 401)
        self.assertEqual(allocate(f"{soon}000:carol"), 401)
        self.assertIn("(expired at 2020-09-13T12:26:40Z)", server.log())
        self.assertIn("(expiry in milliseconds)", server.log())
        self.assertEqual(server.client(self).allocate().code, 0)

    def test_user_by_key(self):
        key = hashlib.md5(b"carl:" + TURN_REALM.encode() + b":pw").hexdigest()
        server = serve(self, f"--user=carl:0x{key}")
        self.assertEqual(server.client(self, "carl", "pw").allocate().code, 0)

    def test_T051_no_auth(self):
        server = serve(self, "--no-auth", plain=True)
        client = server.client(self)
        answer = client.exchange(message(3, os.urandom(12), UDP))
        self.assertEqual((answer.code, answer.order()),
                         (0, [XOR_RELAYED, LIFETIME, XOR_MAPPED]))


class Relaying(unittest.TestCase):
    """Permissions, channels, data."""

    def setUp(self):
        self.server = serve(self)
        self.client = self.server.client(self)
        self.relay = relayed(self.client.allocate())
        self.peer = self.server.client(self)
        self.peer.server = self.relay

    def test_T232_T261_permission_decides(self):
        peer = self.peer.local()
        self.client.say(peer, b"early")
        self.peer.send(b"early")
        self.assertIsNone(self.peer.receive(0.2))
        self.assertIsNone(self.client.receive(0.2))
        self.assertEqual(self.client.permit((HOST, 0)).code, 0)
        self.client.say(peer, b"ping")
        self.assertEqual(self.peer.receive(), b"ping")
        self.peer.send(b"pong!")
        raw = self.client.receive()
        self.assertEqual(raw[:2], b"\x00\x17")
        self.assertEqual(struct.unpack_from("!H", raw, 20)[0], XOR_PEER)
        self.assertEqual(unxor(raw[24:32], raw[8:20]), peer)
        self.assertEqual(raw[32:], struct.pack("!HH", DATA, 5)
                         + b"pong!\0\0\0")

    def test_T262_T270_empty_and_large(self):
        peer = self.peer.local()
        self.client.permit(peer)
        for size in (0, 1, 1200, 9000, 60000):
            self.client.say(peer, bytes(size))
            self.assertEqual(self.peer.receive(), bytes(size))
            self.peer.send(b"x" * size)
            self.assertEqual(self.client.receive()[36:36 + size], b"x" * size)

    def test_T235_all_or_nothing(self):
        answer = self.client.permit(self.peer.local(), ("10.0.0.1", 1))
        self.assertEqual(answer.code, 403)
        self.assertTrue(answer.protected(self.client.key))
        self.peer.send(b"x")
        self.assertIsNone(self.client.receive(0.2))
        self.assertEqual(self.client.ask(PERMIT).code, 400)
        self.assertEqual(self.client.permit(("2001:4860::1", 1)).code, 443)
        self.assertEqual(self.client.ask(PERMIT, (XOR_PEER, b"1234")).code,
                         400)
        self.assertIn("peer 10.0.0.1 refused for allocation 1 (private",
                      self.server.log())

    def test_T238_T239_many_permissions(self):
        many = [("9.9.9.%d" % i, 1) for i in range(64)]
        self.assertEqual(self.client.permit(*many, *many[:9]).code, 0)
        self.assertEqual(self.client.permit(("8.8.8.8", 1)).code, 508)
        self.assertEqual(self.client.permit(many[3]).code, 0)

    def test_T301_to_T306_channel_bind(self):
        peer = self.peer.local()
        for number in (0, 0x3FFF, 0x5000, 0x7FFF, 0x8000, 0xFFFF):
            self.assertEqual(self.client.bind(number, peer).code, 400, number)
        self.assertEqual(self.client.bind(0x4000, (HOST, 0)).code, 400)
        self.assertEqual(self.client.bind(0x4000, peer).code, 0)
        self.assertEqual(self.client.bind(0x4000, peer).code, 0)
        self.assertEqual(self.client.bind(0x4001, peer).code, 400)
        self.assertEqual(self.client.bind(0x4000, (HOST, 9)).code, 400)
        self.assertEqual(self.client.bind(0x4FFF, (HOST, 9)).code, 0)
        self.assertEqual(self.client.bind(0x4002, ("10.0.0.1", 9)).code, 403)
        self.assertEqual(self.client.bind(0x4002, ("::1", 9)).code, 443)
        self.assertEqual(self.client.ask(BIND, (CHANNEL, b"\x40\0\0\0")).code,
                         400)

    def test_T320_to_T327_channel_data(self):
        self.client.bind(0x4000, self.peer.local())
        for data in (b"", b"h", b"hello", bytes(1200)):
            self.client.say_on(0x4000, data)
            self.assertEqual(self.peer.receive(), data)
            self.peer.send(data)
            self.assertEqual(self.client.receive(),
                             struct.pack("!HH", 0x4000, len(data)) + data)
        self.client.send(b"\x40\0\0\2hi and more")
        self.assertEqual(self.peer.receive(), b"hi")
        self.client.send(b"\x40\0\0\5hi")
        self.client.say_on(0x4001, b"unbound")
        self.client.send(b"\x40")
        self.assertIsNone(self.peer.receive(0.2))
        self.client.say(self.peer.local(), b"by Send")
        self.assertEqual(self.peer.receive(), b"by Send")

    def test_T002_legacy_channels(self):
        client = serve(self, "--legacy-channels").client(self)
        client.allocate()
        self.assertEqual(client.bind(0x7FFF, self.peer.local()).code, 400)
        self.assertEqual(client.bind(0x7FFE, self.peer.local()).code, 0)
        client.say_on(0x7FFE, b"old")
        self.assertEqual(self.peer.receive(), b"old")

    def test_T206_T031_after_deletion(self):
        self.client.bind(0x4000, self.peer.local())
        answer = self.client.ask(4, lifetime(0))
        self.assertEqual((answer.code, answer.number(LIFETIME)), (0, 0))
        self.assertEqual(self.client.ask(4).code, 437)
        self.assertEqual(self.client.permit((HOST, 1)).code, 437)
        self.client.say_on(0x4000, b"x")
        self.assertIsNone(self.peer.receive(0.2))
        self.assertEqual(self.client.allocate().code, 0)
        self.assertIn("allocation 1: ended (refresh 0)", self.server.log())

    def test_T416_relay_to_relay(self):
        other = self.server.client(self)
        there = relayed(other.allocate())
        self.assertEqual(self.client.bind(0x4000, there).code, 0)
        self.assertEqual(other.permit(self.relay).code, 0)
        self.client.say_on(0x4000, b"across")
        raw = other.receive()
        self.assertEqual(unxor(raw[24:32], raw[8:20]), self.relay)
        self.assertEqual(raw[36:42], b"across")
        other.say(self.relay, b"back")
        self.assertEqual(self.client.receive(), b"\x40\0\0\4back")

    def test_T416_T430_not_to_the_listener(self):
        own = self.server.addresses[0]
        self.assertEqual(self.client.bind(0x4000, own).code, 403)
        self.client.permit(own)
        self.client.say(own, message(BINDING, os.urandom(12)))
        self.assertIsNone(self.client.receive(0.3))

    def test_T001_T004_garbage_is_dropped(self):
        tid = os.urandom(12)
        whole = message(3, tid, UDP, fingerprint=True)
        for junk in (b"", b"\0", bytes(19), bytes(20), b"\x80" * 40,
                     b"\x14\x01" * 9, os.urandom(200),
                     message(BINDING, tid)[:-1], message(BINDING, tid) + b"xxxx",
                     message(0x0006, tid), message(0x0017, tid),
                     message(0x0003 | SUCCESS, tid), message(0x0FF, tid),
                     message(0x0004 | FAILURE, tid),
                     whole[:-1] + bytes([whole[-1] ^ 1])):
            self.client.send(junk)
        self.assertIsNone(self.client.receive(0.3))
        self.assertEqual(self.client.ask(4).code, 0)


class PeerPolicy(unittest.TestCase):
    """Who may be a peer, without the switch for loopback."""

    REFUSED = ("0.0.0.1 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 "
               "172.16.0.1 172.31.255.255 192.0.2.1 192.168.1.1 198.18.0.1 "
               "198.51.100.1 203.0.113.1 224.0.0.1 239.9.9.9 255.255.255.255")
    REFUSED_V6 = ("::1 :: ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1 "
                  "::10.0.0.1 64:ff9b::10.0.0.1 64:ff9b::7f00:1 "
                  "64:ff9b:1::1 2002:0a00:0001::1 2001:0:1:2::3 fe80::1 "
                  "fec0::1 fc00::1 ff02::1 2001:db8::1 "
                  "2606:4700::5efe:10.0.0.1")

    def test_T400_to_T415_refused_and_allowed(self):
        server = serve(self, "--listening-ip=::1", "--realm=" + TURN_REALM,
                       "--user=alice:secret", "--denied-peer-ip=9.9.9.0/24",
                       "--allowed-peer-ip=9.9.9.9",
                       "--allowed-peer-ip=192.168.7.0-192.168.7.9",
                       plain=True)
        v4, v6 = server.client(self), server.client(self)
        v4.allocate()
        v6.allocate(family(2))
        for client, refused, allowed in (
                (v4, self.REFUSED + " 9.9.9.8 192.168.7.10",
                 "8.8.8.8 9.9.9.9 192.168.7.0 192.168.7.9 172.32.0.1"),
                (v6, self.REFUSED_V6, "2606:4700::1111 64:ff9b::808:808")):
            for ip in refused.split():
                self.assertEqual(client.permit((ip, 1)).code, 403, ip)
                self.assertEqual(client.bind(0x4000, (ip, 7)).code, 403, ip)
            for ip in allowed.split():
                self.assertEqual(client.permit((ip, 1)).code, 0, ip)

    def test_T375_T376_static_nat(self):
        server = serve(self, "--external-ip=203.0.113.10/127.0.0.1")
        one, two = server.client(self), server.client(self)
        first, second = relayed(one.allocate()), relayed(two.allocate())
        self.assertEqual((first[0], second[0]), ("203.0.113.10",) * 2)
        self.assertEqual(one.bind(0x4000, second).code, 0)
        self.assertEqual(two.permit(first).code, 0)
        one.say_on(0x4000, b"inside")
        raw = two.receive()
        self.assertEqual((unxor(raw[24:32], raw[8:20]), raw[36:42]),
                         (first, b"inside"))
        two.say(first, b"and back")
        self.assertEqual(one.receive(), b"\x40\0\0\x08and back")
        self.assertEqual(one.bind(0x4001, ("203.0.113.10", 3478)).code, 403)


if __name__ == "__main__":
    main()
