#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test --annotate, --userdb and -i of stun-decode.

usage: test_decode_more.py [TEST...]
"""
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

from captures import ethernet, key, pcap, pcapng
from decode_run import PROGRAM, Run, main, same, test
from decode_talk import P, R, U, asks, begun, granted, refused
from programs import find


def comments(path):
    out = subprocess.run([find("tshark"), "-r", path, "-T", "fields", "-e",
                          "frame.number", "-e", "frame.comment"],
                         capture_output=True, text=True, check=True).stdout
    return dict(line.split("\t", 1) for line in out.splitlines())


@test
def annotate_writes_comments_that_tshark_shows():
    if find("tshark") is None:
        return
    talk = begun().ask(asks(2, P + "\n")).answer(refused(2))
    for data in (pcap(talk.packets),
                 pcapng([ethernet(p) for p in talk.packets], 1)):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "out.pcapng")
            run = Run("-u", U, "-w", P, "--annotate", out, "FILE", data=data)
            same([run.code, run.err], [1, ""])
            got = comments(out)
            same(sorted(got), ["1", "2", "3", "4"])
            same([got["1"], got["2"]], ["", ""])
            for frame in "34":
                assert got[frame].startswith("SAT-PASSWORD-NEWLINE: "), got
                assert "Fix: " in got[frame]
            again = Run("--json", "-u", U, "-w", P, out)
            same(again.findings, Run("--json", "-u", U, "-w", P, "FILE",
                                     data=data).findings)
            twice = Run("--annotate", out, "FILE", data=data)
            same(twice.code, 3)
            assert "exists already" in twice.err


@test
def annotate_needs_files():
    same(Run("--annotate", "x", "-").code, 2)
    same(Run("--annotate", "/nonexistent/x", "FILE",
             data=pcap(begun().packets)).code, 3)


def database(path, text=False):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE turnusers_lt (realm varchar(127) default '', "
               "name varchar(512), hmackey char(128), PRIMARY KEY "
               "(realm,name))")
    db.execute("CREATE TABLE turn_secret (realm varchar(127) default '', "
               "value varchar(256), primary key (realm,value))")
    db.execute("INSERT INTO turnusers_lt VALUES (?, ?, ?)",
               (R, U, "nonsense" if text else key(U, R, P).hex()))
    db.execute("INSERT INTO turn_secret VALUES (?, 'north')", (R,))
    db.commit()
    db.close()


@test
def userdb_reads_the_database_of_coturn():
    talk = begun().ask(asks(2)).answer(granted(2))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "turndb")
        database(path)
        os.chmod(path, 0o444)
        run = Run("--json", "--userdb", path, "FILE",
                  data=pcap(talk.packets))
        same([run.code, run.messages[2]["integrity"],
              run.messages[3]["integrity"]], [0, "valid", "valid"])
        broken = os.path.join(folder, "broken")
        database(broken, text=True)
        other = os.path.join(folder, "other")
        with open(other, "w", encoding="ascii") as file:
            file.write("no database at all, but long enough to look at\n" * 9)
        for bad in (broken, other, os.path.join(folder, "nothing")):
            run = Run("--userdb", bad, "FILE", data=pcap(talk.packets))
            same([run.code, len(run.err.splitlines())], [2, 1], bad)


def read_until(process, word, patience=10):
    text, deadline = "", time.monotonic() + patience
    while word not in text and time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 0.2)[0]:
            piece = os.read(process.stdout.fileno(), 65536)
            if not piece:
                break
            text += piece.decode()
    return text


@test
def live_capture_tells_findings_as_they_arise():
    if os.geteuid() != 0:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        server.bind(("127.0.0.1", 0))
        client.bind(("127.0.0.1", 0))
        process = subprocess.Popen(
            [PROGRAM, "-i", "lo", "-u", U, "-w", P], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        try:
            assert b"capturing on lo" in process.stderr.readline()
            client.sendto(asks(77, P + "\n", method=3),
                          server.getsockname())
            server.sendto(refused(77, 431, P), client.getsockname())
            said = read_until(process, "fix:")
            assert "SAT-PASSWORD-NEWLINE" in said, said
            assert "the client is wrong" in said
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=10)
            same(process.returncode, 1)
            assert b"SAT-PASSWORD-NEWLINE" not in rest
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()
            process.stderr.close()
    same(Run("-i", "nonexistent0").code, 3)
    same(Run("-i", "lo", "x").code, 2)


sys.exit(main())
