#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A TURN client that others wrote: aioice allocates twice and talks to itself
through both relays. Run by test_aioice.py, with the Python that Debian has it
for.

usage: aioice_peer.py HOST PORT USERNAME PASSWORD
"""
import asyncio
import sys

from aioice import stun, turn


class Receiver(asyncio.DatagramProtocol):
    """Keeps what comes."""

    def __init__(self):
        self.received = asyncio.Queue()

    def datagram_received(self, data, addr):
        """One datagram of a peer, through the relay."""
        self.received.put_nowait((data, addr))


async def talk(host, port, username, password):
    """Send both ways through two relays, in the end over channels."""
    ends = []
    for _ in range(2):
        ends.append(await turn.create_turn_endpoint(
            Receiver, server_addr=(host, port), username=username,
            password=password, lifetime=600, transport="udp"))
    (one, first), (two, second) = ends
    there = one.get_extra_info("sockname")
    here = two.get_extra_info("sockname")
    for number in range(10):
        payload = b"%d" % number * 100
        one.sendto(payload, here)
        two.sendto(payload, there)
        for receiver, source in ((second, there), (first, here)):
            if number == 0:
                # The first may come before the other side's permission.
                try:
                    await asyncio.wait_for(receiver.received.get(), 0.5)
                except asyncio.TimeoutError:
                    pass
                continue
            data, addr = await asyncio.wait_for(receiver.received.get(), 5)
            assert data == payload and addr == source, (data, addr)
    one.close()
    two.close()
    await asyncio.sleep(0.2)


def main():
    """Say how it went in one line."""
    host, port, username, password = sys.argv[1:]
    try:
        asyncio.run(talk(host, int(port), username, password))
    except stun.TransactionFailed as refusal:
        code, reason = refusal.response.attributes["ERROR-CODE"]
        print("refused", code, reason)
        return 1
    print("relayed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
