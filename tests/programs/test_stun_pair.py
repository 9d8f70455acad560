# SPDX-License-Identifier: MIT
"""stun-client and stun-server: with each other, and with peers made here."""
import re
import socket
import struct
import unittest

from programs import (BINDING, CHANGE_REQUEST, ERROR, FAILURE, FINGERPRINT,
                      MAPPED, RESPONSE_ADDRESS, SUCCESS, UNKNOWN, USERNAME,
                      XOR_MAPPED, Server, Stub, attributes_of, error, main,
                      message, program, run, xor_address)

TID = bytes(range(1, 13))
CLASSIC_ID = bytes(range(100, 116))


def start(*words):
    """A stun-server on a port of its own choice, and that port."""
    server = Server(program("stun-server"), "--listen=127.0.0.1", "--port=0",
                    *words)
    line = server.wait_for("ready")[0]
    assert re.fullmatch(r"listening udp 127\.0\.0\.1:\d+", line), line
    return server, int(line.rpartition(":")[2])


class ServerTest(unittest.TestCase):
    """What stun-server answers."""

    def setUp(self):
        self.server, self.port = start()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", self.port))

    def tearDown(self):
        self.socket.close()
        self.assertEqual(self.server.end(), 0)

    def ask(self, datagram):
        """Send a datagram, get the answer."""
        self.socket.send(datagram)
        return self.socket.recv(2048)

    def is_dropped(self, datagram):
        """Nothing comes back, while the next request is answered."""
        self.socket.send(datagram)
        probe = message(BINDING, b"probe" + bytes(7))
        self.assertEqual(self.ask(probe)[8:20], probe[8:20])

    def classic(self, *attributes):
        """A request of RFC 3489: no cookie in its 16 bytes of id."""
        raw = message(BINDING, TID, *attributes)
        return raw[:4] + CLASSIC_ID + raw[20:]

    def test_S253_mapped_address(self):
        answer = self.ask(message(BINDING, TID))
        host, port = self.socket.getsockname()
        self.assertEqual(struct.unpack_from("!H", answer)[0], 0x0101)
        self.assertEqual(answer[4:20], b"\x21\x12\xa4\x42" + TID)
        self.assertEqual(attributes_of(answer),
                         {XOR_MAPPED: xor_address(host, port)})

    def test_S271_small_answer(self):
        self.assertLessEqual(len(self.ask(message(BINDING, TID))), 32)

    def test_S108_S152_unknown_required(self):
        answer = self.ask(message(BINDING, TID, (0x7F01, b""), (0x7F02, b"x"),
                                  (0x7F01, b""), (0xFF01, b"optional")))
        self.assertEqual(struct.unpack_from("!H", answer)[0], 0x0111)
        found = attributes_of(answer)
        self.assertEqual(found[ERROR][:4], b"\0\0\4\x14")
        self.assertEqual(found[UNKNOWN], b"\x7f\x01\x7f\x02")

    def test_S257_credentials_are_ignored(self):
        answer = self.ask(message(BINDING, TID, (USERNAME, b"alice"),
                                  key=b"whatever", fingerprint=True))
        self.assertEqual(struct.unpack_from("!H", answer)[0], 0x0101)

    def test_S241_wrong_fingerprint_is_dropped(self):
        good = message(BINDING, TID, fingerprint=True)
        self.assertEqual(self.ask(good)[:2], b"\1\1")
        self.is_dropped(good[:-1] + bytes([good[-1] ^ 1]))
        self.is_dropped(message(BINDING, TID, (FINGERPRINT, b"")))

    def test_S256_indications_and_answers_are_dropped(self):
        self.is_dropped(message(BINDING | 0x0010, TID))
        self.is_dropped(message(BINDING | SUCCESS, TID))
        self.is_dropped(message(BINDING | FAILURE, TID, (ERROR, error(400))))

    def test_other_methods_and_noise_are_dropped(self):
        self.is_dropped(message(0x003, TID))
        self.is_dropped(b"")
        self.is_dropped(b"GET / HTTP/1.1\r\n\r\n")
        self.is_dropped(message(BINDING, TID)[:19])
        self.is_dropped(message(BINDING, TID) + b"\0")
        self.is_dropped(b"\0\1\xff\xfc" + message(BINDING, TID)[4:])

    def test_S460_S461_classic_client(self):
        answer = self.ask(self.classic())
        host, port = self.socket.getsockname()
        self.assertEqual(answer[:2], b"\1\1")
        self.assertEqual(answer[4:20], CLASSIC_ID)
        self.assertEqual(attributes_of(answer), {
            MAPPED: struct.pack("!BBH", 0, 1, port) + socket.inet_aton(host)})

    def test_S462_S463_classic_change_request(self):
        for kind, value in ((CHANGE_REQUEST, bytes(4)),
                            (RESPONSE_ADDRESS, b"\0\1\0\1\1\2\3\4")):
            answer = self.ask(self.classic((kind, value)))
            found = attributes_of(answer)
            self.assertEqual(answer[:2], b"\1\x11")
            self.assertEqual(answer[4:20], CLASSIC_ID)
            self.assertEqual(found[ERROR][:4], b"\0\0\4\x14")
            self.assertEqual(len(found[ERROR]) % 4, 0)
            self.assertEqual(found[UNKNOWN], struct.pack("!HH", kind, kind))


class ServerOptionsTest(unittest.TestCase):
    """How stun-server is started and ended."""

    def test_classic_can_be_switched_off(self):
        server, port = start("--no-classic")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.3)
            client.connect(("127.0.0.1", port))
            client.send(b"\0\1\0\0" + CLASSIC_ID)
            self.assertRaises(TimeoutError, client.recv, 2048)
            client.settimeout(5)
            client.send(message(BINDING, TID))
            self.assertEqual(client.recv(2048)[:2], b"\1\1")
        self.assertEqual(server.end(), 0)

    def test_port_in_use(self):
        server, port = start()
        second = run("stun-server", "--listen=127.0.0.1", f"--port={port}")
        self.assertEqual(second.code, 3)
        self.assertIn(f"127.0.0.1:{port}", second.err)
        self.assertEqual(server.end(), 0)

    def test_faults_are_named(self):
        for words, part in ((["--port=65536"], "65536"),
                            (["--port=12x"], "12x"), (["--listen=x"], "x"),
                            (["--prot=1"], "did you mean --port?"),
                            (["word"], "word"), (["--port"], "value")):
            done = run("stun-server", *words)
            self.assertEqual((done.code, done.out), (2, ""), words)
            self.assertIn(part, done.err)
            self.assertEqual(done.err.count("\n"), 1)


class ClientTest(unittest.TestCase):
    """What stun-client makes of answers."""

    def ask(self, handler, *words):
        """Run it against a stub; the outcome and what the stub saw."""
        with Stub(handler) as stub:
            done = run("stun-client", *words, f"stun:127.0.0.1:{stub.port}")
        return done, stub

    def good(self, request):
        """A right answer."""
        return request.reply(SUCCESS, (XOR_MAPPED, xor_address("192.0.2.1", 7)))

    def test_the_pair(self):
        server, port = start()
        done = run("stun-client", f"stun:127.0.0.1:{port}")
        self.assertRegex(
            done.out, r"\Amapped 127\.0\.0\.1:\d+ rtt \d+\.\d ms\n\Z")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertEqual(server.end(), 0)

    def test_S480_S481_schedule(self):
        seen = []

        def fourth(request):
            seen.append(request)
            return self.good(request) if len(seen) == 4 else None

        done, _ = self.ask(fourth)
        self.assertEqual(done.code, 0)
        times = [r.time - seen[0].time for r in seen]
        for got, want in zip(times, (0, 0.5, 1.5, 3.5)):
            self.assertAlmostEqual(got, want, delta=0.25)
        self.assertEqual({r.raw for r in seen}, {seen[0].raw})  # S-021

    def test_no_answer(self):
        done, stub = self.ask(lambda request: None, "--timeout=700ms")
        self.assertEqual((done.code, done.out), (10, ""))
        self.assertEqual(len(stub.requests), 2)
        self.assertLess(done.seconds, 3)

    def test_S483_refused_port_ends_it_at_once(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        done = run("stun-client", f"stun:127.0.0.1:{port}")
        self.assertEqual(done.code, 10)
        self.assertLess(done.seconds, 3)

    def test_S024_S241_wrong_answers_are_passed_over(self):
        def several(request):
            good = self.good(request)
            other = bytes([request.tid[0] ^ 1]) + request.tid[1:]
            wrong = (XOR_MAPPED, xor_address("203.0.113.9", 9))
            damaged = request.reply(SUCCESS, wrong, fingerprint=True)
            return [message(BINDING | SUCCESS, other, wrong),
                    message(0x003 | SUCCESS, request.tid, wrong),
                    damaged[:-1] + bytes([damaged[-1] ^ 1]),
                    b"noise", good]

        done, _ = self.ask(several)
        self.assertEqual(done.code, 0)
        self.assertIn("mapped 192.0.2.1:7 ", done.out)

    def test_S025_other_source_is_passed_over(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))

            def elsewhere(request):
                other.sendto(self.good(request), request.source)

            done, _ = self.ask(elsewhere, "--timeout=400ms")
        self.assertEqual(done.code, 10)

    def test_S263_mapped_address_will_do(self):
        done, _ = self.ask(lambda request: request.reply(
            SUCCESS, (MAPPED, b"\0\1\0\7" + socket.inet_aton("192.0.2.9"))))
        self.assertIn("mapped 192.0.2.9:7 ", done.out)

    def test_S465_attributes_of_old_servers_are_ignored(self):
        plain = b"\0\1\0\7" + socket.inet_aton("192.0.2.9")
        done, _ = self.ask(lambda request: request.reply(
            SUCCESS, *((kind, plain) for kind in (MAPPED, 4, 5, 0xB, 2))))
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertIn("mapped 192.0.2.9:7 ", done.out)

    def test_S261_S263_S264_answers_that_are_none(self):
        mapped = (XOR_MAPPED, xor_address("192.0.2.1", 7))
        for kind, attributes in ((SUCCESS, []),
                                 (SUCCESS, [mapped, (0x7F01, b"")]),
                                 (FAILURE, [(ERROR, error(400, "Bad"))]),
                                 (FAILURE, [])):
            done, _ = self.ask(
                lambda request, k=kind, a=attributes: request.reply(k, *a))
            self.assertEqual((done.code, done.out), (17, ""), attributes)
            self.assertEqual(done.err.count("\n"), 1)

    def test_name_that_does_not_resolve(self):
        done = run("stun-client", "stun:nowhere.invalid")
        self.assertEqual((done.code, done.out), (3, ""))
        self.assertIn("nowhere.invalid", done.err)

    def test_S560_S562_uris(self):
        for uri in ("stuns:example.org", "turn:example.org", "example.org",
                    "stun://example.org", "stun:127.0.0.1:65536"):
            done = run("stun-client", uri)
            self.assertEqual((done.code, done.out), (2, ""), uri)

    def test_help_and_version(self):
        for name in ("stun-client", "stun-server", "turn-client"):
            done = run(name, "--help")
            self.assertEqual((done.code, done.err), (0, ""))
            self.assertTrue(done.out.startswith(name))
            self.assertLessEqual(done.out.count("\n"), 25)
            self.assertLessEqual(max(map(len, done.out.split("\n"))), 80)
            done = run(name, "--version")
            self.assertEqual((done.code, done.err), (0, ""))
            self.assertRegex(done.out, rf"\A{name} \(saturn\) \d+\.\d+\.\d+\n")


if __name__ == "__main__":
    main()
