# SPDX-License-Identifier: MIT
"""turn-client's ways to work, against our server and against coturn: load,
audit, all transports, several servers, repetition, certificates."""
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from programs import (BINDING, REFRESH, Listener, Stub, find, free_port, main,
                      program, run)
from turn_servers import RELAYS
from turn_stub import KEY, PASSWORD, USER, Turn, allocated
from turn_talk import serve

OPENSSL, TURNSERVER = find("openssl"), find("turnserver")
ALICE = ("-u", "alice", "-w", "secret")

KEYS = {"uri", "transport", "ok", "server", "mapped", "relayed", "realm",
        "software", "lifetime", "steps", "data", "rtt", "tls", "audit",
        "finding", "told", "exit"}
LOAD_KEYS = {"uri", "transport", "ok", "clients", "ready", "failed",
             "regained", "sent", "returned", "lost", "lost_percent",
             "duplicates", "reordered", "not_sent", "bytes", "seconds",
             "mbit_per_s", "rtt", "setup", "finding", "exit"}
PERCENTILES = ["min", "p50", "p90", "p95", "p99", "p999", "max"]


class Echo(Listener):
    """A peer that returns what it gets, but for every N-th datagram."""

    def __init__(self, every=0):
        self.every, self.count = every, 0
        super().__init__()

    def take(self, datagram, source):
        self.count += 1
        if self.every == 0 or self.count % self.every:
            self.socket.sendto(datagram, source)


def uri_of(server, at=0):
    """The URI of a turn-server."""
    return f"turn:127.0.0.1:{server.addresses[at][1]}"


class WaysTest(unittest.TestCase):
    """Against our server."""

    def objects(self, code, *words):
        """The objects that it prints; it ends with CODE."""
        done = run("turn-client", "--json", *words)
        self.assertEqual(done.code, code, done.out + done.err)
        return [json.loads(line) for line in done.out.splitlines()]

    def test_load_counts_what_is_lost(self):
        server = serve(self)
        with Echo(every=10) as peer:
            said, = self.objects(
                15, *ALICE, "-m", "4", "-n", "50", "-z", "10", "-l", "200",
                f"--peer=127.0.0.1:{peer.port}", uri_of(server))
        self.assertEqual(set(said), LOAD_KEYS)
        self.assertEqual((said["clients"], said["ready"], said["failed"]),
                         (4, 4, 0))
        self.assertEqual((said["sent"], said["bytes"]), (200, 200))
        self.assertEqual(said["returned"] + said["lost"], 200)
        self.assertEqual(said["lost"], 200 - peer.count + peer.count // 10)
        self.assertAlmostEqual(said["lost_percent"], said["lost"] / 2, 3)
        self.assertEqual(said["finding"]["finding"], "SAT-DATA-LOST")
        self.assertEqual(list(said["rtt"]), PERCENTILES)
        times = [said["rtt"][key] for key in PERCENTILES]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 0)

    def test_load_without_loss_and_its_refusal(self):
        server = serve(self, "--user-quota=6")
        said, = self.objects(0, *ALICE, "-m", "3", "-n", "20", "-z", "5",
                             uri_of(server))
        self.assertEqual((said["sent"], said["returned"], said["lost"],
                          said["finding"]), (60, 60, 0, None))
        said, = self.objects(13, *ALICE, "-m", "5", "-n", "1", uri_of(server))
        self.assertEqual(said["finding"]["finding"], "SAT-QUOTA")
        self.assertEqual(said["ready"] + said["failed"], 5)
        self.assertGreater(said["failed"], 0)
        said, = self.objects(11, "-u", "alice", "-w", "wrong", "-m", "2",
                             uri_of(server))
        self.assertEqual((said["sent"], said["rtt"]), (0, None))

    def test_load_without_answers_is_told_once_not_by_each_client(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            done = run("turn-client", *ALICE, "-m", "9", "--timeout=2s",
                       f"turn:127.0.0.1:{silent.getsockname()[1]}")
        self.assertEqual(done.code, 10)
        self.assertIn("SAT-UDP-SILENT", done.out)
        self.assertNotIn("no answer to the", done.err)

    def test_T402_audit_of_our_server_finds_nothing(self):
        server = serve(self, "--realm=r", "--user=alice:secret",
                       "--relay-ip=127.0.0.1", plain=True)
        said, = self.objects(0, *ALICE, "--audit", uri_of(server))
        tried = [row for row in said["audit"]
                 if row["permission"] != "untried"]
        self.assertGreater(len(tried), 20)
        self.assertEqual({row["permission"] for row in tried}, {"refused"})
        self.assertEqual({row["channel"] for row in tried}, {"refused"})

    def test_audit_finds_what_is_open(self):
        said, = self.objects(1, *ALICE, "--audit", uri_of(serve(self)))
        self.assertEqual(said["finding"]["finding"], "SAT-OPEN-INSIDE")
        self.assertIn("127.0.0.1", said["finding"]["seen"])

    def test_rounds_end_a_repetition(self):
        server = serve(self)
        said = self.objects(0, *ALICE, "--repeat=1s", "--rounds=2",
                            uri_of(server))
        self.assertEqual(len(said), 2)
        for one in said:
            self.assertEqual(set(one), KEYS)
            self.assertEqual(list(one["rtt"]), ["min", "median", "max"])
            self.assertLessEqual(one["rtt"]["min"], one["rtt"]["max"])
        done = run("turn-client", *ALICE, "--repeat=1s", "--rounds=1",
                   uri_of(server))
        self.assertEqual(done.code, 0)
        self.assertIn("good 1 bad 0", done.out)

    def test_several_servers_are_sorted(self):
        server = serve(self)
        with Stub(Turn(lambda t, r: t.challenge(r))) as stub:
            bad = f"turn:127.0.0.1:{stub.port}"
            good = uri_of(server)
            done = run("turn-client", *ALICE, bad, good, good)
        self.assertNotEqual(done.code, 0)
        table = done.out.rstrip("\n").split("\n")[-3:]
        self.assertIn("all good", table[0])
        self.assertIn("all good", table[1])
        self.assertIn(bad, table[2])
        times = [float(line.split()[0]) for line in table[:2]]
        self.assertEqual(times, sorted(times))

    def test_interrupt_deletes_what_was_allocated(self):
        """Data goes nowhere; SIGINT comes in the middle."""
        def after(turn, request):
            if request.method in (BINDING, REFRESH):
                return request.reply(0x0100, (0x000D, bytes(4)), key=KEY)
            return allocated(request)

        turn = Turn(after)
        with Stub(turn) as stub:
            client = subprocess.Popen(
                [program("turn-client"), "-u", USER, "-w", PASSWORD, "-n99",
                 "--peer=127.0.0.1:9", f"turn:127.0.0.1:{stub.port}"],
                stdout=subprocess.PIPE, text=True)
            deadline = time.monotonic() + 20
            while len(turn.authenticated) < 3 and time.monotonic() < deadline:
                time.sleep(0.02)  # Allocate, CreatePermission, ChannelBind
            client.send_signal(signal.SIGINT)
            out, _ = client.communicate(timeout=20)
        self.assertEqual(client.returncode, 3)
        self.assertIn("interrupted", out)
        self.assertEqual(stub.of(REFRESH)[-1].attributes[0x000D], bytes(4))


@unittest.skipUnless(OPENSSL, "openssl is not installed")
class CertificateTest(unittest.TestCase):
    """T-726: certificates that are good, and those that are not."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        for name, days in (("ca", "9"), ("server", "9")):
            more = [] if name == "ca" else [
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
            subprocess.run(
                [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", days,
                 "-subj", f"/CN={name}", "-keyout", cls.path(name + ".key"),
                 "-out", cls.path(name + ".pem"), *more],
                check=True, capture_output=True)

        request = cls.path("old.csr")
        subprocess.run([OPENSSL, "req", "-new", "-key", cls.path("server.key"),
                        "-subj", "/CN=localhost", "-out", request],
                       check=True, capture_output=True)
        subprocess.run([OPENSSL, "x509", "-req", "-in", request, "-days", "-1",
                        "-CA", cls.path("ca.pem"), "-CAcreateserial", "-CAkey",
                        cls.path("ca.key"), "-out", cls.path("old.pem")],
                       check=True, capture_output=True)

    @classmethod
    def path(cls, name):
        """In the folder."""
        return os.path.join(cls.folder.name, name)

    def start(self, certificate="server.pem", port=0):
        """A server over everything; the port of UDP and that of TLS."""
        server = serve(self, f"--cert={self.path(certificate)}",
                       f"--pkey={self.path('server.key')}", *RELAYS,
                       f"--tls-listening-port={port}")
        tls = [line for line in server.lines
               if line.startswith("listening tls")][0]
        return server.addresses[0][1], tls.rpartition(":")[2]

    def test_T726_each_refusal_is_explained(self):
        _, port = self.start()
        ca = f"--ca={self.path('server.pem')}"
        for words, code, finding in (
                ((ca, f"turns:localhost:{port}"), 0, None),
                ((ca, f"turns:127.0.0.1:{port}"), 0, None),
                (("--insecure", f"turns:localhost:{port}"), 0, None),
                ((f"--ca={self.path('ca.pem')}", f"turns:localhost:{port}"),
                 16, "SAT-TLS-ISSUER"),
                ((ca, "--server-name=a.example", f"turns:localhost:{port}"),
                 16, "SAT-TLS-NAME")):
            done = run("turn-client", "--json", *ALICE, "-4", *words)
            said = json.loads(done.out)
            self.assertEqual(done.code, code, done.out)
            self.assertEqual((said["finding"] or {}).get("finding"), finding)
            self.assertIn("localhost", said["tls"]["certificate"])
            self.assertEqual(said["tls"]["verified"],
                             code == 0 and words[0] != "--insecure")
            if finding:  # the certificate is among the facts
                self.assertIn("names localhost", said["finding"]["seen"])

    def test_D11_expired(self):
        _, port = self.start("old.pem")
        done = run("turn-client", "--json", *ALICE, "-4",
                   f"--ca={self.path('ca.pem')}", f"turns:localhost:{port}")
        said = json.loads(done.out)
        self.assertEqual((done.code, said["finding"]["finding"]),
                         (16, "SAT-TLS-EXPIRED"))

    def test_all_transports(self):
        udp, tls = self.start(port=free_port())
        words = [*ALICE, "-4", f"--ca={self.path('server.pem')}",
                 "--all-transports", f"--tls-port={tls}",
                 f"turn:localhost:{udp}"]
        done = run("turn-client", "--json", *words)
        said = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([one["transport"] for one in said],
                         ["udp", "tcp", "tls", "dtls"])
        self.assertTrue(all(one["ok"] for one in said), done.out)
        for one in said[2:]:
            self.assertIn("TLS", one["tls"]["session"])
            self.assertTrue(one["tls"]["verified"])
        done = run("turn-client", *words)
        self.assertIn("use UDP", done.out.splitlines()[-1])


@unittest.skipUnless(TURNSERVER, "coturn is not installed")
class CoturnAuditTest(unittest.TestCase):
    """An open coturn is seen to be open."""

    def test_audit(self):
        port = free_port()
        # pylint: disable=consider-using-with
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server = subprocess.Popen(
            [TURNSERVER, "-n", "--listening-ip=127.0.0.1",
             "--relay-ip=127.0.0.1", f"--listening-port={port}", "--realm=r",
             "--lt-cred-mech", "--user=alice:secret", "--no-tls", "--no-dtls",
             "--no-cli", "--allow-loopback-peers", "--log-file=stdout",
             f"--userdb={folder.name}/db", f"--pidfile={folder.name}/pid"],
            cwd=folder.name, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait, 10)
        self.addCleanup(server.terminate)
        uri = f"turn:127.0.0.1:{port}"
        for _ in range(100):
            if run("stun-client", "--timeout=200ms", uri.replace("turn:",
                                                                 "stun:")
                   ).code == 0:
                break
            time.sleep(0.05)
        done = run("turn-client", "--json", *ALICE, "--audit", uri)
        said = json.loads(done.out)
        self.assertEqual((done.code, said["finding"]["finding"]),
                         (1, "SAT-OPEN-INSIDE"))
        accepted = [row["peer"] for row in said["audit"]
                    if row["permission"] == "accepted"]
        self.assertIn("127.0.0.1", accepted)
        done = run("turn-client", *ALICE, "--audit", uri)
        hosts = [line.split()[0] for line in done.out.splitlines()
                 if "(loopback)" in line]  # each in one line, or paragraph
        self.assertEqual(hosts, ["127.0.0.1", "127.83.1.2"])


if __name__ == "__main__":
    main()
