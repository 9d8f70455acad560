# SPDX-License-Identifier: MIT
"""A wire between two namespaces that delays, loses and repeats packets, for
kernels without netem: a thread between two TUN devices. Which packets are lost
is counted, so that it is the same each time."""
import fcntl
import heapq
import os
import select
import struct
import threading
import time
import unittest

TUNSETIFF, TUN_PLAIN = 0x400454CA, 0x1001


def tun(net, name):
    """A device in a namespace, as a file of packets."""
    with net:
        try:
            handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        except OSError as why:
            raise unittest.SkipTest(f"no TUN device: {why}") from why
        try:
            fcntl.ioctl(handle, TUNSETIFF,
                        struct.pack("16sH14x", name.encode(), TUN_PLAIN))
        except OSError as why:
            os.close(handle)
            raise unittest.SkipTest(f"no TUN device: {why}") from why
    net.ip(f"link set {name} up")
    return handle


class Wire(threading.Thread):
    """ONE gets the address .2 of NETWORK, OTHER .1, to which everything goes.
    Of each direction every LOSE-th packet is lost, every REPEAT-th comes
    twice; all come DELAY seconds later."""

    def __init__(self, test, one, other, network, delay=0.0, lose=0, repeat=0):
        super().__init__()
        self.delay, self.lose, self.repeat = delay, lose, repeat
        self.ends = [tun(one, "w0"), tun(other, "w1")]
        one.ip(f"addr add {network}.2 peer {network}.1 dev w0",
               f"route add default via {network}.1")
        other.ip(f"addr add {network}.1 peer {network}.2 dev w1")
        self.count, self.lost, self.over = [0, 0], 0, threading.Event()
        self.start()
        test.addCleanup(self.end)

    def end(self):
        """Cut it."""
        self.over.set()
        self.join()
        for handle in self.ends:
            os.close(handle)

    def take(self, end, waiting):
        """What has come in at one end will go out at the other."""
        try:
            packet = os.read(self.ends[end], 65536)
        except OSError:
            return
        if packet[0] >> 4 != 4:  # what IPv6 says by itself is not counted
            return
        self.count[end] += 1
        if self.lose and self.count[end] % self.lose == 0:
            self.lost += 1
            return
        again = self.repeat and self.count[end] % self.repeat == 0
        for copy in range(2 if again else 1):
            heapq.heappush(waiting, (time.monotonic() + self.delay,
                                     sum(self.count), copy, end, packet))

    def run(self):
        waiting = []
        while not self.over.is_set():
            pause = 0.05
            if waiting:
                pause = min(pause, max(0, waiting[0][0] - time.monotonic()))
            for handle in select.select(self.ends, [], [], pause)[0]:
                self.take(self.ends.index(handle), waiting)
            while waiting and waiting[0][0] <= time.monotonic():
                *_, end, packet = heapq.heappop(waiting)
                try:
                    os.write(self.ends[1 - end], packet)
                except OSError:
                    pass  # the device is full, or gone
