#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A WebRTC that others wrote: two peer connections of aiortc that have no
sockets but those to a TURN server, and a data channel between them. Run by
test_aiortc.py and make_healthy.py, with the Python that Debian has it for.

usage: aiortc_peer.py URI USERNAME PASSWORD
"""
import asyncio
import sys

import aioice.ice
from aioice import stun
from aiortc import (RTCConfiguration, RTCIceServer, RTCPeerConnection,
                    RTCSessionDescription)

SIZES = (1, 100, 1000, 5000)


def candidates(connection):
    """The types of the candidates that it has told."""
    return [line.split(" typ ")[1].split()[0]
            for line in connection.localDescription.sdp.splitlines()
            if line.startswith("a=candidate:")]


async def connect(caller, callee):
    """An offer and an answer."""
    await caller.setLocalDescription(await caller.createOffer())
    offer = caller.localDescription
    await callee.setRemoteDescription(
        RTCSessionDescription(offer.sdp, offer.type))
    await callee.setLocalDescription(await callee.createAnswer())
    answer = callee.localDescription
    await caller.setRemoteDescription(
        RTCSessionDescription(answer.sdp, answer.type))


async def talk(caller, callee):
    """What went there and came back."""
    channel, came = caller.createDataChannel("talk"), asyncio.Queue()
    ready = asyncio.Event()

    @callee.on("datachannel")
    def _(other):
        other.on("message", other.send)

    channel.on("open", ready.set)
    channel.on("message", came.put_nowait)
    await connect(caller, callee)
    await asyncio.wait_for(ready.wait(), 30)
    for size in SIZES:
        channel.send(bytes(size))
    back = [await asyncio.wait_for(came.get(), 30) for _ in SIZES]
    assert [len(message) for message in back] == list(SIZES), back
    return candidates(caller) + candidates(callee)


async def run(uri, username, password):
    """Two ends, from the beginning to the end."""
    # Without an address of this machine there is no path but the relay.
    aioice.ice.get_host_addresses = lambda *_, **__: []
    server = RTCIceServer(urls=uri, username=username, credential=password)
    ends = [RTCPeerConnection(RTCConfiguration(iceServers=[server]))
            for _ in range(2)]
    try:
        return await talk(*ends)
    finally:
        for end in ends:
            await end.close()


def main():
    """Say how it went in one line."""
    try:
        print("relayed", *asyncio.run(run(*sys.argv[1:])))
    except stun.TransactionFailed as refusal:
        code, reason = refusal.response.attributes["ERROR-CODE"]
        print("refused", code, reason)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
