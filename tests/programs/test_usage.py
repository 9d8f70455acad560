# SPDX-License-Identifier: MIT
"""The programs as a new user meets them: help, typing errors, wrong files and
URIs, output that goes nowhere. Each answer is one useful line."""
import os
import pty
import select
import socket
import subprocess
import tempfile
import time
import unittest

from programs import main, program, run

PROGRAMS = [name for name in ("turn-client", "turn-credentials", "stun-decode",
                              "stun-client", "stun-server", "turn-server")
            if os.path.exists(program(name))]
CAPTURE = os.path.join(os.path.dirname(__file__), "..", "captures",
                       "quota-full.pcap")
ALICE = ("-u", "alice", "-w", "secret")
PORT = "the port is not a number from 1 to 65535"
QUERY = "after the host only ?transport=udp or tcp may follow"
BRACKETS = "an IPv6 address stands in brackets"

# Words behind turn: and what is said of them; stun-client has the same, but
# for what may follow the host.
HOSTS = (("", "no host"), (":3478", "no host"), ("a:0", PORT),
         ("a:65536", PORT), ("a:x", PORT), ("a:-1", PORT), ("[::1]:0", PORT),
         ("[::1", "no host"), ("::1", BRACKETS), ("fe80::1:3478", BRACKETS),
         ("[fe80::1%lo]", "no host"), ("//a", "no slash"), ("a/", "no slash"),
         ("u:p@a", "no user name"), ("a b", "no host"), ("a#x", "no host"))
QUERIES = (("a?", QUERY), ("a?x=y", QUERY), ("a?transport", QUERY),
           ("a?transport=", QUERY), ("a?transport=sctp", "udp or tcp"),
           ("a?transport=tcp&x=y", QUERY))


class HelpTest(unittest.TestCase):
    """What every program answers."""

    def test_help_and_version(self):
        for name in PROGRAMS:
            for word in "--help", "-h":
                done = run(name, word, "--nonsense", env={"COLUMNS": "20"})
                lines = done.out.splitlines()
                self.assertEqual((done.code, done.err), (0, ""), name)
                self.assertLessEqual(len(lines), 25, name)
                self.assertLessEqual(max(map(len, lines)), 79, name)
                examples = [line for line in lines[:8]
                            if line.lstrip().startswith(name)]
                self.assertTrue(examples, name)
            done = run(name, "--version")
            self.assertRegex(done.out, rf"^{name} \(saturn\) \d+\.\d+\.\d+\n$")
            self.assertEqual((done.code, done.err), (0, ""))

    def refuses(self, name, *words, code=2, part=""):
        """One line that names the program, and nothing on stdout."""
        done = run(name, *words, env={"SATURN_PASSWORD": ""})
        self.assertEqual((done.code, done.out), (code, ""), (name, words))
        self.assertEqual(done.err.count("\n"), 1, (name, words, done.err))
        self.assertTrue(done.err.startswith(name + ": "), done.err)
        self.assertIn(part, done.err, (name, words))

    def test_typing_errors(self):
        for name in PROGRAMS:
            for typed, part in (("--hlep", "did you mean --help?"),
                                ("--vesion", "did you mean --version?"),
                                ("--zzzzzz=1", "unknown option --zzzzzz"),
                                ("-?", "unknown option -?"),
                                ("", "empty word")):
                self.refuses(name, typed, part=part)
        for name, typed, meant in (
                ("turn-client", "--pasword=x", "--password"),
                ("turn-client", "--transports", "--all-transports"),
                ("turn-client", "--pass=x", "--password"),
                ("turn-credentials", "--relm=x", "--realm"),
                ("turn-credentials", "--ice-server", "--ice-servers"),
                ("stun-decode", "--jsno", "--json"),
                ("stun-client", "--time-out=1s", "--timeout"),
                ("stun-server", "--prot=1", "--port"),
                ("turn-server", "--listen-port=1", "--listening-port"),
                ("turn-server", "--static-auth-secert=x",
                 "--static-auth-secret")):
            if name in PROGRAMS:
                self.refuses(name, typed, part=f"did you mean {meant}?")

    def test_nothing_and_too_much(self):
        for name, words, code, part in (
                ("turn-client", (), 2, "turn: URI"),
                ("turn-credentials", (), 2, "--user and --realm"),
                ("turn-credentials", ("word",), 2, "unexpected word word"),
                ("stun-decode", (), 2, "name a capture"),
                ("stun-client", (), 2, "stun: URI"),
                ("stun-client", ("stun:a", "stun:b"), 2, "one stun: URI"),
                ("stun-server", ("word",), 2, "unexpected word word"),
                ("turn-server", ("word",), 2, "unexpected word word")):
            if name in PROGRAMS:
                self.refuses(name, *words, code=code, part=part)

    def test_values_that_are_none(self):
        uri = "turn:127.0.0.1:9"
        for name, words, part in (
                ("turn-client", ("-u",), "needs a value"),
                ("turn-client", ("-u", "", "-w", "x", uri), "--user: it is"),
                ("turn-client", (*ALICE, "--realm=", uri), "--realm: it is"),
                ("turn-client", (*ALICE, "--ca=", uri), "--ca: it is empty"),
                ("turn-client", (*ALICE, "--record=", uri), "--record: it is"),
                ("turn-client", ("-u", "a", "--password-file=", uri),
                 "--password-file: it is empty"),
                ("turn-client", (*ALICE, "-n", "", uri), "no number"),
                ("turn-client", (*ALICE, "--json=perhaps", uri), "yes nor no"),
                ("turn-credentials", ("-u", "a", "-r", "r",
                                      "--password-file="), "it is empty"),
                ("turn-credentials", ("--secret-file=",), "it is empty"),
                ("stun-client", ("--timeout=", "stun:a"), "no duration"),
                ("stun-server", ("--port=70000",), "0 to 65535"),
                ("stun-server", ("--listen=x",), "no IP address"),
                ("turn-server", ("--listening-port=99999",), "65535")):
            if name in PROGRAMS:
                self.refuses(name, *words, part=part)


class UriTest(HelpTest):
    """URIs, files."""

    test_help_and_version = test_typing_errors = None
    test_nothing_and_too_much = test_values_that_are_none = None

    def test_T650_uris(self):
        for behind, part in (*HOSTS, *QUERIES):
            for scheme in "turn", "TURNS":
                self.refuses("turn-client", f"{scheme}:{behind}", part=part)
        for behind, part in (*HOSTS, ("a?transport=udp", "nothing may"),
                             ("a?", "nothing may follow")):
            self.refuses("stun-client", f"stun:{behind}", part=part)
        for name, word, part in (
                ("turn-client", "a.org:3478", "is turn:a.org:3478 meant?"),
                ("turn-client", "turn://a.org", "is turn:a.org meant?"),
                ("turn-client", "http://a.org", "not turn: or turns:"),
                ("turn-client", "stun:a.org", "stun-client asks"),
                ("stun-client", "turn:a.org", "turn-client checks"),
                ("stun-client", "stuns:a.org", "not over TLS"),
                ("stun-client", "a.org", "the scheme is none of")):
            self.refuses(name, word, part=part)

    def test_wrong_files(self):
        with tempfile.TemporaryDirectory() as folder:
            text = os.path.join(folder, "text")
            with open(text, "w", encoding="ascii") as file:
                file.write("no capture\nat all\n")
            gone, uri = os.path.join(folder, "gone", "x"), "turn:127.0.0.1:9"
            for name, words, code, part in (
                    ("stun-decode", (gone,), 3, "No such file"),
                    ("stun-decode", (folder,), 3, "directory"),
                    ("stun-decode", (text,), 3, "no pcap"),
                    ("turn-client", ("-u", "a", f"--password-file={gone}",
                                     uri), 2, "No such file"),
                    ("turn-client", ("-u", "a", f"--password-file={folder}",
                                     uri), 2, "directory"),
                    ("turn-client", (*ALICE, f"--ca={gone}", uri), 2, "No su"),
                    ("turn-client", (*ALICE, f"--ca={text}", uri), 2,
                     "no certificate"),
                    ("turn-client", (*ALICE, f"--record={gone}", uri), 3, "No"),
                    ("turn-client", (*ALICE, f"--record={text}", uri), 3,
                     "exists, and is no capture"),
                    ("turn-credentials", (f"--secret-file={gone}",), 2, "No s"),
                    ("turn-server", ("-c", gone), 2, "No such file"),
                    ("turn-server", ("-c", folder), 2, "directory")):
                if name in PROGRAMS:
                    self.refuses(name, *words, code=code, part=part)
            with open(text, encoding="ascii") as file:
                self.assertEqual(file.read(), "no capture\nat all\n")


def talks():
    """For each program, words with which it says something and ends."""
    yield from ((name, ("--help",)) for name in PROGRAMS)
    yield "turn-credentials", ("-u", "a", "-r", "r", "-w", "x")
    yield "turn-credentials", ("--secret=s", "--json")
    yield "stun-decode", (CAPTURE,)
    yield "stun-decode", ("--json", CAPTURE)
    yield "turn-client", (*ALICE, "turn:127.0.0.1:9")
    yield "turn-client", (*ALICE, "--json", "turn:127.0.0.1:9")


class OutputTest(unittest.TestCase):
    """Output that goes nowhere, and colours."""

    def test_full_disk(self):
        for name, words in talks():
            with open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run(
                    [program(name), *words], stdin=subprocess.DEVNULL,
                    stdout=full, stderr=subprocess.PIPE, text=True,
                    timeout=30, check=False)
            self.assertEqual(
                (done.returncode, done.stderr),
                (3, f"{name}: standard output: No space left on device\n"),
                words)

    def test_nobody_reads(self):
        for name, words in talks():
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run(
                [program(name), *words], stdin=subprocess.DEVNULL,
                stdout=writer, stderr=subprocess.PIPE, text=True, timeout=30,
                check=False)
            os.close(writer)
            self.assertEqual(done.stderr, "", (name, words))
            self.assertNotEqual(done.returncode, 3)

    def test_what_is_closed_is_not_taken_for_a_socket(self):
        for name, words in talks():
            done = subprocess.run(
                ["/bin/sh", "-c", 'exec "$@" <&- >&-', "sh", program(name),
                 *words], stderr=subprocess.PIPE, text=True, timeout=30,
                check=False)
            self.assertEqual(done.stderr, "", (name, words))

    def test_repetition_ends_when_nobody_reads(self):
        for more in (), ("--json",):
            with subprocess.Popen(
                    [program("turn-client"), *ALICE, *more, "--repeat=1s",
                     "turn:127.0.0.1:9"], stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, text=True) as client:
                self.assertTrue(client.stdout.readline())
                client.stdout.close()
                self.assertEqual(client.wait(20), 10)
                self.assertEqual(client.stderr.read(), "")

    def show(self, *words, **env):
        """What is shown on a terminal."""
        terminal, other = pty.openpty()
        with subprocess.Popen(words, stdin=other, stdout=other, stderr=other,
                              env={**os.environ, "TERM": "xterm", **env}
                              ) as process:
            os.close(other)
            shown, deadline = b"", time.monotonic() + 20
            while time.monotonic() < deadline:
                if not select.select([terminal], [], [], 0.1)[0]:
                    continue
                try:
                    piece = os.read(terminal, 65536)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece
        os.close(terminal)
        return shown

    def test_colours_only_where_they_are_wanted(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            uri = f"turn:127.0.0.1:{free.getsockname()[1]}"
        for words in ((program("turn-client"), *ALICE, uri),
                      (program("stun-decode"), CAPTURE)):
            plain = {"NO_COLOR": "1"}
            self.assertIn(b"\x1b[", self.show(*words, NO_COLOR=""))
            self.assertNotIn(b"\x1b", self.show(*words, **plain))
            self.assertNotIn(b"\x1b", self.show(*words, TERM="dumb"))
            done = run(os.path.basename(words[0]), *words[1:])
            self.assertNotIn("\x1b", done.out + done.err)


if __name__ == "__main__":
    main()
