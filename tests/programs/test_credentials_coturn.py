# SPDX-License-Identifier: MIT
"""What turn-credentials makes, taken by coturn as Debian has it, from its
command line, its SQLite file and its Redis, with coturn's own client."""
import json
import shlex
import sqlite3
import subprocess
import tempfile
import time
import unittest

from programs import await_stun, find, free_port, main, run

NAME = "turn-credentials"
TURNSERVER, CLIENT = find("turnserver"), find("turnutils_uclient")
REDIS, REDIS_CLI = find("redis-server"), find("redis-cli")
REALM = "north.example.org"
PASSWORD = "it's a secret"



def line(name, *words):
    """One line of the keys of a user."""
    done = run(NAME, f"--user={words[0] if words else 'alice'}",
               f"--realm={REALM}", f"--password={PASSWORD}",
               f"--format={name}")
    assert done.code == 0, done.err
    return done.out.rstrip("\n")


@unittest.skipUnless(TURNSERVER and CLIENT, "coturn is not installed")
class CoturnTest(unittest.TestCase):
    """One server for each way to store credentials."""

    def setUp(self):
        # pylint: disable=consider-using-with
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def start(self, *command):
        """A process that ends with the test."""
        process = subprocess.Popen(
            command, cwd=self.directory, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.terminate)

    def serve(self, *words):
        """A coturn on loopback; its port."""
        port = free_port()
        self.start(TURNSERVER, "-n", "--listening-ip=127.0.0.1",
                   "--relay-ip=127.0.0.1", f"--listening-port={port}",
                   f"--realm={REALM}", "--no-tls", "--no-dtls", "--no-tcp",
                   "--no-cli", "--allow-loopback-peers",
                   f"--pidfile={self.directory}/pid", "--log-file=stdout",
                   "--min-port=32001", "--max-port=34000",
                   *(words if any(w.startswith(("--userdb", "--redis"))
                                  for w in words)
                     else (*words, f"--userdb={self.directory}/none")))
        await_stun(port)
        return port

    def allowed(self, port, user, password):
        """Does coturn's client get an allocation, and data through it?"""
        done = subprocess.run(
            [CLIENT, "-y", "-c", "-n", "1", "-m", "1", "-u", user, "-w",
             password, "-p", str(port), "127.0.0.1"], capture_output=True,
            timeout=40, check=False)
        return done.returncode == 0

    def test_key_in_the_configuration(self):
        port = self.serve("--lt-cred-mech", "--" + line("turnserver"))
        self.assertTrue(self.allowed(port, "alice", PASSWORD))
        self.assertFalse(self.allowed(port, "alice", PASSWORD + "x"))

    def test_key_in_sqlite(self):
        path = f"{self.directory}/turndb"
        base = sqlite3.connect(path)
        base.executescript(
            "CREATE TABLE turnusers_lt (realm varchar(127) default '', name "
            "varchar(512), hmackey char(128), PRIMARY KEY (realm,name));"
            "CREATE TABLE turn_secret (realm varchar(127) default '', value "
            "varchar(256), primary key (realm,value));"
            + line("sqlite") + line("sqlite", "o'neil")
            + line("sqlite"))  # a second time replaces it
        self.assertEqual(
            base.execute("SELECT realm, name FROM turnusers_lt ORDER BY name")
            .fetchall(), [(REALM, "alice"), (REALM, "o'neil")])
        base.close()
        port = self.serve("--lt-cred-mech", f"--userdb={path}")
        self.assertTrue(self.allowed(port, "alice", PASSWORD))
        self.assertFalse(self.allowed(port, "alice", "another"))

    @unittest.skipUnless(REDIS and REDIS_CLI, "redis-server is not installed")
    def test_key_in_redis(self):
        redis = free_port()
        self.start(REDIS, "--port", str(redis), "--bind", "127.0.0.1",
                   "--save", "", "--dir", self.directory)
        command = [REDIS_CLI, "-p", str(redis)]
        for _ in range(100):
            if subprocess.run([*command, "ping"], capture_output=True,
                              check=False).stdout == b"PONG\n":
                break
            time.sleep(0.05)
        lines = line("redis") + "\n" + line("redis", 'two "words"') + "\n"
        said = subprocess.run(command, input=lines, capture_output=True,
                              text=True, check=True, timeout=20)
        self.assertEqual(said.stdout.split(), ["OK", "OK"])
        stored = subprocess.run(
            [*command, "get", f'turn/realm/{REALM}/user/two "words"/key'],
            capture_output=True, text=True, check=True, timeout=20)
        self.assertEqual(stored.stdout.strip(),
                         shlex.split(lines.splitlines()[1])[-1])
        port = self.serve("--lt-cred-mech", "--redis-userdb=ip=127.0.0.1 "
                          f"dbname=0 port={redis} connect_timeout=5")
        self.assertTrue(self.allowed(port, "alice", PASSWORD))
        self.assertFalse(self.allowed(port, "alice", "another"))

    def test_pairs_that_expire(self):
        port = self.serve("--use-auth-secret", "--static-auth-secret=north")
        pairs = {words: json.loads(run(NAME, "--json", "--secret=north",
                                       *words).out)
                 for words in (("-u", "alice"), (), ("-u", "a:b"),
                               ("-u", "alice", "--user-first"))}
        for words, pair in pairs.items():
            self.assertTrue(self.allowed(port, pair["username"],
                                         pair["password"]), words)
        pair = pairs["-u", "alice"]
        self.assertFalse(self.allowed(port, pair["username"],
                                      pair["password"].rstrip("=")))
        old = json.loads(run(NAME, "--json", "--secret=north", "-u", "alice",
                             f"--at={int(time.time()) - 7200}").out)
        self.assertFalse(self.allowed(port, old["username"],
                                      old["password"]))

    def test_another_separator(self):
        port = self.serve("--use-auth-secret", "--static-auth-secret=north",
                          "--rest-api-separator=;")
        for word, good in (("--separator=;", True), ("--separator=:", False)):
            pair = json.loads(run(NAME, "--json", "--secret=north", "-u",
                                  "alice", "--user-first", word).out)
            self.assertEqual(self.allowed(port, pair["username"],
                                          pair["password"]), good)

    def test_what_check_says_of_refused_pairs(self):
        """Both agree on every pair, though coturn says no word about why."""
        port = self.serve("--use-auth-secret", "--static-auth-secret=bm9ydGg=")
        for secret in ("bm9ydGg=", "north", "bm9ydGg=\n", "south"):
            pair = json.loads(run(NAME, "--json", f"--secret={secret}",
                                  "-u", "alice").out)
            said = run(NAME, "--check", "--secret=bm9ydGg=", "-u",
                       pair["username"], "-w", pair["password"])
            self.assertEqual(self.allowed(port, pair["username"],
                                          pair["password"]),
                             said.code == 0, secret)


if __name__ == "__main__":
    main()
