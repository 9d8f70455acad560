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


@unittest.skipUnless(os.access(STOCK, os.R_OK),
                     "coturn's turnserver.conf is not here, or not to be read")
class Stock(unittest.TestCase):
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


if __name__ == "__main__":
    main()
