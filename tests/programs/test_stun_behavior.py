# SPDX-License-Identifier: MIT
"""stun-server with two addresses, and what stun-client --behavior finds out,
on addresses of the loopback network."""
import random
import socket
import struct
import unittest

from programs import (BINDING, CHANGE_REQUEST, ERROR, MAPPED, SUCCESS, UNKNOWN,
                      XOR_MAPPED, Server, Stub, attributes_of, main, message,
                      program, run, xor_address)

PADDING, RESPONSE_PORT, ORIGIN, OTHER = 0x0026, 0x0027, 0x802B, 0x802C
TID = bytes(range(1, 13))
IPS = ("127.0.0.1", "127.0.0.2")


def is_free(port):
    """Are both ports from PORT on free on both addresses?"""
    for host in IPS:
        for number in (port, port + 1):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                try:
                    probe.bind((host, number))
                except OSError:
                    return False
    return True


def plain(host, port):
    """A MAPPED-ADDRESS or the like."""
    return struct.pack("!BBH", 0, 1, port) + socket.inet_aton(host)


class PairTest(unittest.TestCase):
    """A server of two addresses, asked by hand and by stun-client."""

    def setUp(self):
        port = next(p for p in iter(lambda: random.randrange(10000, 30000),
                                    None) if is_free(p))
        self.ports = (port, port + 1)
        self.server = Server(program("stun-server"), "--listen=" + IPS[0],
                             f"--port={port}", f"--alternate={IPS[1]}:{port+1}")
        self.server.wait_for("ready")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)

    def tearDown(self):
        self.socket.close()
        self.assertEqual(self.server.end(), 0)

    def ask(self, to, *attributes, **words):
        """Send a request; the answer and where it came from."""
        self.socket.sendto(message(BINDING, TID, *attributes, **words), to)
        return self.socket.recvfrom(4096)

    def test_S604_S605_four_sources(self):
        host, port = self.socket.getsockname()
        for ip in (0, 1):
            for number in (0, 1):
                for flags in (0, 2, 4, 6):
                    here = (IPS[ip], self.ports[number])
                    there = (IPS[1 - ip], self.ports[1 - number])
                    change = ((CHANGE_REQUEST, struct.pack("!I", flags)),)
                    answer, source = self.ask(here, *change[:flags > 0])
                    want = (there[0] if flags & 4 else here[0],
                            there[1] if flags & 2 else here[1])
                    self.assertEqual(source, want)
                    self.assertEqual(attributes_of(answer), {
                        MAPPED: plain(host, port), ORIGIN: plain(*want),
                        XOR_MAPPED: xor_address(host, port),
                        OTHER: plain(*there)})

    def test_S607_response_port_is_not_served(self):
        here = (IPS[0], self.ports[0])
        answer, source = self.ask(here, (RESPONSE_PORT, b"\x10\x00"))
        self.assertEqual(attributes_of(answer)[ERROR][2:4], b"\x04\x14")
        self.assertEqual(attributes_of(answer)[UNKNOWN], b"\0\x27")
        self.assertEqual(source, here)
        answer, _ = self.ask(here, (RESPONSE_PORT, b"\x10\0"), (PADDING, b""))
        self.assertEqual(attributes_of(answer)[ERROR][2:4], b"\x04\x00")

    def test_S608_padding_amplifies_nothing(self):
        for size in (0, 40, 100, 1480, 4000):
            for fingerprint in (False, True):
                request = message(BINDING, TID, (PADDING, bytes(size)),
                                  fingerprint=fingerprint)
                answer, _ = self.ask((IPS[0], self.ports[0]),
                                     (PADDING, bytes(size)),
                                     fingerprint=fingerprint)
                self.assertLessEqual(len(answer), max(len(request), 76))
                self.assertEqual(answer[:2], b"\1\1")

    def test_S611_S612_S614_S615_no_nat_on_loopback(self):
        done = run("stun-client", "--behavior", "--timeout=5s",
                   f"stun:{IPS[0]}:{self.ports[0]}")
        self.assertEqual((done.code, done.err), (0, ""))
        results = [line for line in done.out.split("\n")
                   if not line.startswith(" ")]
        self.assertEqual(results, ["mapping no NAT",
                                   "filtering endpoint-independent",
                                   "hairpinning yes", "fragments yes", ""])
        self.assertIn(f" asked {IPS[0]}:{self.ports[0]} from your other IP and "
                      "port: 127.0.0.1:", done.out)


class ClientTest(unittest.TestCase):
    """What stun-client concludes from other servers."""

    def test_S606_S618_server_with_one_address(self):
        server = Server(program("stun-server"), "--listen=127.0.0.1",
                        "--port=0")
        port = server.wait_for("ready")[0].rpartition(":")[2]
        done = run("stun-client", "--behavior", f"stun:127.0.0.1:{port}")
        self.assertEqual((done.code, done.err), (17, ""))
        self.assertIn("mapping not supported by the server\n", done.out)
        self.assertEqual(server.end(), 0)

    def test_S611_no_answer(self):
        with Stub(lambda request: None) as stub:
            done = run("stun-client", "--behavior", "--timeout=300ms",
                       f"stun:127.0.0.1:{stub.port}")
        self.assertEqual(done.code, 10)
        self.assertRegex(done.out, r"\A  port \d+ asked 127\.0\.0\.1:\d+: "
                         r"no answer\nmapping no answer\n\Z")

    def test_S612_other_address_is_unreachable(self):
        def promise(request):
            return request.reply(
                SUCCESS, (XOR_MAPPED, xor_address("192.0.2.1", 7)),
                (OTHER, plain("127.0.0.3", 9)))

        with Stub(promise) as stub:
            done = run("stun-client", "--behavior", "--timeout=300ms",
                       f"stun:127.0.0.1:{stub.port}")
        self.assertEqual(done.code, 17)
        self.assertIn("mapping the server's other address is unreachable\n",
                      done.out)

    def test_alternate_must_be_another(self):
        for words in (["--listen=127.0.0.1", "--alternate=127.0.0.1:9"],
                      ["--listen=127.0.0.1", "--alternate=127.0.0.2:3478"],
                      ["--listen=127.0.0.1", "--alternate=127.0.0.2"],
                      ["--listen=127.0.0.1", "--alternate=[::1]:9"],
                      ["--alternate=127.0.0.2:9"]):
            done = run("stun-server", *words)
            self.assertEqual((done.code, done.out), (2, ""), words)
            self.assertEqual(done.err.count("\n"), 1)


if __name__ == "__main__":
    main()
