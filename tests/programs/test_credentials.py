# SPDX-License-Identifier: MIT
"""turn-credentials: keys, pairs that expire, and why a pair is not valid. What
it says is compared with hashlib and hmac."""
import base64
import hashlib
import hmac
import json
import os
import pty
import re
import select
import tempfile
import time
import unittest
import urllib.parse

from programs import main, program, run

NAME = "turn-credentials"
VECTORS = os.path.join(os.path.dirname(__file__), "..", "vectors")
REST = "draft-uberti-behave-turn-rest-00, 2.2"
EXPIRY = 1893456000
NOW = EXPIRY - 3600

# Characters that OpaqueString allows in some contexts only, and GnuTLS never.
CONTEXTUAL = re.compile("[\u00b7\u0375\u05f3\u05f4\u0660-\u0669\u06f0-\u06f9"
                        "\u200c\u200d\u30fb]")


def vectors(name):
    """The rows of a table of vectors."""
    def plain(text):
        if text == "<empty>":
            return ""
        return re.sub(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\\\",
                      lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2]
                      else "\\", text)

    with open(os.path.join(VECTORS, name), encoding="ascii") as file:
        head, *lines = file.read().splitlines()
    columns = head.split("\t")
    return [dict(zip(columns, map(plain, line.split("\t"))))
            for line in lines if line]


def mac(secret, text, algorithm="sha1"):
    """The HMAC of a text."""
    secret = secret if isinstance(secret, bytes) else secret.encode()
    return hmac.new(secret, text.encode(), algorithm).digest()


def b64(data):
    """In base64, as text."""
    return base64.b64encode(data).decode()


class KeysTest(unittest.TestCase):
    """The long-term keys of a user."""

    def keys(self, user, realm, password, *words):
        done = run(NAME, "--json", "-u", user, "-r", realm, "-w", password,
                   *words)
        self.assertEqual((done.code, done.err), (0, ""))
        return json.loads(done.out)

    def test_lines(self):
        done = run(NAME, "--user=alice", "--realm=example.org",
                   "--password=secret")
        key = hashlib.md5(b"alice:example.org:secret").hexdigest()
        self.assertEqual(done.code, 0)
        lines = done.out.splitlines()
        for line in (f"alice:example.org:{key}", f"user=alice:0x{key}",
                     "INSERT OR REPLACE INTO turnusers_lt (realm, name, "
                     f"hmackey) VALUES ('example.org', 'alice', '{key}');",
                     f"set turn/realm/example.org/user/alice/key {key}"):
            self.assertIn(line, lines)
        self.assertIn(hashlib.sha256(b"alice:example.org:secret").hexdigest(),
                      done.out)
        self.assertNotIn("secret", done.out + done.err)

    def test_vectors_S_370_S_376(self):
        checked = 0
        for row in vectors("keys.tsv"):
            if (not row["username"] or not row["realm"] or not row["password"]
                    or re.search("[\0-\x1f\x7f]",
                                 row["username"] + row["realm"])
                    or len(row["username"].encode()) > 508
                    or len(row["realm"]) > 127 or "\0" in row["password"]):
                continue
            said = self.keys(row["username"], row["realm"], row["password"],
                             "--raw")
            self.assertEqual((said["md5"], said["sha256"], said["userhash"]),
                             (row["long_term_md5"], row["long_term_sha256"],
                              row["userhash"]), row)
            checked += 1
        self.assertGreater(checked, 5)

    def test_preparation_S_382_S_387(self):
        prepared = refused = 0
        for row in vectors("prep.tsv"):
            if "\0" in row["input"] or not row["input"]:
                continue
            done = run(NAME, "-u", "user", "-r", "example.org", "--json", "-w",
                       row["input"])
            if (row["opaquestring"].startswith("error")
                    or CONTEXTUAL.search(row["input"])):
                self.assertEqual((done.code, done.out), (2, ""), row)
                self.assertIn("RFC 8265", done.err)
                refused += 1
            else:
                said = json.loads(done.out)
                self.assertEqual((said["md5"], said["sha256"]),
                                 (row["md5_key_opaque"],
                                  row["sha256_key_opaque"]), row)
                prepared += 1
        self.assertGreater(prepared, 40)
        self.assertGreater(refused, 20)

    def test_raw_is_as_it_is(self):
        said = self.keys("alice", "r", "I\u00adX", "--raw")
        self.assertEqual(said["md5"],
                         hashlib.md5("alice:r:I\u00adX".encode()).hexdigest())

    def test_names_are_prepared_too(self):
        self.assertEqual(self.keys("e\u0301", "r", "x")["user"], "\u00e9")

    def test_quotes_in_sql_and_redis(self):
        said = self.keys("o'neil \"x\"", "a'b", "w")
        self.assertIn("('a''b', 'o''neil \"x\"', '", said["sqlite"])
        self.assertEqual(said["redis"].split(" key ")[0][:4], "set ")
        self.assertIn(r'"turn/realm/a' + "'" + r'b/user/o' + "'"
                      + r'neil \"x\"/key"', said["redis"])
        self.assertIsNone(said["turnserver"])

    def test_a_colon_fits_no_line_of_colons(self):
        said = self.keys("a:b", "r", "w")
        self.assertEqual((said["htdigest"], said["turnserver"]), (None, None))
        done = run(NAME, "-u", "a:b", "-r", "r", "-w", "w")
        self.assertEqual(done.code, 0)
        self.assertIn("left out: htdigest", done.err)
        done = run(NAME, "-u", "a:b", "-r", "r", "-w", "w",
                   "--format=htdigest")
        self.assertEqual((done.code, done.out), (2, ""))

    def test_one_format(self):
        said = self.keys("alice", "r", "w")
        for name in ("htdigest", "turnserver", "sqlite", "redis"):
            done = run(NAME, "-u", "alice", "-r", "r", "-w", "w",
                       f"--format={name}")
            self.assertEqual(done.out, said[name] + "\n")
        self.assertEqual(run(NAME, "-u", "a", "-r", "r", "-w", "w",
                             "--format=xml").code, 2)

    def test_where_the_password_comes_from(self):
        want = hashlib.md5(b"alice:r:from afar").hexdigest()
        done = run(NAME, "-u", "alice", "-r", "r", "--format=htdigest",
                   env={"SATURN_PASSWORD": "from afar"})
        self.assertIn(want, done.out)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("from afar\n")
            file.flush()
            done = run(NAME, "-u", "alice", "-r", "r", "--format=htdigest",
                       f"--password-file={file.name}")
        self.assertIn(want, done.out)

    def ask(self, answer):
        """Run on a terminal of its own: exit status, all that it shows."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(program(NAME), [NAME, "-u", "alice", "-r", "r",
                                     "--format=htdigest"])
        shown, sent = b"", False
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece
            if not sent and b"alice: " in shown:
                time.sleep(0.1)
                os.write(terminal, answer)
                sent = True
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        return status, shown.decode()

    def test_asked_without_echo(self):
        status, shown = self.ask(b"from afar\n")
        self.assertEqual(status, 0)
        self.assertIn(hashlib.md5(b"alice:r:from afar").hexdigest(), shown)
        self.assertNotIn("afar", shown)

    def test_interrupted_at_the_question(self):
        status, shown = self.ask(b"from \x03")
        self.assertTrue(os.WIFSIGNALED(status))
        self.assertNotIn("from", shown)

    def test_usage(self):
        for words in ((), ("-u", "a"), ("-r", "r"), ("-u", "", "-r", "r"),
                      ("-u", "a", "-r", "", "-w", "x"),
                      ("-u", "a", "-r", "r", "-w", ""),
                      ("-u", "a" * 509, "-r", "r", "-w", "x"),
                      ("-u", "a", "-r", "r" * 128, "-w", "x"),
                      ("-u", "a\nb", "-r", "r", "-w", "x"),
                      ("-u", "a\nb", "-r", "r", "-w", "x", "--raw"),
                      ("-u", "a", "-r", "r"),
                      ("-u", "a", "-r", "r", "-w", "x", "word"),
                      ("-u", "a", "-r", "r", "--password-file=/nowhere"),
                      ("--nothing",)):
            done = run(NAME, *words)
            self.assertEqual((done.code, done.out), (2, ""), words)
            self.assertEqual(len(done.err.splitlines()), 1, words)

    def test_help(self):
        done = run(NAME, "--help")
        self.assertEqual(done.code, 0)
        self.assertLessEqual(len(done.out.splitlines()), 25)
        self.assertTrue(done.out.startswith(NAME + " -u"))
        self.assertTrue(run(NAME, "--version").out.startswith(NAME))


class PairTest(unittest.TestCase):
    """Pairs that expire."""

    def pair(self, *words):
        done = run(NAME, "--json", *words)
        self.assertEqual((done.code, done.err), (0, ""))
        return json.loads(done.out)

    def test_vectors_T_582(self):
        checked = 0
        for row in vectors("rest-credentials.tsv"):
            if int(row["expiry"]) < 2 or row["separator"] not in ":;_-|":
                continue
            said = self.pair(f"--secret={row['secret']}", "-u", row["user"],
                             f"--separator={row['separator']}", "--ttl=1",
                             f"--at={int(row['expiry']) - 1}")
            self.assertEqual((said["username"], said["password"]),
                             (row["username"], row["password"]))
            checked += 1
        self.assertGreater(checked, 3)

    def test_lives_as_long_as_it_says(self):
        before = int(time.time())
        said = self.pair("--secret=north", "--ttl=2h", "-u", "alice")
        after = int(time.time())
        self.assertEqual(said["ttl"], 7200)
        self.assertTrue(before + 7200 <= said["expires"] <= after + 7200)
        self.assertEqual(said["username"], f"{said['expires']}:alice")
        self.assertEqual(said["password"], b64(mac("north", said["username"])))

    def test_without_user_T_581(self):
        self.assertEqual(self.pair("--secret=s", f"--at={NOW}")["username"],
                         str(EXPIRY))

    def test_other_forms(self):
        said = self.pair("--secret=s", f"--at={NOW}", "-u", "al", "--sha256",
                         "--user-first", "--separator=|")
        self.assertEqual(said["username"], f"al|{EXPIRY}")
        self.assertEqual(said["password"],
                         b64(mac("s", said["username"], "sha256")))

    def test_text(self):
        done = run(NAME, "--secret=s", f"--at={NOW}", "-u", "al")
        self.assertIn(f"username  {EXPIRY}:al\n", done.out)
        self.assertIn("2030-01-01 00:00:00 UTC, in 1 h", done.out)

    def test_ice_servers(self):
        done = run(NAME, "--secret=s", f"--at={NOW}", "-u", "al",
                   "--ice-servers", "turn:t.example.org",
                   "turns:t.example.org:443?transport=tcp", "stun:[::1]")
        self.assertEqual(json.loads(done.out), {"iceServers": [
            {"urls": ["stun:[::1]"]},
            {"urls": ["turn:t.example.org",
                      "turns:t.example.org:443?transport=tcp"],
             "username": f"{EXPIRY}:al",
             "credential": b64(mac("s", f"{EXPIRY}:al"))}]})

    def test_ice_servers_without_credentials(self):
        done = run(NAME, "--ice-servers", "stun:t.example.org")
        self.assertEqual(json.loads(done.out),
                         {"iceServers": [{"urls": ["stun:t.example.org"]}]})

    def test_uris_are_checked_T_650(self):
        for uri, part in (("http://x", "scheme"), ("turn:", "host"),
                          ("turn:a b", "host"), ("turn:a:0", "port"),
                          ("turn:a:65536", "port"),
                          ("turn:a?transport=sctp", "udp or tcp"),
                          ("turn:a?x=y", "transport"),
                          ("stun:a?transport=udp", "nothing may follow"),
                          ("turn:user@a", "no user name")):
            done = run(NAME, "--secret=s", "--ice-servers", "turn:good", uri)
            self.assertEqual((done.code, done.out), (2, ""), uri)
            self.assertIn(uri, done.err)
            self.assertIn(part, done.err, uri)

    def test_usage(self):
        for words in (("--secret=",), ("--secret=s", "-w", "x"),
                      ("--secret=a", "--secret=b"), ("--secret=s", "word"),
                      ("--secret=s", "--separator=::"),
                      ("--secret=s", "--separator=1"),
                      ("--secret=s", "--ttl=0"),
                      ("--secret=s", "--ttl=900000000d"),
                      ("--secret=s", "-u", "a" * 600),
                      ("--secret=s", "-u", "123456789", "--user-first"),
                      ("--secret=s", "-r", "realm"),
                      ("--secret=s", "--ice-servers"),
                      ("--ice-servers", "turn:a"),
                      ("--ice-servers", "turn:a", "-u", "a", "-w", "word"),
                      ("--secret-file=/nowhere",)):
            done = run(NAME, *words)
            self.assertEqual((done.code, done.out), (2, ""), words)
            self.assertEqual(len(done.err.splitlines()), 1, words)

    def test_the_secret_is_never_shown(self):
        for words in ((), ("--json",), ("--ice-servers", "turn:a")):
            done = run(NAME, "--secret=Wh1sper", "-u", "al", *words)
            self.assertEqual(done.code, 0)
            self.assertNotIn("Wh1sper", done.out + done.err)


class CheckTest(unittest.TestCase):
    """Why a pair is not valid."""

    def check(self, username, password, *words, secret="north", at=NOW):
        secrets = [secret] if isinstance(secret, str) else secret
        more = [] if password is None else ["-w", password]
        done = run(NAME, "--check", "--json", f"--at={at}", "-u", username,
                   *more, *(f"--secret={s}" for s in secrets), *words)
        said = json.loads(done.out)
        self.assertEqual(done.code, 0 if said["ok"] else 1)
        for f in said["findings"]:
            for part in ("text", "seen", "fix", "reference"):
                self.assertTrue(f[part])
            if password is not None and len(password) > 3:
                self.assertNotIn(password, f["seen"])
        return said

    def finds(self, *arguments, **more):
        """The ids of the findings, in their order."""
        said = self.check(*arguments, **more)
        return [f["finding"] for f in said["findings"]]

    def test_valid(self):
        said = self.check(f"{EXPIRY}:al", b64(mac("north", f"{EXPIRY}:al")))
        self.assertEqual((said["ok"], said["secret"], said["expires"],
                          said["user"], said["findings"]),
                         (True, 1, EXPIRY, "al", []))
        done = run(NAME, "--check", f"--at={NOW}", "--secret=north", "-u",
                   f"{EXPIRY}:al", "-w", b64(mac("north", f"{EXPIRY}:al")))
        self.assertEqual(done.out,
                         "valid until 2030-01-01 00:00:00 UTC, for 1 h\n")

    def test_its_own_pairs_are_valid(self):
        for words in ((), ("--sha256",), ("--separator=;",),
                      ("--user-first",), ("--user-first", "--sha256")):
            pair = json.loads(run(NAME, "--json", "--secret=north", "-u", "al",
                                  f"--at={NOW}", *words).out)
            self.assertEqual(self.finds(pair["username"], pair["password"],
                                        *words), [], words)

    def test_expired_T_583(self):
        good = b64(mac("north", f"{EXPIRY}:al"))
        for at, found, seen in ((EXPIRY, ["SAT-EXPIRY-SOON"], "in 0 s"),
                                (EXPIRY + 1, ["SAT-EXPIRED"], "1 s ago"),
                                (EXPIRY + 90000, ["SAT-EXPIRED"],
                                 "1 d 1 h ago, at 2030-01-01 00:00:00 UTC"),
                                (EXPIRY - 59, ["SAT-EXPIRY-SOON"], "59 s"),
                                (EXPIRY - 60, [], None)):
            said = self.check(f"{EXPIRY}:al", good, at=at)
            self.assertEqual([f["finding"] for f in said["findings"]], found)
            self.assertEqual(said["ok"], found != ["SAT-EXPIRED"])
            if seen:
                self.assertIn(seen, said["findings"][0]["seen"])

    def test_milliseconds(self):
        name = f"{EXPIRY}000:al"
        said = self.check(name, b64(mac("north", name)))
        self.assertEqual([f["finding"] for f in said["findings"]],
                         ["SAT-EXPIRY-FORMAT"])
        self.assertIn("2030-01-01", said["findings"][0]["seen"])
        self.assertEqual(said["expires"], EXPIRY)
        self.assertEqual(self.finds(name, b64(mac("north", name)),
                                    at=EXPIRY + 5),
                         ["SAT-EXPIRY-FORMAT", "SAT-EXPIRED"])

    def test_far_ahead(self):
        name = f"{NOW + 400 * 31557600}:al"
        said = self.check(name, b64(mac("north", name)))
        self.assertTrue(said["ok"])
        self.assertEqual([f["finding"] for f in said["findings"]],
                         ["SAT-EXPIRY-FAR"])

    def test_no_time_in_the_name_T_587(self):
        for name in ("alice", "alice:bob", "12345678:al", "-1893456000:al",
                     "+1893456000"):
            self.assertIn("SAT-USER-FORMAT", self.finds(name, None), name)

    def test_one_mistake_each(self):
        name, secret = f"{EXPIRY}:al", "bm9ydGg="
        right = mac(secret, name)
        for text in range(40):  # a pair whose base64 has + and / and =
            other = f"{EXPIRY}:al{text}"
            if {"+", "/"} < set(b64(mac(secret, other))):
                name, right = other, mac(secret, other)
                break
        good = b64(right)
        self.assertIn("/", good)
        for finding, password in (
                ("SAT-SECRET", b64(mac("south", name))),
                ("SAT-SECRET-BASE64", b64(mac("north", name))),
                ("SAT-SECRET-BASE64",
                 b64(mac(base64.b64encode(secret.encode()), name))),
                ("SAT-SECRET-HEX", b64(mac(secret.encode().hex(), name))),
                ("SAT-SECRET-HEX",
                 b64(mac(secret.encode().hex().upper(), name))),
                ("SAT-SECRET-NEWLINE", b64(mac(secret + "\n", name))),
                ("SAT-SECRET-NEWLINE", b64(mac(secret + "\r\n", name))),
                ("SAT-SECRET-BLANK", b64(mac(secret + " ", name))),
                ("SAT-SECRET-BLANK", b64(mac(" " + secret, name))),
                ("SAT-SECRET-QUOTES", b64(mac(f'"{secret}"', name))),
                ("SAT-SECRET-QUOTES", b64(mac(f"'{secret}'", name))),
                ("SAT-SECRET-PERCENT",
                 b64(mac(urllib.parse.quote(secret), name))),
                ("SAT-SECRET-PASSWORD", secret),
                ("SAT-PASSWORD-NEWLINE", good + "\n"),
                ("SAT-PASSWORD-NEWLINE", good + "\r\n"),
                ("SAT-PASSWORD-BLANK", good + " "),
                ("SAT-PASSWORD-BLANK", "\t" + good),
                ("SAT-PASSWORD-QUOTES", f'"{good}"'),
                ("SAT-PASSWORD-PERCENT", urllib.parse.quote(good, safe="")),
                ("SAT-PASSWORD-PERCENT", good.replace("+", " ")),
                ("SAT-PASSWORD-URLSAFE",
                 base64.urlsafe_b64encode(right).decode()),
                ("SAT-PASSWORD-PADDING", good.rstrip("=")),
                ("SAT-PASSWORD-HEX", right.hex()),
                ("SAT-PASSWORD-HEX", right.hex().upper()),
                ("SAT-PASSWORD-HEX", b64(right.hex().encode())),
                ("SAT-PASSWORD-SHA256", b64(mac(secret, name, "sha256"))),
                ("SAT-USER-PART", b64(mac(secret, name.split(":")[1]))),
                ("SAT-USER-PART", b64(mac(secret, str(EXPIRY)))),
                ("SAT-USER-ORDER",
                 b64(mac(secret, ":".join(name.split(":")[::-1])))),
                ("SAT-USER-BLANK", b64(mac(secret, name + "\n"))),
                ("SAT-SEPARATOR", b64(mac(secret, name.replace(":", "-"))))):
            with self.subTest(finding=finding, password=password):
                self.assertEqual(self.finds(name, password, secret=secret),
                                 [finding])

    def test_forms_of_the_secret_given_here(self):
        name = f"{EXPIRY}:al"
        good = b64(mac("north", name))
        for secret, finding in (("north\n", "SAT-SECRET-NEWLINE"),
                                ("north ", "SAT-SECRET-BLANK"),
                                ('"north"', "SAT-SECRET-QUOTES"),
                                ("bm9ydGg", "SAT-SECRET-BASE64"),
                                ("6e6F727468", "SAT-SECRET-HEX"),
                                ("nor%74h", "SAT-SECRET-PERCENT")):
            self.assertEqual(self.finds(name, good, secret=secret), [finding])

    def test_two_mistakes(self):
        name = f"{EXPIRY}:al"
        made = base64.urlsafe_b64encode(mac(base64.b64encode(b"north\n"),
                                            name, "sha256")).decode()
        found = self.finds(name, made.rstrip("="))
        self.assertEqual(set(found) - {"SAT-PASSWORD-URLSAFE"},
                         {"SAT-SECRET-NEWLINE", "SAT-SECRET-BASE64",
                          "SAT-PASSWORD-SHA256", "SAT-PASSWORD-PADDING"})

    def test_mistakes_and_time_together(self):
        self.assertEqual(self.finds(f"{EXPIRY}:al", "x", at=EXPIRY + 1),
                         ["SAT-EXPIRED", "SAT-SECRET"])

    def test_separator_of_the_name(self):
        name = f"{EXPIRY};al"
        good = b64(mac("north", name))
        self.assertEqual(self.finds(name, good), ["SAT-SEPARATOR"])
        self.assertEqual(self.finds(name, good, "--separator=;"), [])

    def test_order_of_the_name_T_581(self):
        name = f"al:{EXPIRY}"
        good = b64(mac("north", name))
        said = self.check(name, good)
        self.assertTrue(said["ok"])
        self.assertEqual([(f["finding"], f["note"]) for f in said["findings"]],
                         [("SAT-USER-ORDER", True)])
        self.assertEqual(self.finds(name, good, "--user-first"), [])

    def test_blank_around_the_name(self):
        name = f"{EXPIRY}:al"
        good = b64(mac("north", name))
        self.assertIn("SAT-USER-BLANK", self.finds(name + "\n", good))

    def test_several_secrets_T_585(self):
        name = f"{EXPIRY}:al"
        good = b64(mac("north", name))
        said = self.check(name, good, secret=["south", "north", "east"])
        self.assertEqual((said["ok"], said["secret"]), (True, 2))
        said = self.check(name, good, secret=["south", "bm9ydGg="])
        self.assertEqual((said["ok"], said["secret"]), (False, 2))
        self.assertIn("secret 2", said["findings"][0]["seen"])
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("south\r\n\nnorth\n")
            file.flush()
            said = self.check(name, good, f"--secret-file={file.name}",
                              secret=[])
        self.assertEqual((said["ok"], said["secret"]), (True, 2))

    def test_password_unknown(self):
        said = self.check(f"{EXPIRY}:al", None, secret=[])
        self.assertEqual((said["ok"], said["password_checked"]), (True, False))
        done = run(NAME, "--check", f"--at={NOW}", "-u", f"{EXPIRY}:al")
        self.assertIn("password not checked", done.out)

    def test_text(self):
        done = run(NAME, "--check", "-u", "1600000000:al")
        self.assertEqual(done.code, 1)
        for part in ("not valid", "SAT-EXPIRED", "seen ", "fix ", "see ", REST):
            self.assertIn(part, done.out)


if __name__ == "__main__":
    main()
