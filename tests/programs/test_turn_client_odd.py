# SPDX-License-Identifier: MIT
"""What turn-client says of servers that are odd: their names, their offers of
password algorithms, what they do to data, what they relay to."""
import contextlib
import json
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from programs import (ALLOCATE, ERROR, FAILURE, NONCE, REALM, SUCCESS,
                      XOR_MAPPED, Stub, main, run, xor_address)
from turn_talk import serve

ALICE = ("-u", "alice", "-w", "secret")
ALGORITHMS = 0x8002
# The nonce says that the server offers password algorithms (RFC 8489, 9.2).
OFFERS = b"obMatJos2gAAA0123456789"


def challenges(*more):
    """A server that asks for credentials, with the offer MORE."""
    def answer(request):
        if request.method != ALLOCATE:
            return request.reply(SUCCESS, (XOR_MAPPED, xor_address(
                *request.source)))
        return request.reply(FAILURE, (ERROR, bytes([0, 0, 4, 1])),
                             (REALM, b"r"), (NONCE, OFFERS), *more)
    return answer


@contextlib.contextmanager
def changing_echo():
    """A peer that returns each datagram with its last byte changed."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        over = threading.Event()

        def loop():
            while not over.is_set():
                if select.select([peer], [], [], 0.05)[0]:
                    data, source = peer.recvfrom(65536)
                    peer.sendto(data[:-1] + bytes([data[-1] ^ 1]), source)
        thread = threading.Thread(target=loop)
        thread.start()
        try:
            yield peer.getsockname()[1]
        finally:
            over.set()
            thread.join()


class OddTest(unittest.TestCase):
    """One oddity, one finding."""

    def finds(self, finding, *words):
        done = run("turn-client", "--json", *ALICE, *words)
        said = json.loads(done.out)
        self.assertEqual(said["finding"]["finding"], finding, done.out)
        return done.code

    def test_D01_a_name_that_does_not_resolve(self):
        self.assertEqual(self.finds("SAT-DNS", "turn:nowhere.invalid"), 3)

    def test_S350_an_offer_that_was_removed(self):
        with Stub(challenges()) as stub:
            self.finds("SAT-DOWNGRADED", f"turn:127.0.0.1:{stub.port}")

    def test_S351_an_offer_of_what_nobody_knows(self):
        offer = (ALGORITHMS, bytes([0x77, 0x77, 0, 0]))
        with Stub(challenges(offer)) as stub:
            self.finds("SAT-NO-ALGORITHM", f"turn:127.0.0.1:{stub.port}")

    def test_data_that_come_back_changed(self):
        server = serve(self)
        with changing_echo() as port:
            code = self.finds(
                "SAT-DATA-ALTERED", "-n2", f"--peer=127.0.0.1:{port}",
                f"turn:127.0.0.1:{server.addresses[0][1]}")
        self.assertEqual(code, 15)

    def test_D12_the_certificate_of_a_box_that_inspects(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        for organization, finding in (("Zscaler Inc.", "SAT-TLS-INTERCEPTED"),
                                      ("Somebody", "SAT-TLS-ISSUER")):
            with tempfile.TemporaryDirectory() as folder:
                pem = folder + "/both.pem"
                subprocess.run(
                    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout", pem,
                     "-out", folder + "/cert.pem", "-days", "2", "-subj",
                     f"/O={organization}/CN=CA", "-addext",
                     "subjectAltName=DNS:turn.example.org"],
                    check=True, capture_output=True)
                server = serve(self, f"--cert={folder}/cert.pem",
                               f"--pkey={pem}", "--tls-listening-port=0")
                port = next(line.rpartition(":")[2] for line in server.lines
                            if line.startswith("listening tls "))
                self.assertEqual(self.finds(
                    finding, "--server-name=turn.example.org",
                    f"turns:127.0.0.1:{port}"), 16)

    def test_D70_private_networks_that_are_open(self):
        server = serve(self, "--realm=r", "--user=alice:secret",
                       "--relay-ip=127.0.0.1",
                       "--allowed-peer-ip=10.0.0.0-10.255.255.255", plain=True)
        self.assertEqual(self.finds(
            "SAT-OPEN-PRIVATE", "--audit",
            f"turn:127.0.0.1:{server.addresses[0][1]}"), 1)


if __name__ == "__main__":
    main()
