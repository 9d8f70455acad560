# SPDX-License-Identifier: MIT
"""turn-server among users who have lost their minds: random requests with a
right MESSAGE-INTEGRITY, random ChannelData, random pieces of streams."""
import random
import socket
import struct

from hostile import (SECONDS, SEED, Hostile,
                     setUpModule)  # pylint: disable=unused-import
from programs import ERROR, NONCE, attributes_of, main, message
from test_turn_server_stream import Stream
from turn_talk import SEND, Client, xor

# Each is served for longer than the usual floods: there is more to find.
LONG = 2 * SECONDS

METHODS = (1, 3, 3, 4, 4, 8, 8, 9, 9, 10, 11, SEND & 0xEF, 7, 12)
GOOD = ("127.0.0.1", "127.0.0.2", "20.0.0.9")
HOSTS = ("127.0.0.1", "127.0.0.2", "20.0.0.9", "10.0.0.1", "::1", "2a02::9",
         "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0", "224.0.0.1")
EDGES = (0, 1, 2, 3, 4, 7, 8, 12, 16, 20, 24, 32, 36, 127, 128, 763, 1200)


def value_of(rng, kind, tid):
    """A value that may well be one of KIND, or that is of no kind at all."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.choice(EDGES))
    if kind in (0x0012, 0x0020, 0x0016):
        return xor((rng.choice(HOSTS), rng.choice((0, 9, 53, 49152, 65535))),
                   tid)
    if kind == 0x0009:
        return struct.pack("!HBB", 0, rng.randrange(9), rng.randrange(120))
    if kind == 0x000C:
        return struct.pack("!HH", rng.randrange(0x3ff0, 0x5010), 0)
    if kind == 0x000D:
        return struct.pack("!I", rng.choice((0, 1, 600, 600, 600, 3600, 1 << 31,
                                             (1 << 32) - 1)))
    if kind == 0x0019:
        return bytes([rng.choice((17, 17, 17, 6, 0, 1, 255)), 0, 0, 0])
    if kind in (0x0017, 0x8000):
        return bytes([rng.choice((1, 2, 2, 0, 3)), 0, 0, 0])
    if kind == 0x0018:
        return bytes([rng.choice((0, 0x80, 0x7f))])
    return rng.randbytes(rng.choice((0, 4, 8, 8, 20, 300)))


KINDS = (0x000C, 0x000D, 0x0012, 0x0012, 0x0012, 0x0013, 0x0017, 0x0018,
         0x0019, 0x0019, 0x001A, 0x0022, 0x002A, 0x0001, 0x0003, 0x0009,
         0x0016, 0x0020, 0x0024, 0x0026, 0x0027, 0x8000, 0x8022, 0x8028,
         0x8030, 0x001D, 0x001E, 0x8002, 0x8003, 0x8004, 0x001B)


def usual(rng, method, tid):
    """The attributes that METHOD needs, good ones."""
    peer = (0x0012, xor((rng.choice(GOOD), rng.choice((9, 53, 49152))), tid))
    number = struct.pack("!HH", rng.randrange(0x4000, 0x4008), 0)
    return {
        3: [(0x0019, bytes([17, 0, 0, 0]))],
        4: [(0x000D, struct.pack("!I", rng.choice((1, 600, 600, 3600))))],
        8: [peer] * rng.randrange(1, 4),
        9: [(0x000C, number), peer],
        10: [peer],
        11: [(0x002A, rng.randbytes(4))],
        SEND & 0xEF: [peer, (0x0013, rng.randbytes(rng.choice(EDGES)))],
    }.get(method, [])


def any_request(rng, client):
    """A message whose integrity is right, most of the time."""
    tid = rng.randbytes(12)
    method = (rng.choice(METHODS) if rng.random() < 0.97
              else rng.randrange(0x1000))
    kind = ((method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF
            | rng.choice((0,) * 12 + (0x10, 0x100, 0x110)))
    good = rng.random() < 0.6
    attributes = usual(rng, method, tid) if good else []
    for _ in range(0 if good and rng.random() < 0.7 else rng.choice(
            (0, 1, 1, 2, 2, 2, 3, 4, 8, 20))):
        which = rng.choice(KINDS) if rng.random() < 0.95 else (
            rng.randrange(0x10000))
        attributes.append((which, value_of(rng, which, tid)))
    if rng.random() < 0.05:
        return message(kind, tid, *attributes)
    data = client.signed(kind, *attributes, tid=tid,
                         fingerprint=rng.random() < 0.3)
    if rng.random() < 0.03:
        data = data[:rng.randrange(len(data))]
    return data


def any_channel_data(rng, lies=0.2):
    """ChannelData, as long as it says or not."""
    size = rng.choice(EDGES)
    return struct.pack("!HH", rng.randrange(0x3ff8, 0x4010),
                       size if rng.random() >= lies else rng.randrange(65536)
                       ) + rng.randbytes(size + -size % 4)


def take_answers(client):
    """What has come; who has no allocation any more makes another one."""
    client.socket.setblocking(False)
    try:
        while True:
            answer = client.socket.recv(65536)
            if not answer and client.socket.type == socket.SOCK_STREAM:
                raise ConnectionResetError
            found = attributes_of(answer) if answer[:1] < b"\2" else {}
            if ERROR in found and NONCE in found:
                client.nonce = found[NONCE]
    except (BlockingIOError, IndexError, struct.error):
        pass


def datagrams(over, count, address, seed):
    """Random requests and ChannelData of 4 clients."""
    rng = random.Random(seed)
    while not over.is_set():
        clients = [Client(address) for _ in range(4)]
        for client in clients:
            client.allocate()
        for _ in range(400):
            for client in clients:
                client.send(any_request(rng, client) if rng.random() < 0.8
                            else any_channel_data(rng))
                take_answers(client)
                count.value += 1
            if over.is_set():
                return
        for client in clients:
            client.socket.setblocking(True)
            client.ask(4, (0x000D, bytes(4)))
            client.close()


def stream(rng, address, over, count):
    """One connection, until it is closed."""
    client = Stream(address)
    client.socket.settimeout(5)
    client.ask(3, (0x0019, bytes([rng.choice((17, 6)), 0, 0, 0])))
    for _ in range(60):
        if over.is_set():
            return
        data = b"".join(any_request(rng, client) if rng.random() < 0.7 else
                        any_channel_data(rng, 0.01)
                        for _ in range(rng.randrange(1, 5)))
        if rng.random() < 0.02:
            data += rng.randbytes(rng.choice(EDGES))
        while data and not over.is_set():
            size = rng.choice((1, 4, 19, 20, 100, 100, 5000, 5000))
            client.socket.settimeout(5)
            client.send(data[:size])
            data = data[size:]
            take_answers(client)
            count.value += 1
    client.close()


def streams(over, count, address, seed):
    """Random messages, in random pieces."""
    rng = random.Random(seed)
    while not over.is_set():
        try:
            stream(rng, address, over, count)
        except (ConnectionError, TimeoutError, AttributeError):
            pass  # closed for what was sent: once more


class Random(Hostile):
    """A seed each; the relay in use is served."""

    def test_random_datagrams_of_a_user(self):
        self.start("--user-quota=0", "--unauthorized-ratelimit=0")
        self.survives("random requests with credentials",
                      self.attack(datagrams, self.address, SEED,
                                  seconds=LONG), seconds=LONG)

    def test_random_datagrams_of_a_user_who_moves(self):
        self.start("--user-quota=0", "--mobility", "--legacy-channels",
                   "--unauthorized-ratelimit=0")
        self.survives("random requests with credentials and mobility",
                      self.attack(datagrams, self.address, SEED + 1,
                                  seconds=LONG), seconds=LONG)

    def test_random_streams_of_a_user(self):
        self.start("--user-quota=0", "--unauthorized-ratelimit=0")
        self.survives("random pieces of streams with credentials",
                      self.attack(streams, self.address, SEED + 2,
                                  seconds=LONG), seconds=LONG)


if __name__ == "__main__":
    main()
