# SPDX-License-Identifier: MIT
"""turn-server as its operator sees it: command line, file, signals."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from programs import main, program, run
from turn_talk import (TURN_REALM, TurnServer, relayed, serve,
                       was_built_with)

ACCESS = [f"--realm={TURN_REALM}", "--user=alice:secret"]
LISTEN = ["--listening-ip=127.0.0.1", "--listening-port=0"]


class CommandLine(unittest.TestCase):
    """What does not work ends with one line and the right status."""

    def refused(self, code, words, *texts):
        """It ends with CODE and one line that has all TEXTS."""
        done = run("turn-server", *words)
        said = done.err.strip().splitlines()
        self.assertEqual((done.code, len(said)), (code, 1), done.err)
        for text in texts:
            self.assertIn(text, said[0])
        self.assertNotIn("ready", done.out)

    def test_used_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
            holder.bind(("127.0.0.1", 0))
            port = holder.getsockname()[1]
            self.refused(3, [*ACCESS, "--listening-ip=127.0.0.1",
                             f"--listening-port={port}", "--min-port=1024",
                             "--max-port=1030", "--total-quota=7",
                             "--log-file=/dev/null"],
                         "cannot listen on 127.0.0.1", str(port),
                         "address already in use")

    def test_foreign_address(self):
        self.refused(3, [*ACCESS, "--listening-ip=192.0.2.77",
                         "--listening-port=0"], "192.0.2.77", "not available")
        self.refused(3, [*ACCESS, *LISTEN, "--relay-ip=192.0.2.77",
                         "--log-file=/dev/null"],
                     "cannot relay on 192.0.2.77")

    def test_bad_values(self):
        for word, *texts in (
                ("--user=bob:0x1234", "user", "bob", "32 hexadecimal"),
                ("--user=bob:0x" + "g" * 32, "bob", "hexadecimal"),
                ("--user=bob", "name:password"),
                ("--listening-port=65536", "65536"),
                ("--listening-ip=localhost", "localhost"),
                ("--min-port=80", "80", "1024"),
                ("--denied-peer-ip=10.0.0.0/33", "10.0.0.0/33"),
                ("--allowed-peer-ip=10.0.0.9-10.0.0.1", "10.0.0.9"),
                ("--external-ip=1.2.3.4/::1", "IPv4 and IPv6"),
                ("--external-ip=1.2.3.4/10.9.8.7", "10.9.8.7"),
                ("--integrity-failure-code=402", "401 nor 431"),
                ("--psql-userdb=host=x", "psql-userdb", "refused", "redis"),
                ("--userdb=/nowhere/x", "userdb", "unable" if was_built_with(
                    "userdb=/nowhere/x", "SQLite") else "built without"),
                ("--redis-userdb=ip=", "redis-userdb", "ip" if was_built_with(
                    "redis-userdb=ip=127.0.0.1", "Redis") else "built without"),
                ("--htdigest=/nowhere/x", "/nowhere/x", "No such file"),
                ("--relm=x", "relm", "realm"),
                ("stray", "stray")):
            self.refused(2, [*ACCESS, *LISTEN, "--log-file=/dev/null", word],
                         *texts)

    def test_B50_what_is_missing(self):
        self.refused(2, [*LISTEN, "--user=alice:secret"], "realm")
        self.refused(2, [*LISTEN, f"--realm={TURN_REALM}"], "user", "no-auth")
        self.refused(2, [*LISTEN, "--no-auth", "--lt-cred-mech"], "no-auth")
        self.refused(2, [*ACCESS, *LISTEN, "--use-auth-secret"],
                     "static-auth-secret")
        self.refused(2, [*ACCESS, *LISTEN, "--min-port=3000",
                         "--max-port=2000", "--total-quota=1"], "max-port")
        self.refused(2, [*ACCESS, "--listening-ip=127.0.0.1",
                         "--listening-port=50000", "--log-file=/dev/null"],
                     "50000", "min-port")

    def test_B50_two_relays_at_one_public_address(self):
        words = [*ACCESS, *LISTEN, "--log-file=/dev/null",
                 "--relay-ip=127.0.0.1", "--relay-ip=127.0.0.2"]
        self.refused(2, [*words, "--external-ip=203.0.113.1"],
                     "203.0.113.1", "127.0.0.1", "PUBLIC/PRIVATE")
        self.refused(2, [*words, "--external-ip=203.0.113.1/127.0.0.1",
                         "--external-ip=203.0.113.1/127.0.0.2"],
                     "203.0.113.1")

    def test_help_and_version(self):
        done = run("turn-server", "--help")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertLessEqual(len(done.out.splitlines()), 25)
        self.assertEqual(run("turn-server", "--version").code, 0)

    def test_B53_passwords_are_not_shown(self):
        server = serve(self, "--software=x")
        server.client(self, "alice", "wrong").allocate()
        server.client(self).allocate()
        self.assertNotIn("secret", server.log())


class ConfigurationFile(unittest.TestCase):
    """turnserver.conf, in coturn's grammar."""

    def setUp(self):
        # pylint: disable=consider-using-with
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = pathlib.Path(directory.name, "turnserver.conf")

    def write(self, text):
        """Write the file; the words that name it."""
        self.path.write_text(text, "utf-8")
        return ["-c", str(self.path)]

    GOOD = ("# a comment\n\n  listening-ip=127.0.0.1\n"
            "listening-port 0\nfingerprint\nlt-cred-mech\n"
            'realm="turn.example.org"\nuser=alice:secret\r\n'
            "user=bob:word\nno-tls\nno-cli\nmin-port=40000\n"
            "max-port=45000\nsoftware='me too'\n")

    def test_file_is_read_and_the_command_line_counts_more(self):
        words = self.write(self.GOOD)
        server = serve(self, *words, "--max-port=40003", plain=True)
        client = server.client(self)
        port = relayed(client.allocate())[1]
        self.assertIn(port, range(40000, 40004))

    def test_check_config(self):
        done = run("turn-server", *self.write(self.GOOD), "--check-config")
        self.assertEqual(done.code, 0, done.out + done.err)
        self.assertIn("turnserver.conf:8: user: honoured", done.out)
        self.assertRegex(done.out, r"turnserver.conf:11: no-cli: ignored: .*")
        self.assertNotIn("secret", done.out + done.err)
        done = run("turn-server", "--check-config",
                   *self.write(self.GOOD + "psql-userdb=x\nmin-prot=2\n"
                               "user=bob:0xzz\nmax-port=99999\n=3\n"))
        self.assertEqual(done.code, 1)
        for line, text in ((15, "psql-userdb: refused"), (16, "did you mean min-por"),
                           (17, "hexadecimal"), (18, "65535"), (19, "name")):
            self.assertRegex(done.out, rf"conf:{line}: .*{text}")
        done = run("turn-server", "--check-config",
                   *self.write("user=alice:secret\n"))
        self.assertEqual(done.code, 1)
        self.assertIn("realm is missing", done.out)

    def test_check_config_reads_what_the_file_names(self):
        for line, text in (("cert=/nowhere/c\npkey=/nowhere/k", "/nowhere/c"),
                           ("userdb=/nowhere/db", "/nowhere/db"),
                           ("htdigest=/nowhere/h", "/nowhere/h")):
            done = run("turn-server", "--check-config",
                       *self.write(f"realm=x\nuser=a:b\n{line}\n"))
            self.assertEqual(done.code, 1, done.out)
            self.assertIn(text, done.out.splitlines()[-1])
            self.assertNotIn(": good", done.out)

    def test_faults_name_file_and_line(self):
        done = run("turn-server", *self.write("realm=x\nmin-port=1\n"))
        self.assertEqual(done.code, 2)
        self.assertIn(f"{self.path}:2: min-port", done.err)
        done = run("turn-server", "-c", str(self.path) + ".not")
        self.assertEqual(done.code, 2)
        self.assertIn("No such file", done.err)

    def test_other_keys_are_announced(self):
        words = self.write(self.GOOD + "cipher-list=/x\nlistening-ip=192.0.2.77\n")
        done = run("turn-server", *words)
        self.assertIn("cipher-list is ignored: ", done.err)

    def test_T033_B05_hang_up_reads_users_again(self):
        server = serve(self, *self.write(self.GOOD), plain=True)
        living = server.client(self)
        self.assertEqual(living.allocate().code, 0)
        self.assertEqual(server.client(self, "carol", "c").allocate().code,
                         401)
        self.write(self.GOOD.replace("alice:secret", "carol:c"))
        server.process.send_signal(signal.SIGHUP)
        self.until(server, "TURN-RELOAD 2 users")
        self.assertEqual(server.client(self, "carol", "c").allocate().code, 0)
        self.assertEqual(server.client(self).allocate().code, 401)
        self.assertEqual(living.ask(4).code, 0)
        self.write("user=bro:ken\nrelm=x\n")
        server.process.send_signal(signal.SIGHUP)
        self.until(server, "TURN-RELOAD users and secrets were not read")
        self.assertEqual(server.client(self, "carol", "c").allocate().code, 0)

    def until(self, server, text):
        """Wait for a line of the log."""
        for _ in range(100):
            if text in server.log():
                return
            time.sleep(0.05)
        self.fail(f"no {text}: {server.log()}")


class Life(unittest.TestCase):
    """Start and end."""

    def test_ready_and_pidfile(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "pid")
            server = TurnServer(f"--pidfile={path}")
            self.assertEqual(len(server.lines), 3)
            self.assertRegex(server.lines[0],
                             r"^listening udp 127\.0\.0\.1:\d+$")
            self.assertEqual(server.lines[1],
                             server.lines[0].replace("udp", "tcp"))
            self.assertEqual(server.lines[2], "ready")
            self.assertEqual(int(path.read_text("ascii")), server.process.pid)
            self.assertEqual(server.end(), 0)
            self.assertFalse(path.exists())
        done = run("turn-server", *ACCESS, *LISTEN, "--log-file=/dev/null",
                   "--pidfile=/nowhere/pid")
        self.assertEqual((done.code, "/nowhere/pid" in done.err), (3, True))

    def test_A24_C32_drain(self):
        server = TurnServer()
        client, late = server.client(self), server.client(self)
        client.allocate()
        server.process.terminate()
        time.sleep(0.2)
        self.assertEqual(late.allocate().code, 403)
        self.assertEqual(client.ask(4).code, 0)
        self.assertIsNone(server.process.poll())
        self.assertIn("draining: 1 allocations left", server.log())
        client.ask(4, (0x000D, bytes(4)))
        self.assertEqual(server.process.wait(5), 0)
        server.end()

    def test_the_service_manager_is_told(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "notify")
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(path)
                manager.settimeout(10)
                os.environ["NOTIFY_SOCKET"] = path
                self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
                server = TurnServer()
                self.assertEqual(manager.recv(99), b"READY=1")
                server.process.send_signal(signal.SIGHUP)
                self.assertRegex(manager.recv(99),
                                 rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
                self.assertEqual(manager.recv(99), b"READY=1")
                server.process.terminate()
                self.assertEqual(manager.recv(99), b"STOPPING=1")
                self.assertEqual(server.end(), 0)

    @unittest.skipUnless(shutil.which("systemd-analyze"),
                         "systemd-analyze is not installed")
    def test_the_unit_is_valid(self):
        unit = pathlib.Path(program("turn-server")).parent / "turn-server.service"
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory, "turn-server.service")
            copy.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true",
                                   unit.read_text("utf-8")), "utf-8")
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", str(copy)],
                capture_output=True, text=True, check=False)
        self.assertNotIn("turn-server.service", done.stderr)

    def test_second_signal_ends_at_once(self):
        server = TurnServer()
        server.client(self).allocate()
        server.process.terminate()
        time.sleep(0.2)
        self.assertIsNone(server.process.poll())
        server.process.terminate()
        self.assertEqual(server.process.wait(5), 0)
        server.end()

    def test_descriptors_are_given_back(self):
        server = serve(self)
        folder = f"/proc/{server.process.pid}/fd"
        before = len(os.listdir(folder))
        clients = [server.client(self) for _ in range(20)]
        for client in clients:
            self.assertEqual(client.allocate().code, 0)
        self.assertEqual(len(os.listdir(folder)), before + 20)
        for client in clients:
            client.ask(4, (0x000D, bytes(4)))
        # a relay is closed after its client has had the answer
        for _ in range(100):
            if len(os.listdir(folder)) == before:
                break
            time.sleep(0.05)
        self.assertEqual(len(os.listdir(folder)), before)
        self.assertEqual(len(re.findall("TURN-ALLOC-END", server.log())), 20)

    def test_all_addresses_of_the_machine(self):
        server = TurnServer.__mro__[1](
            program("turn-server"), *ACCESS, "--listening-port=0",
            "--log-file=/dev/null")
        lines = server.wait_for("ready")
        self.assertTrue(any("127.0.0.1:" in line for line in lines))
        self.assertFalse(any("0.0.0.0:" in line for line in lines))
        self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    main()
