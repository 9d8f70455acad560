#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test the credentials that stun-decode verifies with: each kind, several at
once, files that are none.

usage: test_decode_credentials.py [TEST...]
"""
import base64
import contextlib
import hashlib
import hmac
import os
import sqlite3
import struct
import sys
import tempfile

from captures import attribute, key, pcap, stun
from decode_run import Run, hexadecimal, main, same, test
from decode_talk import N, P, R, U, asks, begun, granted, verify

CONF = """# turnserver.conf of a site
listening-port=3478
tls-listening-port = 5349
fingerprint
lt-cred-mech
   realm="example.org"
# user=alice:not-this-one
verbose
total-quota=100
denied-peer-ip=10.0.0.0-10.255.255.255
cert=/etc/turn/cert.pem
cipher-list="DEFAULT:!aNULL"
no-cli
"""


class Files:
    """A folder of files."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()

    def write(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return path

    def database(self, name, users=(), secrets=()):
        path = os.path.join(self.folder.name, name)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE turnusers_lt (realm TEXT, name TEXT, "
                       "hmackey TEXT)")
            db.execute("CREATE TABLE turn_secret (realm TEXT, value TEXT)")
            db.executemany("INSERT INTO turnusers_lt VALUES (?,?,?)", users)
            db.executemany("INSERT INTO turn_secret VALUES (?,?)", secrets)
            db.commit()
        return path


def checks(talk, *args):
    run = verify(talk, *args)
    same(run.findings, [], args)
    return [m["integrity"] for m in run.messages[2:]]


GOOD = begun().ask(asks(2)).answer(granted(2))
BOTH = ["valid", "valid"]


@test
def all_of_the_grammar_of_a_conf_is_read():
    files, digest = Files(), key(U, R, P).hex()
    users = files.database("db", [(R, U, digest)])
    table = files.write("table", f"{U}:{R}:{digest}\n")
    for line in (f"user={U}:{P}", f"user = {U}:{P}", f"user {U}:{P}",
                 f"  user=\"{U}:{P}\"  ", f"user='{U}:{P}'\r",
                 f"user={U}:0x{digest}", f"user=bob:x\nuser={U}:{P}",
                 f"user={U}:old\nuser={U}:{P}", f"userdb={users}",
                 f"db = \"{users}\"", f"htdigest={table}"):
        for text in (CONF + line + "\n", line + "\n" + CONF, CONF + line,
                     "\ufeff" + line + "\n" + CONF):
            same(checks(GOOD, "-c", files.write("conf", text)), BOTH, line)


def ephemeral(secret, name="1892244802:alice"):
    word = hmac.new(secret.encode(), name.encode(), "sha1").digest()
    password = base64.b64encode(word).decode()
    return begun().ask(asks(2, password, name)).answer(
        stun(3, "success", 2, key=key(name, R, password)))


@test
def secrets_of_a_conf_and_of_a_database_verify():
    files, talk = Files(), ephemeral("south")
    secrets = files.database("db", (), [(R, "north"), (R, "south")])
    for text in ("use-auth-secret\nstatic-auth-secret=south\n",
                 "static-auth-secret=north\nstatic-auth-secret=south\n",
                 f"user={U}:{P}\nstatic-auth-secret=\"south\"\n",
                 f"use-auth-secret\nuserdb={secrets}\n"):
        conf = files.write("conf", CONF + text)
        same(checks(talk, "-c", conf), BOTH, text)
    same(checks(talk, "--userdb", secrets), BOTH)


@test
def databases_that_are_not_here_are_told_and_left_out():
    files = Files()
    for line in ("userdb=/nonexistent/turndb", "psql-userdb=\"host=x\"",
                 "redis-userdb=\"ip=127.0.0.1\"", "mysql-userdb=x"):
        conf = files.write("conf", CONF + line + f"\nuser={U}:{P}\n")
        run = verify(GOOD, "-c", conf)
        same([m["integrity"] for m in run.messages[2:]], BOTH, line)
        same(len(run.err.splitlines()), 1, line)
        assert "its users are left out" in run.err, run.err
        assert run.err.startswith("stun-decode: " + line.split("=")[0])


@test
def several_credentials_go_together():
    files, other = Files(), "other.example"
    table = files.write("t", f"{U}:{other}:{key(U, other, 'two').hex()}\n"
                        f"{U}:{R}:{key(U, R, P).hex()}\n")
    conf = files.write("conf", f"realm={R}\nuser=bob:x\n")
    talk = begun().ask(asks(2)).answer(granted(2)).ask(
        asks(3, "two", realm=other)).answer(
            stun(3, "success", 3, key=key(U, other, "two"))).ask(
                asks(4, "x", "bob")).answer(
                    stun(3, "success", 4, key=key("bob", R, "x")))
    for extra in ((), ("--secret", "s"), ("--key", "00" * 16),
                  ("-u", "carol", "-w", "y")):
        same(checks(talk, *extra, "--htdigest", table, "-c", conf), BOTH * 3)
    run = verify(talk, "--htdigest", table)
    same([m["integrity"] for m in run.messages[2:]], BOTH * 2 + ["unchecked"] * 2)


@test
def raw_keys_of_any_length_verify():
    for size in (1, 16, 20, 32, 64, 100, 200):
        raw = bytes(range(1, size + 1))
        ask = stun(3, "request", 2, attribute(6, U), attribute(0x14, R),
                   attribute(0x15, N), key=raw)
        run = hexadecimal(ask.hex(), "--key", raw.hex())
        same(run.messages[0]["integrity"], "valid", size)
        run = hexadecimal(ask.hex(), "--key", raw.hex().upper())
        same(run.messages[0]["integrity"], "valid", size)


def sha256_request(secret, size=32, hashed=False, algorithm=2):
    name = hashlib.sha256(f"{U}:{R}".encode()).digest()
    body = attribute(0x1E, name) if hashed else attribute(6, U)
    body += attribute(0x14, R) + attribute(0x15, N)
    if algorithm:
        body += attribute(0x8002, b"\0\2\0\0\0\1\0\0")
        body += attribute(0x1D, struct.pack("!HH", algorithm, 0))
    head = struct.pack("!HHI", 3, len(body) + 4 + size, 0x2112A442) + bytes(12)
    mac = hmac.new(secret, head + body, "sha256").digest()[:size]
    return (head + body + attribute(0x1C, mac)).hex()


@test
def keys_of_sha256_and_hashed_names_verify():
    files = Files()
    digest = hashlib.sha256(f"{U}:{R}:{P}".encode()).digest()
    table = files.write("t", f"{U}:{R}:{digest.hex()}\n")
    for args in (("-u", U, "-w", P), ("--key", digest.hex()),
                 ("--htdigest", table),
                 ("-c", files.write("c", f"user={U}:0x{digest.hex()}\n"))):
        for hashed in (False, True):
            run = hexadecimal(sha256_request(digest, hashed=hashed), *args)
            same(run.messages[0]["integrity_sha256"], "valid", (args, hashed))
        wrong = hexadecimal(sha256_request(digest[::-1]), *args)
        same(wrong.messages[0]["integrity_sha256"], "invalid", args)
    md5 = sha256_request(key(U, R, P), algorithm=1)
    same(hexadecimal(md5, "-u", U, "-w", P).messages[0]["integrity_sha256"],
         "valid")


@test
def truncated_forms_of_sha256_verify_S223():
    digest = hashlib.sha256(f"{U}:{R}:{P}".encode()).digest()
    for size in range(16, 33, 4):
        run = hexadecimal(sha256_request(digest, size), "-u", U, "-w", P)
        same([run.messages[0][k] for k in ("verdict", "integrity_sha256")],
             ["ok", "valid"], size)
    for size in (4, 12):
        text = sha256_request(digest + digest, size)
        run = hexadecimal(text, "-u", U, "-w", P)
        same([run.messages[0]["verdict"], run.messages[0]["integrity_sha256"]],
             ["malformed", "invalid"], size)


@test
def files_that_hold_no_credentials_are_one_line_and_2():
    files = Files()
    junk = os.urandom(5000)
    for option, bad in (
            ("-c", ["", "\n\n", "lt-cred-mech\n", "user=nobody\n", "user=x:0x12\n",
                    "user=\"x:y\n", "hello, world\n", junk,
                    "user=a:b\n".encode("utf-16")]),
            ("--htdigest", ["", "# only\n", "a:b\n", "a:b:c\n", junk,
                            f"a:b:{'g' * 32}\n", "<html>\n"]),
            ("--userdb", ["", "no database at all" * 99, junk,
                          b"SQLite format 3\0" + junk]),
            ("--password-file", [junk + b"\0"])):
        for data in bad:
            path = files.write("bad", data)
            more = ("-u", U) if option == "--password-file" else ()
            run = Run(*more, option, path, "FILE", data=pcap(GOOD.packets))
            same([run.code, run.out, len(run.err.splitlines())], [2, "", 1],
                 (option, data[:20], run.err))
            assert path in run.err, run.err
        for path in ("/nonexistent/file", files.folder.name):
            more = ("-u", U) if option == "--password-file" else ()
            run = Run(*more, option, path, "FILE", data=pcap(GOOD.packets))
            same([run.code, len(run.err.splitlines())], [2, 1], (option, path))
    same(Run("--userdb", files.database("none"), "FILE",
             data=pcap(GOOD.packets)).code, 2)


if __name__ == "__main__":
    sys.exit(main())
