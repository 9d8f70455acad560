#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An ICE agent that others wrote, with nothing but its TURN server to use: it
says its candidates in a line of JSON, reads those of the other side, and then
one of both sends what the other returns. Run by beds of test_nat.py, with the
Python that Debian has aioice for.

usage: ice_peer.py call|answer HOST PORT udp|tcp USERNAME PASSWORD
"""
import asyncio
import json
import sys

from aioice import Candidate, Connection, TransportPolicy

COUNT = 50


async def exchange(connection, calls):
    """Data there and back: how many came."""
    came = 0
    for number in range(COUNT):
        if calls:
            await connection.send(b"%d" % number * 100)
        data = await asyncio.wait_for(connection.recv(), 10)
        came += data == b"%d" % number * 100
        if not calls:
            await connection.send(data)
    return came


async def talk(role, host, port, transport, username, password):
    """One side of a call."""
    connection = Connection(
        ice_controlling=role == "call", turn_server=(host, int(port)),
        turn_username=username, turn_password=password,
        turn_transport=transport, transport_policy=TransportPolicy.RELAY)
    await connection.gather_candidates()
    print(json.dumps({
        "user": connection.local_username,
        "password": connection.local_password,
        "candidates": [c.to_sdp() for c in connection.local_candidates],
    }), flush=True)
    other = json.loads(await asyncio.get_running_loop().run_in_executor(
        None, sys.stdin.readline))
    connection.remote_username = other["user"]
    connection.remote_password = other["password"]
    for candidate in other["candidates"]:
        await connection.add_remote_candidate(Candidate.from_sdp(candidate))
    await connection.add_remote_candidate(None)
    await connection.connect()
    print(json.dumps({"came": await exchange(connection, role == "call")}),
          flush=True)
    # The other side may still wait for the last of them.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await connection.close()


if __name__ == "__main__":
    asyncio.run(talk(*sys.argv[1:]))
