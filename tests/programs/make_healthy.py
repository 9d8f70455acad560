#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the captures of healthy traffic in tests/captures/: programs of others,
and ours, that talk on loopback while dumpcap listens (as root); and the index
of them with the credentials that were in use. The programs of libnice and libre
are built from tests/interop; chromium and aiortc are those of Debian.

usage: make_healthy.py DIRECTORY [START-OF-NAME...]
"""
import asyncio
import http.server
import os
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import aioice

from captures import write_index
from make_mistakes import (PASSWORD, SECRET, USER, Coturn, Saturn)
from programs import find, program

GIVEN = ("-u", USER, "-w", PASSWORD)
INTEROP = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir,
                       "interop")
MADE = []


def is_wanted(name):
    """Is it among the names on the command line, if there are any?"""
    return len(sys.argv) < 3 or name.startswith(tuple(sys.argv[2:]))


def listen(folder, name, ports, talk, *words, ng=False):
    """Capture while TALK runs."""
    if not is_wanted(name):
        return
    path = os.path.join(folder, name + (".pcapng" if ng else ".pcap"))
    rule = " or ".join(f"port {port}" for port in ports) or "udp"
    process = subprocess.Popen(
        [find("dumpcap"), "-q", *([] if ng else ["-P"]), "-i", "lo", "-f",
         rule, "-w", path],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    while b"File:" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.3)
    talk()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.wait(10)
    process.stderr.close()
    if ng:
        strip(path)
    MADE.append("\t".join([name, *words]))


def strip(path):
    """Leave out what a pcapng says of the machine."""
    with open(path, "rb") as file:
        data = file.read()
    out, at = b"", 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + size - 4]
        at += size
        if kind == 0x0A0D0D0A:
            body = body[:16]
        elif kind == 1:  # and say that times are in nanoseconds
            body = body[:8] + struct.pack("<HHI", 9, 1, 9) + bytes(4)
        elif kind != 6:
            continue
        whole = struct.pack("<I", 12 + len(body))
        out += struct.pack("<I", kind) + whole + body + whole
    with open(path, "wb") as file:
        file.write(out)


def runs(*command):
    """A program that ends well."""
    def talk():
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=60)
    return talk


def uclient(server, *words):
    return runs(find("turnutils_uclient"), "-y", "-c", "-m", "1", "-n", "3",
                "-l", "40", *words, "-p", str(server.port), "127.0.0.1")


async def connect(first, second):
    """Two agents of aioice that find each other and talk."""
    for one, other in ((first, second), (second, first)):
        await one.gather_candidates()
        for candidate in one.local_candidates:
            await other.add_remote_candidate(candidate)
        await other.add_remote_candidate(None)
        other.remote_username = one.local_username
        other.remote_password = one.local_password
    await asyncio.gather(first.connect(), second.connect())
    await first.send(b"hello")
    assert await second.recv() == b"hello"
    await first.close()
    await second.close()


def ice(server=None, turn=False):
    """ICE checks, with a server or without."""
    def talk():
        more = {}
        if turn:
            more = {"turn_server": ("127.0.0.1", server.port),
                    "turn_username": USER, "turn_password": PASSWORD}
        elif server:
            more = {"stun_server": ("127.0.0.1", server.port)}
        aioice.ice.get_host_addresses = lambda *_, **__: ["127.0.0.1"]

        async def both():
            await connect(aioice.Connection(ice_controlling=True, **more),
                          aioice.Connection(ice_controlling=False, **more))
        asyncio.run(asyncio.wait_for(both(), 30))
    return talk


def peer(server, name, package):
    """A program of tests/interop, which has both ends."""
    def talk():
        with tempfile.TemporaryDirectory() as made:
            path = os.path.join(made, name)
            flags = subprocess.run(
                ["pkg-config", "--cflags", "--libs", package], check=True,
                capture_output=True, text=True).stdout.split()
            subprocess.run(["cc", "-o", path, os.path.join(
                INTEROP, name + ".c"), *flags], check=True)
            runs(path, "127.0.0.1", str(server.port), "udp", USER, PASSWORD)()
    return talk


class Page(http.server.BaseHTTPRequestHandler):
    """tests/interop/relay.html, with little data, and its result."""

    def do_GET(self):  # pylint: disable=invalid-name
        """The page, whatever is asked for."""
        with open(os.path.join(INTEROP, "relay.html"), "rb") as file:
            body = file.read().replace(b"COUNT = 50", b"COUNT = 5").replace(
                b"repeat(1000)", b"repeat(20)")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):  # pylint: disable=invalid-name
        """The result."""
        size = int(self.headers["Content-Length"])
        self.server.results.put(self.rfile.read(size))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Say nothing."""


def browse(server):
    """Two peer connections of Chromium that have nothing but the relay."""
    def talk():
        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        web.results = queue.Queue()
        threading.Thread(target=web.serve_forever, daemon=True).start()
        words = urllib.parse.urlencode({
            "urls": f"turn:127.0.0.1:{server.port}?transport=udp",
            "username": USER, "credential": PASSWORD})
        with tempfile.TemporaryDirectory(
                ignore_cleanup_errors=True) as profile:
            browser = subprocess.Popen(
                [find("chromium"), "--headless", "--no-sandbox",
                 "--disable-gpu", "--disable-background-networking",
                 "--allow-loopback-in-peer-connection",
                 f"--user-data-dir={profile}",
                 f"http://127.0.0.1:{web.server_port}/?{words}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            try:
                assert b'"relayed"' in web.results.get(timeout=60)
                time.sleep(2)
            finally:
                browser.terminate()
                browser.wait(20)
        web.shutdown()
        web.server_close()
    return talk


def others(folder, who, server):
    """Programs of others that have both ends."""
    here = os.path.dirname(os.path.abspath(__file__))
    for name, talk in (
            ("libnice", peer(server, "nice", "nice")),
            ("libre", peer(server, "re", "libre")),
            ("aiortc", runs("/usr/bin/python3", os.path.join(
                here, "aiortc_peer.py"), f"turn:127.0.0.1:{server.port}", USER,
                PASSWORD)),
            ("chromium", browse(server))):
        listen(folder, f"healthy-{name}-{who}", [server.port], talk, *GIVEN,
               ng=True)


def main():
    folder = sys.argv[1]
    user = f"--user={USER}:{PASSWORD}"
    coturn = Coturn("--lt-cred-mech", user, "--allow-loopback-peers")
    saturn = Saturn(user, "--allow-loopback-peers", "--legacy-channels")
    rest = Coturn("--use-auth-secret", f"--static-auth-secret={SECRET}",
                  "--allow-loopback-peers")
    words = ("-u", USER, "-w", PASSWORD)
    try:
        for who, server in (("coturn", coturn), ("saturn", saturn)):
            only = [server.port]
            uri = f"127.0.0.1:{server.port}"
            listen(folder, f"healthy-uclient-{who}", only,
                   uclient(server, *words), *GIVEN)
            listen(folder, f"healthy-uclient-send-{who}", only,
                   uclient(server, "-s", *words), *GIVEN)
            listen(folder, f"healthy-turn-client-{who}", only,
                   runs(program("turn-client"), *words, "turn:" + uri), *GIVEN)
            listen(folder, f"healthy-stun-client-{who}", only,
                   runs(program("stun-client"), "stun:" + uri), *GIVEN)
            listen(folder, f"healthy-aioice-turn-{who}", only,
                   ice(server, True), *GIVEN)
            listen(folder, f"healthy-aioice-stun-{who}", only, ice(server),
                   *GIVEN)
            listen(folder, f"healthy-stunclient-{who}", only,
                   runs(find("turnutils_stunclient"), "-p", str(server.port),
                        "127.0.0.1"), *GIVEN)
            others(folder, who, server)
        listen(folder, "healthy-uclient-secret", [rest.port],
               uclient(rest, "-u", USER, "-W", SECRET), "--secret", SECRET)
        listen(folder, "healthy-ice", [], ice(), *GIVEN)
    finally:
        for server in (coturn, saturn, rest):
            server.end()
    write_index(os.path.join(folder, "healthy.tsv"),
                "capture\targuments of stun-decode...", MADE,
                len(sys.argv) <= 2)


if __name__ == "__main__":
    main()
