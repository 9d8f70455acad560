#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the captures of healthy traffic in tests/captures/: programs of others,
and ours, that talk on loopback while dumpcap listens (as root); and the index
of them with the credentials that were in use.

usage: make_healthy.py DIRECTORY
"""
import asyncio
import os
import signal
import subprocess
import sys
import time

import aioice

from make_mistakes import (PASSWORD, SECRET, USER, Coturn, Saturn)
from programs import find, program

GIVEN = ("-u", USER, "-w", PASSWORD)
MADE = []


def listen(folder, name, ports, talk, *words):
    """Capture while TALK runs."""
    path = os.path.join(folder, name + ".pcap")
    rule = " or ".join(f"port {port}" for port in ports) or "udp"
    process = subprocess.Popen(
        [find("dumpcap"), "-q", "-P", "-i", "lo", "-f", rule, "-w", path],
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
    MADE.append("\t".join([name, *words]))


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
        listen(folder, "healthy-uclient-secret", [rest.port],
               uclient(rest, "-u", USER, "-W", SECRET), "--secret", SECRET)
        listen(folder, "healthy-ice", [], ice(), *GIVEN)
    finally:
        for server in (coturn, saturn, rest):
            server.end()
    with open(os.path.join(folder, "healthy.tsv"), "w",
              encoding="utf-8") as file:
        file.write("# SPDX-License-Identifier: MIT\n# capture\targuments of stun-decode...\n")
        file.write("".join(line + "\n" for line in MADE))


if __name__ == "__main__":
    main()
