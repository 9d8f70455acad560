# SPDX-License-Identifier: MIT
"""turn-server's log: each event in its words (B-40, B-41), and nothing in it
that a client could have written there."""
import base64
import hmac
import pathlib
import random
import re
import signal
import socket
import tempfile
import time
import unittest

from programs import PATIENCE, long_term_key, main, run
from turn_talk import TURN_REALM, relayed, serve

# Time, level, the name of the event, and what there is to say.
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) "
                  r"(detail|info|warning|error) (TURN-[A-Z-]+) (.*)")


class Log(unittest.TestCase):
    """A server, and what it writes."""

    def line(self, server, event, patience=PATIENCE):
        """Level and text of the first line of an event, once it is there."""
        deadline = time.monotonic() + patience
        while True:
            text = server.log_path.read_text("utf-8")
            for line in text.splitlines():
                match = LINE.fullmatch(line)
                self.assertTrue(match, line)
                if match[3] == event:
                    return match[2], match[4]
            self.assertLess(time.monotonic(), deadline, text)
            time.sleep(0.1)


class Events(Log):
    """Events of section 4.4 that the server has, word for word."""

    def refused_credentials(self, text, *words, server=None, user="alice",
                            password="secret", change=None):
        """An Allocate is refused with 401 or 438, and the log has TEXT."""
        server = server or serve(self, *words)
        client = server.client(self, user, password)
        client.challenge()
        if change:
            change(client)
        self.assertIn(client.allocate().code, (401, 438))
        level, said = self.line(server, "TURN-AUTH-FAIL")
        self.assertRegex(said, "^" + re.escape(
            f"unauthorized - check credentials: user {user} from 127.0.0.1:")
            + r"\d+ " + re.escape(f"({text})") + "$")
        return level

    def test_B40_TURN_AUTH_FAIL_has_the_true_reason(self):
        def realm(client):
            client.realm = b"else\nwhere"

        def nonce(client):
            client.nonce = b"never given to anybody"

        for text, more in (("unknown user", {"user": "eve"}),
                           ("wrong password", {"password": "no"}),
                           ("wrong realm else\\x0awhere", {"change": realm})):
            self.assertEqual(self.refused_credentials(text, **more),
                             "warning")
        self.assertEqual(self.refused_credentials("foreign nonce",
                                                  change=nonce), "info")

    def test_B40_TURN_AUTH_FAIL_of_what_has_expired(self):
        secret = "a secret of the two of us"
        user = "1700000000:carol"
        password = base64.b64encode(hmac.digest(
            secret.encode(), user.encode(), "sha1")).decode()
        self.refused_credentials("expired at 2023-11-14T22:13:20Z",
                                 f"--static-auth-secret={secret}",
                                 user=user, password=password)

    def test_TURN_ALLOC_OK_END_REFUSED_and_QUOTA(self):
        for threads in (1, 2):
            server = serve(self, "--user-quota=1",
                           f"--relay-threads={threads}")
            client, other = server.client(self), server.client(self)
            where = "%s:%d" % relayed(client.allocate())
            self.assertEqual(self.line(server, "TURN-ALLOC-OK"), (
                "info", "allocation 1: user alice from %s:%d via UDP got %s, "
                "lifetime 600 s" % (*client.local(), where)))
            self.assertEqual(other.allocate().code, 486)
            self.assertEqual(self.line(server, "TURN-ALLOC-REFUSED"), (
                "warning", "allocate from %s:%d user alice: refused 486 "
                "(user-quota)" % other.local()))
            self.assertEqual(self.line(server, "TURN-QUOTA"),
                             ("warning", "user alice: 1 relays, limit 1"))
            client.permit(("127.0.0.1", 9))
            client.say(("127.0.0.1", 9), b"twelve bytes")
            client.ask(4, (0x000D, bytes(4)))
            self.assertRegex(" ".join(self.line(server, "TURN-ALLOC-END")),
                             r"^info allocation 1: ended \(refresh 0\) after "
                             r"\d s, 12 B up, 0 B down$")

    def test_TURN_PERM_REFUSED(self):
        server = serve(self, "--denied-peer-ip=127.0.0.9")
        client = server.client(self)
        client.allocate()
        self.assertEqual(client.permit(("127.0.0.9", 9)).code, 403)
        self.assertEqual(self.line(server, "TURN-PERM-REFUSED"), (
            "warning", "peer 127.0.0.9 refused for allocation 1 "
            "(denied by the operator)"))

    def test_TURN_FULL_refusing(self):
        server = serve(self, "--total-quota=1")
        for code in (0, 508):
            self.assertEqual(server.client(self).allocate().code, code)
        self.assertEqual(self.line(server, "TURN-FULL"),
                         ("error", "relay limit 1 reached; refusing"))

    def test_TURN_FULL_redirected_and_TURN_REDIRECT(self):
        server = serve(self, "--total-quota=1",
                       "--alternate-server=127.0.0.9:3478")
        self.assertEqual(server.client(self).allocate().code, 0)
        client = server.client(self)
        self.assertEqual(client.allocate().code, 300)
        self.assertEqual(self.line(server, "TURN-FULL"), (
            "error", "relay limit 1 reached; redirected to 127.0.0.9:3478"))
        self.assertEqual(self.line(server, "TURN-REDIRECT"), (
            "info", "allocate from %s:%d: sent to 127.0.0.9:3478"
            % client.local()))

    def test_TURN_DRAIN(self):
        server = serve(self)
        client = server.client(self)
        client.allocate()
        server.process.terminate()
        self.assertEqual(self.line(server, "TURN-DRAIN"),
                         ("info", "draining: 1 allocations left"))
        client.ask(4, (0x000D, bytes(4)))
        self.assertEqual(server.process.wait(PATIENCE), 0)

    def test_TURN_PORTS_LOW(self):
        first = random.randrange(20000, 32000, 10)
        server = serve(self, f"--min-port={first}", f"--max-port={first + 9}",
                       "--total-quota=0")
        while server.client(self).allocate().code == 0:
            pass
        self.assertEqual(self.line(server, "TURN-PORTS-LOW"), (
            "warning", "only 1 relay ports free on 127.0.0.1"))

    def test_TURN_ICMP(self):
        server = serve(self)
        client = server.client(self)
        client.allocate()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            peer = closed.getsockname()
        client.permit(peer)
        client.say(peer, b"nobody is there")
        self.assertEqual(self.line(server, "TURN-ICMP"), (
            "info", "allocation 1: peer %s:%d unreachable (ICMP 3/3)" % peer))

    def test_T302_refused_channels_name_the_key(self):
        server = serve(self)
        client = server.client(self)
        client.allocate()
        self.assertEqual(client.bind(0x5000, ("127.0.0.1", 9)).code, 400)
        self.assertEqual(self.line(server, "TURN-REFUSED"), (
            "info", "ChannelBind from %s:%d user alice: refused 400 (channel "
            "of RFC 5766 above 0x4FFF: see legacy-channels)"
            % client.local()))
        self.assertEqual(client.bind(0x3FFF, ("127.0.0.1", 9)).code, 400)
        self.assertEqual(server.log().count("legacy-channels"), 1)


class Listen(Log):
    """Where it listens, and where it cannot."""

    def test_TURN_LISTEN(self):
        server = serve(self)
        self.assertEqual(self.line(server, "TURN-LISTEN"), (
            "info", "listening on %s %d udp" % server.addresses[0]))

    def fails(self, port, text):
        """Somebody else is there."""
        with tempfile.TemporaryDirectory() as directory:
            log = pathlib.Path(directory, "log")
            done = run("turn-server", "--realm=r", "--user=a:b",
                       "--listening-ip=127.0.0.1", f"--log-file={log}",
                       f"--listening-port={port}", "--no-udp")
            self.assertEqual(done.code, 3, done.err)
            match = LINE.fullmatch(log.read_text("utf-8").strip())
        self.assertEqual(match.group(2, 3), ("error", "TURN-LISTEN-FAIL"))
        self.assertEqual(match[4], f"cannot listen on 127.0.0.1 {port} tcp: "
                         f"address already in use{text}")

    def test_C01_TURN_LISTEN_FAIL_on_443_names_the_web_server(self):
        with socket.socket() as holder:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                holder.bind(("127.0.0.1", 443))
            except OSError as reason:
                self.skipTest(f"443: {reason}")
            holder.listen()
            self.fails(443, ": a web server may have it, such as nginx or "
                       "apache2")


class Forgery(Log):
    """What clients send cannot look like a line of the log, and no secret is
    in it."""

    def test_names_and_realms_stay_in_their_lines(self):
        server = serve(self)
        forged = ("x\n2026-01-01T00:00:00.000Z info TURN-ALLOC-OK allocation "
                  "9: user y\r\x1b[2K\x7f\x00\u0085\u2028")
        for user in (forged, forged * 4, "\\x0a"):
            client = server.client(self, user, "x")
            self.assertEqual(client.allocate().code, 401)
        client = server.client(self)
        client.realm = forged.encode()
        client.challenge()
        self.assertEqual(client.allocate().code, 401)
        text = server.log()
        for line in text.splitlines():
            self.assertRegex(line, LINE)
        self.assertTrue(all(" " <= c <= "~" or c == "\n" for c in text))
        self.assertEqual(len(re.findall("^.{24} info TURN-ALLOC-OK", text,
                                        re.M)), 0)

    def test_no_secret_is_logged(self):
        secret, password = "an-ephemeral-secret", "the-password-of-dave"
        server = serve(self, f"--static-auth-secret={secret}",
                       f"--user=dave:{password}", "--nonce-secret=of-nonces")
        self.assertEqual(server.client(self, "dave", password).allocate()
                         .code, 0)
        self.assertEqual(server.client(self, "dave", password + "x")
                         .allocate().code, 401)
        server.process.send_signal(signal.SIGHUP)
        self.line(server, "TURN-RELOAD")
        text = server.log()
        for word in (secret, password, "of-nonces",
                     long_term_key("dave", TURN_REALM, password).hex()):
            self.assertNotIn(word, text.lower())


class Repeats(Log):
    """B-41: what is the same is written once, and counted."""

    def test_B41_equal_lines_are_counted(self):
        server = serve(self)
        for _ in range(5):
            self.assertEqual(server.client(self, "alice", "no").allocate()
                             .code, 401)
        self.assertEqual(server.client(self, "eve", "no").allocate().code,
                         401)
        self.assertEqual(server.log().count("user alice"), 1)
        self.assertEqual(server.log().count("user eve"), 1)
        for _ in range(2):
            server.process.terminate()
        self.assertEqual(server.process.wait(PATIENCE), 0)
        last = server.log().splitlines()[-1]
        self.assertRegex(last, r"TURN-AUTH-FAIL unauthorized .* user alice "
                         r".*\(wrong password\) \(and 4 like it since\)$")


class Silence(Log):
    """Who sends and hears nothing."""

    def test_C29_TURN_NO_RETURN(self):
        server = serve(self)
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.bind(("127.0.0.1", 0))
        clients = [server.client(self) for _ in range(2)]
        for client, words in zip(clients, ((b"hello", b"hello?"), (b"hi",))):
            heard = relayed(client.allocate())
            self.assertEqual(client.permit(peer.getsockname()).code, 0)
            for word in words:
                client.say(peer.getsockname(), word)
        start = time.monotonic()
        peer.sendto(b"hi", heard)
        level, text = self.line(server, "TURN-NO-RETURN")
        match = re.fullmatch(r"allocation 1: no packet from any peer for "
                             r"(\d+) s although 2 were sent", text)
        self.assertTrue(match, text)
        self.assertEqual((level, int(match[1]) >= 10), ("info", True))
        self.assertGreater(time.monotonic() - start, 8)
        self.assertEqual(server.log().count("TURN-NO-RETURN"), 1)


if __name__ == "__main__":
    main()
