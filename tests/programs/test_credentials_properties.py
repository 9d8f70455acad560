# SPDX-License-Identifier: MIT
"""turn-credentials with names and passwords of all kinds: what it prints is
what hashlib, hmac, SQLite and a reader of redis-cli's words make of them."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import random
import shlex
import sqlite3
import subprocess
import tempfile
import time
import unittest

from programs import main, program, run

NAME = "turn-credentials"
ALPHABET = ("abcXYZ019 '\"\\:;,#$%&/()=?!`~*+-_.<>|@[]{}"
            "\u00e4\u00df\u00e9\u4f60\u597d\U0001f511")
NOW = 1893452400


def texts(seed, n, longest, least=1):
    """N texts, always the same."""
    dice = random.Random(seed)
    return ["".join(dice.choice(ALPHABET)
                    for _ in range(dice.randint(least, longest)))
            for _ in range(n)]


def said(*words):
    """The object it prints."""
    done = run(NAME, "--json", *words)
    if done.code != 0:
        raise AssertionError(done.err)
    return json.loads(done.out)


def unquoted(text):
    """Without quotes at its ends, as the key has it (RFC 8489, 9.2.2)."""
    return text.strip('"')


def all_of(check, rows):
    """CHECK each row, some at a time."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda row: check(*row), rows):
            pass


class KeysTest(unittest.TestCase):
    """Long-term keys, of texts as they are."""

    def check(self, user, realm, password):
        """All forms of the keys of one user."""
        keys = said("-u", user, "-r", realm, "-w", password, "--raw")
        whole = f"{unquoted(user)}:{unquoted(realm)}:{password}".encode()
        md5 = hashlib.md5(whole).hexdigest()
        self.assertEqual(
            (keys["user"], keys["realm"], keys["md5"], keys["sha256"]),
            (user, realm, md5, hashlib.sha256(whole).hexdigest()))
        self.assertEqual(keys["userhash"], hashlib.sha256(
            f"{user}:{realm}".encode()).hexdigest())
        database = sqlite3.connect(":memory:")
        database.execute("create table turnusers_lt (realm, name, hmackey)")
        database.execute(keys["sqlite"])
        self.assertEqual(
            database.execute("select * from turnusers_lt").fetchall(),
            [(realm, user, md5)])
        database.close()
        lexer = shlex.shlex(keys["redis"], posix=True,
                            punctuation_chars=False)
        lexer.whitespace_split, lexer.commenters, lexer.quotes = True, "", '"'
        lexer.escape = "\\" if '"' in keys["redis"] else ""
        self.assertEqual(list(lexer), [
            "set", f"turn/realm/{realm}/user/{user}/key", md5])
        colons = ":" in user or ":" in realm
        self.assertEqual(keys["htdigest"],
                         None if colons else f"{user}:{realm}:{md5}")
        if keys["turnserver"] is not None:
            self.assertEqual(keys["turnserver"], f"user={user}:0x{md5}")

    def test_S370_keys_of_all_kinds_of_texts(self):
        all_of(self.check, zip(texts(1, 120, 30), texts(2, 120, 20),
                               texts(3, 120, 60)))

    def test_the_longest(self):
        self.check("u" * 508, "r" * 127, "p" * 5000)


class PairTest(unittest.TestCase):
    """Pairs that expire, and what --check says of them."""

    def check(self, user, secret, algorithm):
        """One pair, and what becomes of it in time."""
        more = ["--sha256"] if algorithm == "sha256" else []
        words = ["--raw", *more, f"--secret={secret}"]
        pair = said("-u", user, f"--at={NOW}", "--ttl=1h", *words)
        self.assertEqual(pair["username"], f"{NOW + 3600}:{user}")
        self.assertEqual(pair["password"], base64.b64encode(hmac.new(
            secret.encode(), pair["username"].encode(),
            algorithm).digest()).decode())
        for at, code, finding in ((NOW, 0, None),
                                  (NOW + 3601, 1, "SAT-EXPIRED")):
            done = run(NAME, "--check", "--json", "-u", pair["username"], "-w",
                       pair["password"], f"--at={at}", *words)
            found = json.loads(done.out)["findings"]
            self.assertEqual((done.code, [f["finding"] for f in found]),
                             (code, [finding] if finding else []), done.out)
        done = run(NAME, "--check", "--json", "-u", pair["username"], "-w",
                   pair["password"], f"--at={NOW}", *words[:-1],
                   f"--secret={secret}x")
        self.assertIn("SAT-SECRET", done.out)
        self.assertEqual(done.code, 1)

    def test_T582_pairs_of_all_kinds_of_texts(self):
        users = [user.strip() or "x" for user in texts(4, 40, 30)]
        all_of(self.check, zip(users, texts(5, 40, 40, least=4),
                               ["sha1", "sha1", "sha256"] * 14))

    def test_ice_servers(self):
        """What a page is given is what the pair is."""
        for secret in texts(6, 20, 40):
            uris = ["turn:a.example.org:3478", "turns:[2001:db8::1]"]
            words = [f"--secret={secret}", f"--at={NOW}", "-u", "al"]
            pair = said(*words)
            done = run(NAME, "--ice-servers", *words, *uris)
            self.assertEqual(json.loads(done.out), {"iceServers": [
                {"urls": uris, "username": pair["username"],
                 "credential": pair["password"]}]})


class SourcesTest(unittest.TestCase):
    """Where the password comes from; that nobody else gets to see it."""

    def test_a_file_with_and_without_its_line_end(self):
        want = hashlib.md5(b"al:r:from a file ").hexdigest()
        for end in "", "\n", "\r\n", "\nmore\n":
            with tempfile.NamedTemporaryFile("w", newline="") as file:
                file.write("from a file " + end)
                file.flush()
                keys = said("-u", "al", "-r", "r", "--raw",
                            f"--password-file={file.name}")
            self.assertEqual(keys["md5"], want, repr(end))

    def test_an_option_beats_a_file_beats_the_environment(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("two")
            file.flush()
            for words, password in ((("-w", "one"), "one"),
                                    ((f"--password-file={file.name}",),
                                     "two"), ((), "three")):
                done = run(NAME, "-u", "al", "-r", "r", *words,
                           "--format=htdigest",
                           env={"SATURN_PASSWORD": "three"})
                self.assertIn(hashlib.md5(
                    f"al:r:{password}".encode()).hexdigest(), done.out)

    def test_the_list_of_processes_does_not_show_it(self):
        """It waits for a file that is a pipe, its options read."""
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            for words in (("-u", "al", "-r", "r", "-w", "hunter2hunter2",
                           f"--secret-file={pipe}"),
                          ("--secret=hunter2hunter2", "-u", "al",
                           f"--secret-file={pipe}")):
                with subprocess.Popen(
                        [program(NAME), *words], stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL) as process:
                    path = f"/proc/{process.pid}/cmdline"
                    deadline = time.monotonic() + 20
                    shown = b"hunter2"
                    while b"hunter2" in shown and time.monotonic() < deadline:
                        time.sleep(0.01)
                        with open(path, "rb") as file:
                            shown = file.read()
                    process.kill()
                self.assertIn(b"turn-credentials", shown)
                self.assertNotIn(b"hunter2", shown)


if __name__ == "__main__":
    main()
