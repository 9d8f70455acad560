# SPDX-License-Identifier: MIT
"""turn-client against coturn as Debian has it."""
import json
import socket
import subprocess
import tempfile
import time
import unittest

from programs import await_stun, find, free_port, main, program, run

TURNSERVER = find("turnserver")
REALM = "coturn.example.org"



@unittest.skipUnless(TURNSERVER, "coturn is not installed")
class CoturnTest(unittest.TestCase):
    """One server for each way to configure it."""

    def serve(self, *words):
        """Start a coturn on loopback; its URI."""
        port = free_port()
        # pylint: disable=consider-using-with
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        server = subprocess.Popen(
            [TURNSERVER, "-n", "--listening-ip=127.0.0.1",
             "--relay-ip=127.0.0.1", f"--listening-port={port}",
             f"--realm={REALM}", "--min-port=30000", "--max-port=32000",
             "--no-tls", "--no-dtls", "--no-tcp", "--no-cli", "--fingerprint",
             "--allow-loopback-peers", f"--userdb={directory.name}/db",
             f"--pidfile={directory.name}/pid", "--log-file=stdout", *words],
            cwd=directory.name, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait, 10)
        self.addCleanup(server.terminate)
        await_stun(port)
        return f"turn:127.0.0.1:{port}"

    def check(self, *words):
        """Run the client: exit status and object."""
        done = run("turn-client", "--json", *words)
        return done.code, json.loads(done.out)

    def test_long_term_credentials(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:a secret word")
        code, said = self.check("-u", "alice", "-w", "a secret word", uri)
        self.assertEqual((code, said["finding"]), (0, None))
        self.assertEqual([s["step"] for s in said["steps"]],
                         ["resolve", "binding", "challenge", "allocate", "peer",
                          "permission", "channel", "data", "refresh", "delete"])
        self.assertTrue(all(s["ok"] for s in said["steps"]))
        self.assertEqual((said["data"]["sent"], said["data"]["returned"]),
                         (5, 5))
        self.assertEqual((said["realm"], said["lifetime"]), (REALM, 600))

        for user, password in (("alice", "another word"), ("bob", "x"),
                               ("Alice", "a secret word"),
                               ("alice", "a secret word ")):
            code, said = self.check("-u", user, "-w", password, uri)
            self.assertEqual(code, 11, (user, password))
            self.assertEqual(said["finding"]["finding"], "SAT-CREDENTIALS")
            self.assertIn("401 Unauthorized", said["finding"]["seen"])

    def test_data_of_many_sizes(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:word")
        for length in ("1", "2", "3", "4", "1200", "8000"):
            code, said = self.check("-u", "alice", "-w", "word", "-n", "20",
                                    "-l", length, uri)
            self.assertEqual((code, said["data"]["lost"]), (0, 0), length)

    def test_shared_secret(self):
        uri = self.serve("--use-auth-secret", "--static-auth-secret=north")
        self.assertEqual(self.check("--secret=north", "-u", "alice", uri)[0],
                         0)
        code, said = self.check("--secret=south", "-u", "alice", uri)
        self.assertEqual((code, said["finding"]["finding"]),
                         (11, "SAT-CREDENTIALS"))
        code, said = self.check("-u", "1600000000:alice", "-w", "x", uri)
        self.assertEqual((code, said["finding"]["finding"]),
                         (11, "SAT-EXPIRED"))

    def test_quota(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:word",
                         "--user-quota=1")
        code, said = self.check("-u", "alice", "-w", "word", uri)
        self.assertEqual((code, said["finding"]["finding"]),
                         (13, "SAT-QUOTA"))
        self.assertEqual(said["steps"][-1]["step"], "peer")
        self.assertIn("486", said["finding"]["seen"])

    def test_denied_peer(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:word",
                         "--denied-peer-ip=127.0.0.1")
        code, said = self.check("-u", "alice", "-w", "word", uri)
        self.assertEqual((code, said["finding"]["finding"]),
                         (14, "SAT-PEER-FORBIDDEN"))

    def test_open_relay(self):
        uri = self.serve("--no-auth")
        self.assertEqual(self.check(uri)[0], 0)
        code, said = self.check("-u", "alice", "-w", "word", uri)
        self.assertEqual((code, said["finding"]["finding"]),
                         (1, "SAT-ANONYMOUS"))

    def test_utf8_password(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:pässwörd")
        self.assertEqual(self.check("-u", "alice", "-w", "pässwörd", uri)[0],
                         0)

    def test_echoing_peer(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:word")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(20)
            client = subprocess.Popen(
                [program("turn-client"), "--json", "-u", "alice", "-w", "word", "-n3",
                 f"--peer=127.0.0.1:{peer.getsockname()[1]}", uri],
                stdout=subprocess.PIPE, text=True)
            for _ in range(3):
                data, source = peer.recvfrom(2048)
                peer.sendto(data, source)
            out, _ = client.communicate(timeout=20)
        self.assertEqual(client.returncode, 0)
        self.assertEqual(json.loads(out)["data"]["returned"], 3)

    def test_S354_nonce_of_ten_seconds_goes_stale(self):
        uri = self.serve("--lt-cred-mech", "--user=alice:word",
                         "--stale-nonce=10")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer, \
                tempfile.TemporaryDirectory() as folder:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(20)
            packets = folder + "/packets.pcap"
            client = subprocess.Popen(
                [program("turn-client"), "--json", "-u", "alice", "-w", "word",
                 "-n15", f"--record={packets}",
                 f"--peer=127.0.0.1:{peer.getsockname()[1]}", uri],
                stdout=subprocess.PIPE, text=True)
            for _ in range(15):
                data, source = peer.recvfrom(2048)
                # Fifteen of these take longer than the nonce lives.
                time.sleep(0.8)
                peer.sendto(data, source)
            out, _ = client.communicate(timeout=20)
            shown = run("stun-decode", packets).out
        self.assertEqual(client.returncode, 0, out)
        self.assertIn("error-code: 438", shown)
        self.assertIn("Refresh Success Response", shown)


if __name__ == "__main__":
    main()
