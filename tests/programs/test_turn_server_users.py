# SPDX-License-Identifier: MIT
"""turn-server and all the places where users are kept, filled by coturn's
turnadmin and used by coturn's client."""
import base64
import hashlib
import hmac
import pathlib
import select
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from programs import LIFETIME, find, free_port, main, run
from turn_talk import (TURN_REALM, UDP, Answer, relayed, serve,
                       was_built_with)

ADMIN, UCLIENT = find("turnadmin"), find("turnutils_uclient")
REDIS = find("redis-server")
BUILT_SQLITE = was_built_with("userdb=/nowhere/x", "SQLite")
BUILT_REDIS = was_built_with("redis-userdb=ip=127.0.0.1", "Redis")
NO_USERS = [f"--realm={TURN_REALM}", "--allow-loopback-peers"]



def admin(*words):
    """Run turnadmin."""
    done = subprocess.run([ADMIN, *words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)


def until(test, server, text):
    """Wait for a line of the log."""
    for _ in range(200):
        if text in server.log():
            return
        time.sleep(0.05)
    test.fail(f"no {text}: {server.log()}")


def ephemeral(secret, user="carol", seconds=3600):
    """A name and a password that expire."""
    name = f"{int(time.time()) + seconds}:{user}"
    mac = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(mac).decode()


class Places(unittest.TestCase):
    """What the tests share."""

    def setUp(self):
        # pylint: disable=consider-using-with
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def database(self, *users, realm=TURN_REALM):
        """An SQLite file made by turnadmin, for users NAME:PASSWORD."""
        path = self.directory / "turndb"
        for user in users:
            name, password = user.split(":")
            admin("-a", "-b", str(path), "-u", name, "-r", realm, "-p",
                  password)
        return path

    def redis(self, port=None):
        """A Redis that ends with the test; its process and port."""
        port = port or free_port()
        # pylint: disable=consider-using-with
        process = subprocess.Popen(
            [REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", str(self.directory)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop, process)
        for _ in range(200):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return process, port
            time.sleep(0.05)
        return self.fail("redis-server does not listen")

    @staticmethod
    def stop(process):
        """End a process that the test has started."""
        if process.poll() is None:
            process.kill()
        process.wait(10)

    def code(self, server, user, password):
        """What an Allocate is answered; None: nothing."""
        client = server.client(self, user, password)
        answer = client.allocate()
        return None if answer is None else answer.code

    def hang_up(self, server, count):
        """SIGHUP, and wait until it has worked."""
        before = server.log().count("TURN-RELOAD")
        server.process.send_signal(signal.SIGHUP)
        for _ in range(200):
            if server.log().count("TURN-RELOAD") > before:
                break
            time.sleep(0.05)
        self.assertIn(f"TURN-RELOAD {count} users and secrets", server.log())


@unittest.skipUnless(BUILT_SQLITE, "turn-server was built without SQLite")
@unittest.skipUnless(ADMIN, "turnadmin (coturn) is not installed")
class Sqlite(Places):
    """userdb: the file of coturn, read only."""

    @unittest.skipUnless(UCLIENT, "turnutils_uclient is not installed")
    def test_uclient_with_users_of_turnadmin(self):
        path = self.database("carol:north", "dave:south")
        server = serve(self, *NO_USERS, "--lt-cred-mech", f"--userdb={path}",
                       plain=True)
        host, port = server.addresses[0]
        done = subprocess.run(
            [UCLIENT, "-u", "carol", "-w", "north", "-p", str(port), "-y",
             "-s", "-c", "-m", "2", "-n", "5", host],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, said[-2000:])
        self.assertIn("tot_send_msgs=10, tot_recv_msgs=10", said)
        self.assertIn("user carol", server.log())
        self.assertEqual(self.code(server, "dave", "south"), 0)
        self.assertEqual(self.code(server, "dave", "north"), 401)
        self.assertEqual(self.code(server, "eve", "south"), 401)
        self.assertIn("(unknown user)", server.log())

    def test_users_come_and_go_with_turnadmin(self):
        path = self.database("carol:north")
        server = serve(self, *NO_USERS, f"--userdb={path}", plain=True)
        living = server.client(self, "carol", "north")
        self.assertEqual(living.allocate().code, 0)
        self.database("dave:south")
        self.assertEqual(self.code(server, "dave", "south"), 0)
        admin("-d", "-b", str(path), "-u", "carol", "-r", TURN_REALM)
        self.hang_up(server, 0)
        self.assertEqual(self.code(server, "carol", "north"), 401)
        self.assertEqual(living.ask(4).code, 0)

    def test_T585_secrets_of_turnadmin(self):
        path = self.database("carol:north")
        admin("-s", "very-secret-indeed", "-b", str(path), "-r", TURN_REALM)
        server = serve(self, *NO_USERS, f"--userdb={path}",
                       "--use-auth-secret", "--static-auth-secret=another-one",
                       plain=True)
        for secret in ("very-secret-indeed", "another-one"):
            self.assertEqual(self.code(server, *ephemeral(secret)), 0)
        self.assertEqual(self.code(server, *ephemeral("wrong")), 401)
        self.assertEqual(
            self.code(server, *ephemeral("another-one", seconds=-60)), 401)
        self.assertIn("expired at", server.log())
        self.assertEqual(self.code(server, "carol", "north"), 0)

    def test_tables_that_are_not_served_are_named(self):
        path = self.database("carol:north")
        admin("-g", "--max-bps=5", "-r", TURN_REALM, "-b", str(path))
        server = serve(self, *NO_USERS, f"--userdb={path}", plain=True)
        self.assertEqual(server.log().count("TURN-USERDB"), 1)
        self.assertIn("turn_realm_option has rows, and is not served",
                      server.log())

    def test_file_is_taken_away_and_comes_back(self):
        path = self.database("carol:north")
        server = serve(self, *NO_USERS, "--user=alice:secret",
                       f"--userdb={path}", plain=True)
        moved = path.rename(path.with_suffix(".away"))
        client = server.client(self, "carol", "north")
        client.challenge()
        self.assertEqual(self.code(server, "alice", "secret"), 0)
        self.assertIsNone(client.exchange(client.signed(3, UDP), 0.5))
        until(self, server, "TURN-USERDB userdb: ")
        moved.rename(path)
        for _ in range(50):
            if self.code(server, "carol", "north") == 0:
                break
        until(self, server, "userdb: well again")


@unittest.skipUnless(BUILT_REDIS, "turn-server was built without Redis")
@unittest.skipUnless(ADMIN and REDIS, "turnadmin or redis-server is missing")
class Redis(Places):
    """redis-userdb: the keys of coturn."""

    def target(self, port):
        """Where it is, as coturn has it."""
        return f"ip=127.0.0.1 dbname=0 port={port} connect_timeout=1"

    def test_redis_goes_and_comes_back(self):
        process, port = self.redis()
        words = ["-N", self.target(port), "-r", TURN_REALM]
        admin("-a", *words, "-u", "carol", "-p", "north")
        server = serve(self, *NO_USERS, "--user=alice:secret",
                       f"--redis-userdb={self.target(port)}", plain=True)
        living = server.client(self, "carol", "north")
        self.assertEqual(living.allocate().code, 0)
        self.stop(process)
        self.assertEqual(living.ask(4).code, 0)
        self.assertEqual(self.code(server, "alice", "secret"), 0)
        other = server.client(self, "dave", "south")
        other.challenge()
        for _ in range(3):
            self.assertIsNone(other.exchange(other.signed(3, UDP), 0.3))
        until(self, server, "TURN-USERDB redis-userdb: ")
        self.assertEqual(server.log().count("TURN-USERDB"), 1)
        self.redis(port)
        admin("-a", *words, "-u", "dave", "-p", "south")
        for _ in range(50):
            if self.code(server, "dave", "south") == 0:
                break
            time.sleep(0.1)
        until(self, server, "redis-userdb: well again")
        self.assertEqual(living.ask(4).code, 0)


@unittest.skipUnless(BUILT_REDIS and BUILT_SQLITE,
                     "turn-server was built without Redis or SQLite")
@unittest.skipUnless(ADMIN and REDIS, "turnadmin or redis-server is missing")
class AllAtOnce(Places):
    """Every place, in its order, and SIGHUP."""

    def digest(self, *users):
        """An htdigest file of NAME:PASSWORD."""
        path = self.directory / "digest"
        lines = [f"{u.split(':')[0]}:{TURN_REALM}:" + hashlib.md5(
            f"{u.split(':')[0]}:{TURN_REALM}:{u.split(':')[1]}".encode()
        ).hexdigest() for u in users]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def test_T587_five_places_and_hang_up(self):
        path = self.database("sql:a", "alice:not-this")
        port = self.redis()[1]
        target = f"ip=127.0.0.1 dbname=3 port={port}"
        admin("-a", "-N", target, "-r", TURN_REALM, "-u", "red", "-p", "b")
        conf = self.directory / "turnserver.conf"
        text = (f"realm={TURN_REALM}\nallow-loopback-peers\nlt-cred-mech\n"
                f"user=alice:secret\nhtdigest={self.digest('web:c')}\n"
                f'userdb="{path}"\nredis-userdb="{target}"\n'
                "use-auth-secret\nstatic-auth-secret=nothing-is-secret\n")
        conf.write_text(text, "utf-8")
        done = run("turn-server", "-c", str(conf), "--check-config")
        self.assertEqual(done.code, 0, done.out + done.err)
        server = serve(self, "-c", str(conf), "--relay-threads=2", plain=True)
        everyone = [("alice", "secret"), ("web", "c"), ("sql", "a"),
                    ("red", "b"), ephemeral("nothing-is-secret")]
        for user, password in everyone:
            self.assertEqual(self.code(server, user, password), 0, user)
            self.assertEqual(self.code(server, user, password + "x"), 401)
        self.assertEqual(self.code(server, "alice", "not-this"), 401)
        living = [server.client(self, *who) for who in everyone]
        for client in living:
            self.assertEqual(client.allocate().code, 0)
        self.digest("web:d", "net:e")
        conf.write_text(text.replace("alice", "bob").replace(
            "nothing-is-secret", "all-is-secret-now"), "utf-8")
        self.hang_up(server, 4)
        for user, password, code in (
                ("bob", "secret", 0), ("alice", "secret", 401),
                ("alice", "not-this", 0), ("web", "c", 401), ("web", "d", 0),
                ("net", "e", 0), ("sql", "a", 0), ("red", "b", 0),
                (*ephemeral("all-is-secret-now"), 0),
                (*ephemeral("nothing-is-secret"), 401)):
            self.assertEqual(self.code(server, user, password), code, user)
        for client in living:
            self.assertEqual(client.ask(4).code, 0)
        self.digest("web:d").write_text("web\n", "utf-8")
        before = server.log()
        server.process.send_signal(signal.SIGHUP)
        until(self, server, "users and secrets were not read: 1 faults")
        self.assertNotIn("not read", before)
        self.assertEqual(self.code(server, "net", "e"), 0)


@unittest.skipUnless(BUILT_REDIS, "turn-server was built without Redis")
class Silent(Places):
    """A database that takes connections, and never says a word."""

    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.addCleanup(self.listener.close)

    def server(self, *words):
        """A server that asks it, and whom it need not ask about alice."""
        port = self.listener.getsockname()[1]
        return serve(self, *NO_USERS, "--user=alice:secret",
                     f"--redis-userdb=ip=127.0.0.1 port={port} timeout=2",
                     *words, plain=True)

    def test_data_passes_while_more_than_all_wait(self):
        server = self.server("--relay-threads=1", "--user-quota=0")
        one, two = server.client(self), server.client(self)
        ends = [relayed(client.allocate()) for client in (one, two)]
        one.permit(ends[1])
        two.permit(ends[0])
        strangers = [server.client(self, f"x{i}", "y") for i in range(4)]
        for client in strangers:
            client.challenge()
        for i in range(400):
            strangers[i % 4].user = f"x{i}"
            strangers[i % 4].send(strangers[i % 4].signed(3, UDP))
        for i in range(100):
            one.say(ends[1], b"%d" % i)
            raw = two.receive(2)
            self.assertIsNotNone(raw, i)
            self.assertEqual(raw[0], 0)
        self.assertEqual(self.code(server, "alice", "secret"), 0)
        self.assertEqual(one.ask(4, (LIFETIME, bytes(4))).code, 0)

    def test_who_leaves_is_not_answered(self):
        server = self.server()
        with socket.create_connection(server.addresses[0]) as stream:
            client = server.client(self, "carol", "north")
            client.socket.close()
            client.socket = stream
            client.exchange = self.exchange(stream)
            client.challenge()
            stream.sendall(client.signed(3, UDP))
            select.select([stream], [], [], 0.2)
        self.assertEqual(self.code(server, "alice", "secret"), 0)

    @staticmethod
    def exchange(stream):
        """Client.exchange over TCP."""
        def talk(datagram):
            stream.sendall(datagram)
            raw = stream.recv(4096)
            return Answer(raw)
        return talk


if __name__ == "__main__":
    main()
