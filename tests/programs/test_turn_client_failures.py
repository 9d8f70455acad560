# SPDX-License-Identifier: MIT
"""turn-client and the rows of the table of diagnoses that one machine can
produce: what it finds, how it ends, how long that takes, and how often it
tried with credentials, counted in its record of packets."""
import contextlib
import json
import os
import socket
import struct
import tempfile
import threading
import unittest

from programs import (ALLOCATE, BINDING, INTEGRITY, Stub, attributes_of, main,
                      run)
from turn_talk import serve

ALICE = ("-u", "alice", "-w", "secret")


def tries_of(path):
    """How many Allocate transactions had credentials, by their clients: the
    local port and the transaction count each once."""
    with open(path, "rb") as file:
        raw = file.read()
    seen, at = {}, 24
    while at < len(raw):
        size = struct.unpack_from("<I", raw, at + 8)[0]
        packet = raw[at + 16:at + 16 + size]
        at += 16 + size
        head = (packet[0] & 15) * 4
        data = packet[head + (8 if packet[9] == 17 else 20):]
        if (len(data) >= 20 and struct.unpack_from("!H", data)[0] == ALLOCATE
                and INTEGRITY in attributes_of(data)):
            seen.setdefault(packet[head:head + 2], set()).add(data[8:20])
    return max((len(tids) for tids in seen.values()), default=0)


@contextlib.contextmanager
def stream(handler):
    """A TCP server that hands each connection to HANDLER, in a thread."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.1)
        over = threading.Event()
        kept = []

        def loop():
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    kept.append(listener.accept()[0])
                    handler(kept[-1])

        thread = threading.Thread(target=loop)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()
            for one in kept:
                one.close()


def reset(connection):
    """RST as soon as something came."""
    connection.recv(2048)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))
    connection.close()


def web(connection):
    """An answer of another service, which closes."""
    connection.recv(2048)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>")
    connection.shutdown(socket.SHUT_WR)


class FailuresTest(unittest.TestCase):
    """Each failure, and what comes of it."""

    def finds(self, code, finding, *words, seconds=10, tries=2):
        """It ends so, soon enough, after no more tries than that."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.pcap")
            done = run("turn-client", "--json", f"--record={path}", *words)
            self.assertLessEqual(tries_of(path), tries)
        said = json.loads(done.out)
        self.assertEqual((done.code, said["finding"]["finding"]),
                         (code, finding), done.out)
        self.assertLess(done.seconds, seconds)
        self.assertFalse(said["ok"])
        return said

    def ours(self, *words, **more):
        """A server of ours, its URI."""
        server = serve(self, *words, **more)
        return f"turn:127.0.0.1:{server.addresses[0][1]}"

    def test_D23_D27_credentials(self):
        uri = self.ours()
        for user, password in (("alice", "wrong"), ("nobody", "secret")):
            said = self.finds(11, "SAT-CREDENTIALS", "-u", user, "-w",
                              password, uri, tries=1)
            self.assertIn("401", said["finding"]["seen"])
            self.assertIn("401 does not tell", said["told"])
        said = self.finds(11, "SAT-CREDENTIALS", "-u", "alice", "-w", "wrong",
                          "--realm=elsewhere", uri, tries=1)
        self.assertIn("not elsewhere as was expected", said["told"])
        self.finds(11, "SAT-EXPIRED", "-u", "1600000000:alice", "-w", "x",
                   uri, tries=1)
        self.finds(11, "SAT-NO-CREDENTIALS", uri, tries=0)

    def test_D26_integrity_failure_as_of_an_expressway(self):
        uri = self.ours("--integrity-failure-code=431")
        said = self.finds(11, "SAT-PASSWORD", "-u", "alice", "-w", "wrong",
                          uri, tries=1)
        self.assertIn("431", said["finding"]["seen"])

    def test_probe_tells_how_far_it_could_tell(self):
        uri = self.ours()
        done = run("turn-client", "--json", "-u", "alice", "-w", "secret ",
                   "--probe", uri)
        said = json.loads(done.out)
        self.assertEqual((done.code, said["finding"]["finding"]),
                         (11, "SAT-PASSWORD-BLANK"))
        self.assertIn("accepted", said["told"])

    def test_D53_quota(self):
        self.finds(13, "SAT-QUOTA", *ALICE, self.ours("--user-quota=1"))

    def test_D70_peer(self):
        uri = self.ours("--realm=r", "--user=alice:secret",
                        "--relay-ip=127.0.0.1", plain=True)
        self.finds(14, "SAT-PEER-FORBIDDEN", *ALICE, uri)

    def test_D85_silent_data_path(self):
        uri = self.ours()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
            mute.bind(("127.0.0.1", 0))
            said = self.finds(15, "SAT-RELAY-IN", *ALICE, "-n2",
                              f"--peer=127.0.0.1:{mute.getsockname()[1]}", uri)
        self.assertEqual((said["data"]["sent"], said["data"]["returned"]),
                         (2, 0))

    def test_D07_D09_D10_connections(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            self.finds(10, "SAT-TCP-REFUSED", *ALICE,
                       f"turn:127.0.0.1:{port}?transport=tcp", seconds=5)
        for handler, code, finding in (
                (reset, 17, "SAT-NOT-TURN"), (web, 17, "SAT-NOT-TURN"),
                (lambda connection: None, 10, "SAT-TCP-SILENT")):
            with stream(handler) as port:
                said = self.finds(
                    code, finding, *ALICE, "--timeout=800ms",
                    f"turn:127.0.0.1:{port}?transport=tcp", seconds=8, tries=0)
            if handler is web:
                self.assertIn("HTTP/1.1", said["finding"]["seen"])

    def test_D11_no_tls_there(self):
        for handler, finding in ((reset, "SAT-TLS-CLOSED"),
                                 (web, "SAT-TLS-NONE"),
                                 (lambda connection: None, "SAT-TLS-SILENT")):
            with stream(handler) as port:
                self.finds(16, finding, *ALICE, "--timeout=800ms",
                           "--insecure", f"turns:127.0.0.1:{port}", seconds=8)
        with Stub(lambda request: None) as stub:
            self.finds(16, "SAT-TLS-SILENT", *ALICE, "--timeout=800ms",
                       "--insecure",
                       f"turns:127.0.0.1:{stub.port}?transport=udp", seconds=8)

    def test_S481_copies_are_sent_at_the_times_of_the_RFC(self):
        """0, 500 and 1500 ms; and no longer than the user allows."""
        with Stub(lambda request: None) as stub:
            said = self.finds(10, "SAT-UDP-SILENT", *ALICE, "--timeout=2s",
                              f"turn:127.0.0.1:{stub.port}", seconds=15)
            for method in (BINDING, ALLOCATE):
                copies = stub.of(method)
                self.assertEqual(len({copy.raw for copy in copies}), 1)
                self.assertEqual(len(copies), 3)
                gaps = [b.time - a.time for a, b in zip(copies, copies[1:])]
                self.assertGreater(gaps[0], 0.45)
                self.assertGreater(gaps[1], 0.9)
        self.assertIn("sent 3 times", said["finding"]["seen"])


if __name__ == "__main__":
    main()
