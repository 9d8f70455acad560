# SPDX-License-Identifier: MIT
"""turn-client and services that are no TURN server, which keep the connection
open: web servers without TLS and with it, and what else has a port (D-09)."""
import contextlib
import functools
import http.server
import json
import socketserver
import ssl
import tempfile
import threading
import unittest

import certificate
from programs import main, run


class Talker(socketserver.BaseRequestHandler):
    """A service that says GREETING at once, and ANSWER to whatever comes; it
    never closes."""

    greeting = answer = b""

    def handle(self):
        with contextlib.suppress(OSError):
            self.request.sendall(self.greeting)
            while self.request.recv(4096):
                self.request.sendall(self.answer)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """The web server of Python, which says nothing on the terminal."""

    def log_message(self, *_):
        """Nothing."""


@contextlib.contextmanager
def listening(handler, context=None):
    """A TCP server in a thread; its port."""
    class Service(socketserver.ThreadingTCPServer):
        """One that lets go of its connections at the end."""
        daemon_threads, block_on_close = True, False

        def handle_error(self, request, client_address):
            """Clients come and go."""

    with Service(("127.0.0.1", 0), handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket,
                                                server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def talker(greeting=b"", answer=b""):
    """A Talker class that says that."""
    return type("Some", (Talker,), {"greeting": greeting, "answer": answer})


class ServicesTest(unittest.TestCase):
    """Each is told apart from a TURN server, by what it says."""

    def asks(self, uri, *words):
        """The exit status, and the object."""
        done = run("turn-client", "--json", "-u", "alice", "-w", "secret",
                   "--timeout=1s", *words, uri)
        self.assertLess(done.seconds, 8)
        said = json.loads(done.out)
        return done.code, said["finding"]["finding"], said["finding"]["seen"]

    def test_D09_what_others_say(self):
        web = (b"HTTP/1.1 400 Bad Request\r\nConnection: keep-alive\r\n"
               b"Content-Length: 0\r\n\r\n")
        for service, part in (
                (talker(answer=web), "HTTP/1.1 400"),
                (talker(greeting=b"SSH-2.0-OpenSSH_9.2p1\r\n"), "SSH-2.0-"),
                (talker(greeting=b"220 mail.example.org ESMTP\r\n"), "220 m"),
                (talker(greeting=b"J\0\0\0\n8.0.36\0"), "J"),
                (talker(greeting=b"RFB 003.008\n"), "RFB"),
                (talker(answer=b"\0\1"), "no whole STUN message")):
            with self.subTest(part), listening(service) as port:
                code, finding, seen = self.asks(
                    f"turn:127.0.0.1:{port}?transport=tcp")
                self.assertEqual((code, finding), (17, "SAT-NOT-TURN"), seen)
                self.assertIn(part, seen)

    def test_D09_web_server_that_waits_for_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            quiet = functools.partial(Quiet, directory=folder)
            with listening(quiet) as port:
                code, finding, seen = self.asks(
                    f"turn:127.0.0.1:{port}?transport=tcp")
        self.assertEqual((code, finding), (17, "SAT-NOT-TURN"), seen)

    def test_D10_what_says_nothing_is_silent(self):
        with listening(talker()) as port:
            code, finding, seen = self.asks(
                f"turn:127.0.0.1:{port}?transport=tcp")
        self.assertEqual((code, finding), (10, "SAT-TCP-SILENT"), seen)


class SecureTest(unittest.TestCase):
    """The same over TLS: the certificate is good, the service is not TURN."""

    asks = ServicesTest.asks

    def test_D09_web_server_behind_TLS(self):
        folder, _ = certificate.make()
        with folder:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder.name + "/cert.pem",
                                    folder.name + "/key.pem")
            quiet = functools.partial(Quiet, directory=folder.name)
            with listening(quiet, context) as port:
                code, finding, seen = self.asks(
                    f"turns:127.0.0.1:{port}",
                    f"--ca={folder.name}/cert.pem",
                    "--server-name=turn.example.org")
                self.assertEqual((code, finding), (17, "SAT-NOT-TURN"), seen)
                # Without TLS it says so itself, by an alert or by closing.
                code, finding, seen = self.asks(
                    f"turn:127.0.0.1:{port}?transport=tcp")
                self.assertEqual((code, finding), (17, "SAT-NOT-TURN"), seen)


if __name__ == "__main__":
    main()
