#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Two peer connections of aiortc, in one process, that have a TURN server and
talk over a data channel. Run by make_healthy.py, with the Python that Debian
has it for.

usage: aiortc_peer.py HOST PORT USERNAME PASSWORD
"""
import asyncio
import sys

import aioice
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection


async def talk(host, port, username, password):
    """There and back."""
    aioice.ice.get_host_addresses = lambda *_, **__: ["127.0.0.1"]
    server = RTCIceServer(f"turn:{host}:{port}", username, password)
    one, two = (RTCPeerConnection(RTCConfiguration([server]))
                for _ in range(2))
    done, channel = asyncio.Event(), one.createDataChannel("data")
    channel.on("open", lambda: channel.send("hello"))
    channel.on("message", lambda _: done.set())

    def answer(other):
        other.on("message", other.send)
    two.on("datachannel", answer)
    await one.setLocalDescription(await one.createOffer())
    await two.setRemoteDescription(one.localDescription)
    await two.setLocalDescription(await two.createAnswer())
    await one.setRemoteDescription(two.localDescription)
    await asyncio.wait_for(done.wait(), 20)
    await one.close()
    await two.close()


asyncio.run(talk(*sys.argv[1:]))
