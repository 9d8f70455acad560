# SPDX-License-Identifier: MIT
"""turn-client against two real servers, ours and coturn, over TCP and TLS:
certificates, ports that do not speak TLS, a server that dies."""
import json
import os
import socket
import subprocess
import unittest

import certificate
from programs import main, program, run
from turn_servers import SERVERS, Ours

ALICE = ("-u", "alice", "-w", "secret")


class StreamsTest(unittest.TestCase):
    """Each server in turn."""

    @classmethod
    def setUpClass(cls):
        cls.folder, words = certificate.make()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.words = words[:2]
        for name in "cert.pem", "key.pem":  # coturn runs as somebody
            os.chmod(f"{cls.folder.name}/{name}", 0o644)
        os.chmod(cls.folder.name, 0o755)

    def each(self, act, *words):
        """ACT with both servers, one after the other."""
        for kind in SERVERS:
            with self.subTest(server=kind.name):
                server = kind(*words, *(
                    ["--tls-listening-port=0"]
                    if words and kind is Ours else []))
                try:
                    act(server)
                finally:
                    server.end()

    def finds(self, expected, *words):
        """What comes of it."""
        done = run("turn-client", "--json", *ALICE, *words)
        said = json.loads(done.out)
        finding = said["finding"] and said["finding"]["finding"]
        self.assertEqual((done.code, finding), expected, done.out)
        self.assertLess(done.seconds, 12)
        return said

    def test_D11_certificates(self):
        def shake(server):
            uri = f"turns:127.0.0.1:{server.tls_port()}"
            ca = f"--ca={self.folder.name}/cert.pem"
            name = "--server-name=turn.example.org"
            self.finds((0, None), ca, name, uri)
            self.finds((0, None), "--insecure", uri)
            self.finds((16, "SAT-TLS-NAME"), ca, uri)
            self.finds((16, "SAT-TLS-ISSUER"), name, uri)

        self.each(shake, *self.words)

    def test_D07_D11_no_TLS_there(self):
        """Ours closes; coturn waits for the rest of what it takes for a
        message, or resets the connection."""
        def shake(server):
            words = ("--insecure", "--timeout=2s",
                     f"turns:127.0.0.1:{server.port}")
            if server.name == "ours":
                said = self.finds((16, "SAT-TLS-CLOSED"), *words)
            else:
                done = run("turn-client", "--json", *ALICE, *words)
                said = json.loads(done.out)
                self.assertEqual(done.code, 16)
                self.assertIn(said["finding"]["finding"],
                              ("SAT-TLS-CLOSED", "SAT-TLS-SILENT"))
            self.assertIn("handshake", said["finding"]["seen"])
            with socket.socket() as closed:
                closed.bind(("127.0.0.1", 0))
                self.finds((10, "SAT-TCP-REFUSED"), "--insecure",
                           f"turns:127.0.0.1:{closed.getsockname()[1]}")

        self.each(shake)

    def test_D13_the_server_dies(self):
        """As soon as data comes through it."""
        def kill(server):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
                peer.bind(("127.0.0.1", 0))
                peer.settimeout(20)
                with subprocess.Popen(
                        [program("turn-client"), "--json", *ALICE, "-n9",
                         f"--peer=127.0.0.1:{peer.getsockname()[1]}",
                         f"turn:127.0.0.1:{server.port}?transport=tcp"],
                        stdout=subprocess.PIPE, text=True) as client:
                    peer.recvfrom(2048)
                    server.kill()
                    said = json.loads(client.communicate(timeout=25)[0])
                server.start()
            self.assertEqual((client.returncode, said["finding"]["finding"]),
                             (10, "SAT-CONN-LOST"), said)

        self.each(kill)


if __name__ == "__main__":
    main()
