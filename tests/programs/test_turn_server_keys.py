# SPDX-License-Identifier: MIT
"""turn-server and coturn's files: the one of Debian, unchanged, and keys that
change how the server runs."""
import os
import pathlib
import pwd
import re
import signal
import subprocess
import tempfile
import time
import unittest

from programs import (BINDING, PATIENCE, Server, find, main, message, program,
                      run)
from turn_talk import TURN_REALM, TurnServer, serve

STOCK = pathlib.Path("/etc/turnserver.conf")
COTURN = find("turnserver")
ACCESS = [f"--realm={TURN_REALM}", "--user=alice:secret"]
LISTEN = ["--listening-ip=127.0.0.1", "--listening-port=0"]


def until(test, condition):
    """Wait for something to come true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            test.fail("it never came true")
        time.sleep(0.05)


class Known(unittest.TestCase):
    """What --check-config says of keys."""

    def known(self, keys):
        """--check-config says something of each but that it is unknown."""
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "conf")
            path.write_text("".join(f"{key}\n" for key in sorted(keys)),
                            "utf-8")
            done = run("turn-server", "-c", str(path), "--check-config")
        self.assertNotRegex(done.out, "did you mean|unknown option")
        for number, key in enumerate(sorted(keys), 1):
            line = next(line for line in done.out.splitlines()
                        if f"conf:{number}: " in line)
            self.assertIn(key, line)


@unittest.skipUnless(os.access(STOCK, os.R_OK),
                     "coturn's turnserver.conf is not here, or not to be read")
class Stock(Known):
    """The file of Debian's package coturn."""

    def test_it_starts_unchanged(self):
        server = Server(program("turn-server"), "-c", str(STOCK),
                        "--listening-port=0")
        try:
            lines = server.wait_for("ready")
        finally:
            code = server.end()
        self.assertEqual(code, 0)
        self.assertTrue(any(line.startswith("listening udp")
                            for line in lines))

    def test_check_config_finds_no_fault(self):
        done = run("turn-server", "-c", str(STOCK), "--check-config")
        self.assertEqual(done.code, 0, done.out)
        self.assertIn("syslog: honoured", done.out)
        self.assertRegex(done.out, "no-rfc5780: ignored: .+")
        self.assertRegex(done.err, "no users: .+ give user")

    def test_every_key_in_its_comments_is_known(self):
        keys = set(re.findall(r'^#?([a-zA-Z][\w-]*)(?:=.*| ".*|)$',
                              STOCK.read_text("utf-8"), re.M))
        self.assertGreater(len(keys), 90)
        self.known(keys - {"OR"})

    @unittest.skipUnless(COTURN, "turnserver (coturn) is not installed")
    def test_every_long_option_of_turnserver_is_known(self):
        done = subprocess.run([COTURN, "--help"], capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
        said = done.stdout + done.stderr
        keys = set(re.findall(r"--([a-zA-Z][\w-]+)", said))
        self.assertGreater(len(keys), 90)
        self.known(keys - {"help", "version", "no_dtls"})


class Coturn(Known):
    """Keys of coturn, of this version and others."""

    def test_keys_of_later_versions_are_known(self):
        self.known({"raw-public-keys", "software-attribute", "no-http",
                    "respond-http-unsupported", "unauthorized-ratelimit",
                    "unauthorized-ratelimit-rps", "no-loopback-peers",
                    "multiplex-peer", "drain-min-allocations", "cpus",
                    "sock-buf-size", "prometheus-path"})

    def explain(self, text):
        """Status of --check-config, and what it says of each line."""
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "conf")
            path.write_text(text + "realm=r\nuser=a:b\n", "utf-8")
            done = run("turn-server", "-c", str(path), "--check-config")
        return done.code, [line.partition(": ")[2]
                           for line in done.out.splitlines()]

    def test_what_would_be_less_safe_or_not_served_is_refused(self):
        for line in ("CA-file=/x", "tcp-proxy-port=5555", "oauth", "oauth=yes",
                     "server-relay=1", "aux-server=192.0.2.1:1",
                     "listening-device=eth0", "pkey-pwd=x", "stun-only"):
            code, said = self.explain(line + "\n")
            self.assertEqual(code, 1, line)
            key = line.partition("=")[0]
            self.assertRegex(said[0], rf"^{key}: refused: .{{10,}}")

    def test_flags_that_are_switched_off_do_not_matter(self):
        for line in ("oauth=no", "server-relay=false", "stun-only=0",
                     "web-admin=off"):
            code, said = self.explain(line + "\n")
            self.assertEqual((code, said[0]),
                             (0, line.partition("=")[0]
                              + ": honoured: it is off"))

    def test_words_for_yes_and_no_of_coturn(self):
        for word in ("0", "off", "no", "false", "f", "1", "on", "yes", "true",
                     "t"):
            self.assertEqual(self.explain(f"fingerprint={word}\n")[0], 0)
            self.assertEqual(self.explain(
                f"unauthorized-ratelimit={word}\n")[0], 0)
        self.assertEqual(self.explain("fingerprint=maybe\n")[0], 1)

    def test_a_command_line_of_a_container(self):
        server = Server(program("turn-server"), "-n", "-a",
                        "--log-file=stdout", *ACCESS, *LISTEN, "--no-cli",
                        "--no-multicast-peers", "--fingerprint", "--no-tls")
        try:
            lines = server.wait_for("ready")
        finally:
            code = server.end()
        self.assertEqual(code, 0)
        self.assertRegex("\n".join(lines), "info TURN-LISTEN listening on")


class Keys(unittest.TestCase):
    """Keys that are honoured."""

    def refused(self, *words_and_text):
        """It does not start, and says why in its last line."""
        *words, text = words_and_text
        done = run("turn-server", *ACCESS, *LISTEN, "--log-file=/dev/null",
                   *words)
        self.assertEqual(done.code, 2, done.err)
        self.assertIn(text, done.err.strip().splitlines()[-1])

    def test_B32_C17_binding(self):
        for words, code in ((["--binding=open"], 0), (["--binding=off"], None),
                            (["--no-stun"], None), (["--secure-stun"], 401),
                            (["--binding=authenticated"], 401)):
            client = serve(self, *words).client(self)
            answer = client.exchange(message(BINDING, os.urandom(12)),
                                     2 if code is not None else 0.3)
            self.assertEqual(None if answer is None else answer.code, code,
                             words)
            self.assertEqual(client.ask(BINDING).code if code == 401 else 0, 0)
        self.refused("--binding=no", "no is none of open")

    def test_T622_alternates_that_no_client_can_use(self):
        for ip in ("0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.1",
                   "[::]", "[::1]", "[fe80::1]", "[ff02::1]"):
            self.refused(f"--alternate-server={ip}:3478",
                         "alternate-server: no client can go to")
        self.refused("--tls-alternate-server=127.0.0.1", "no client can go to")

    def test_T622_a_server_does_not_name_itself(self):
        server = TurnServer()
        port = server.addresses[0][1]
        server.end()
        done = run("turn-server", *ACCESS, "--listening-ip=127.0.0.1",
                   f"--listening-port={port}", "--allow-loopback-peers",
                   "--min-port=1024", "--max-port=1030", "--total-quota=7",
                   f"--alternate-server=127.0.0.1:{port}",
                   "--log-file=/dev/null")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn(f"127.0.0.1:{port} is this server itself", done.err)

    def test_log_file_is_opened_again_at_hang_up(self):
        server = serve(self)
        self.assertEqual(server.client(self).allocate().code, 0)
        old = server.log_path.rename(server.log_path.with_suffix(".1"))
        self.assertEqual(server.client(self).allocate().code, 0)
        until(self, lambda: old.read_text("utf-8").count("ALLOC-OK") == 2)
        self.assertFalse(server.log_path.exists())
        server.process.send_signal(signal.SIGHUP)
        until(self, server.log_path.exists)
        until(self, lambda: "TURN-RELOAD" in server.log())
        self.assertNotIn("TURN-RELOAD", old.read_text("utf-8"))

    def test_syslog_facility(self):
        self.refused("--syslog-facility=LOG_NOWHERE", "LOG_NOWHERE")
        server = serve(self, "--syslog", "--syslog-facility=LOG_LOCAL1")
        self.assertEqual(server.client(self).allocate().code, 0)
        self.assertIn("TURN-ALLOC-OK", server.log())

    def test_users_that_are_not_there(self):
        self.refused("--proc-user=nobody-like-this", "there is no user")
        self.refused("--proc-group=nobody-like-this", "there is no group")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another")
    def test_proc_user(self):
        nobody = pwd.getpwnam("nobody")
        server = serve(self, "--proc-user=nobody", "--relay-threads=2")
        tasks = pathlib.Path(f"/proc/{server.process.pid}/task")
        for task in tasks.iterdir():
            status = (task / "status").read_text("ascii")
            self.assertRegex(status, rf"Uid:(\t{nobody.pw_uid}){{4}}\n")
            self.assertRegex(status, rf"Gid:(\t{nobody.pw_gid}){{4}}\n")
            self.assertRegex(status, rf"Groups:\t{nobody.pw_gid} *\n")
        self.assertEqual(server.client(self).allocate().code, 0)


class Safety(unittest.TestCase):
    """What it does not start with (B-50), and what it complains of (B-51)."""

    def start(self, *words, env=None):
        """Start it so that it ends at once, if nothing else is wrong: the
        certificate is not there. Status and all it said."""
        done = run("turn-server", *ACCESS, *LISTEN, "--log-file=/dev/null",
                   "--cert=/nowhere/cert", "--pkey=/nowhere/key",
                   "--no-tls", *words, env=env)
        return done.code, done.err

    def refused(self, text, *words):
        """It ends because of this, and not because of the certificate."""
        code, said = self.start(*words)
        self.assertEqual(code, 2, said)
        self.assertRegex(said.splitlines()[-1], text)
        self.assertNotIn("/nowhere", said)

    def warned(self, text, *words, env=None):
        """It complains, and goes on to the certificate."""
        said = self.start(*words, env=env)[1]
        self.assertRegex(said, text)
        self.assertIn("/nowhere", said)

    def content(self, *words):
        """It complains of nothing but the certificate."""
        self.assertEqual(len(self.start(*words)[1].splitlines()), 1)

    def test_B50_one_public_address_for_two_relays(self):
        both = ["--relay-ip=127.0.0.1", "--relay-ip=127.0.0.2"]
        self.refused("203.0.113.10 would stand for both 127.0.0.1 and "
                     "127.0.0.2: give", *both, "--external-ip=203.0.113.10")
        self.refused("would stand for both", *both,
                     "--external-ip=203.0.113.10/127.0.0.1",
                     "--external-ip=203.0.113.10/127.0.0.2")
        self.refused("127.0.0.2 would stand for both", *both,
                     "--external-ip=127.0.0.2/127.0.0.1")
        self.content(*both, "--external-ip=203.0.113.10/127.0.0.1",
                     "--external-ip=203.0.113.11/127.0.0.2")

    def test_B50_unsafe_in_public_wants_a_second_switch(self):
        public = ["--external-ip=198.41.0.4", "--allow-loopback-peers"]
        self.refused("who reaches 198.41.0.4 .* confirm-unsafe", *public)
        self.warned("allow-loopback-peers is for tests", *public,
                    "--confirm-unsafe")
        self.warned("allow-loopback-peers is for tests",
                    "--allow-loopback-peers")

    def test_B51_fewer_ports_than_relays(self):
        self.warned("total-quota is 1800, but .* only 100 relay ports",
                    "--min-port=20000", "--max-port=20099")
        self.content("--min-port=20000", "--max-port=20099",
                     "--total-quota=100")

    def test_B51_short_secrets_and_a_clock_that_is_not_set(self):
        self.warned("shorter than 16", "--static-auth-secret=0123456789abcde")
        self.content("--static-auth-secret=0123456789abcdef")
        past = {"LD_PRELOAD": os.environ["SATURN_PAST"],
                "ASAN_OPTIONS": "verify_asan_link_order=0"}
        self.warned("clock .* is not set",
                    "--static-auth-secret=0123456789abcdef", env=past)

    @unittest.skipUnless(os.geteuid() == 0 and find("unshare") and find("ip"),
                         "needs root, unshare and ip")
    def test_B51_private_relay_addresses(self):
        def said(*words):
            script = ("ip link set lo up && ip addr add 10.9.9.1/32 dev lo && "
                      'exec "$@"')
            done = subprocess.run(
                ["unshare", "-n", "sh", "-c", script, "sh",
                 program("turn-server"), *ACCESS, *LISTEN, "--no-tls",
                 "--log-file=/dev/null", "--relay-ip=10.9.9.1", *words,
                 "--cert=/nowhere/cert", "--pkey=/nowhere/key"],
                capture_output=True, text=True, timeout=PATIENCE, check=False)
            if "/nowhere" not in done.stderr:
                self.skipTest(done.stderr)
            return done.stderr

        self.assertIn("relays are at 10.9.9.1, a private address: for clients "
                      "elsewhere give external-ip=PUBLIC/10.9.9.1", said())
        self.assertNotIn("private", said("--external-ip=198.41.0.4"))

    def test_B53_files_with_secrets_that_everybody_can_read(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "conf")
            path.write_text("user=carl:x\n", "utf-8")
            for mode in (0o644, 0o640):
                path.chmod(mode)
                (self.warned if mode == 0o644 else self.quiet)(
                    "can be read by everybody: chmod o-r", "-c", str(path))

    def quiet(self, text, *words):
        """It says nothing of the kind."""
        self.assertNotRegex(self.start(*words)[1], text)

    def test_T051_no_auth_is_open_to_all(self):
        done = run("turn-server", "--no-auth", *LISTEN, "--cert=/nowhere/x",
                   "--pkey=/nowhere/x", "--log-file=/dev/null")
        self.assertIn("no-auth: whoever reaches", done.err)


if __name__ == "__main__":
    main()
