# SPDX-License-Identifier: MIT
"""turn-server among hostile streams: T-018, T-424, C-35."""
import socket
import struct

from hostile import Hostile, setUpModule  # pylint: disable=unused-import
from programs import main
from test_turn_server_stream import Stream
from turn_talk import UDP


class Streams(Hostile):
    """Connections that do not behave."""

    def connections(self, n, first):
        """N connections that begin with FIRST."""
        found = []
        for _ in range(n):
            sock = socket.create_connection(self.address, 5)
            self.addCleanup(sock.close)
            try:
                sock.sendall(first)
            except ConnectionError:
                pass
            found.append(sock)
        return found

    def is_closed(self, sock):
        """The server ends it."""
        sock.settimeout(10)
        try:
            return sock.recv(1) == b""
        except ConnectionError:
            return True

    def test_T424_giant_frames_of_strangers_are_not_kept(self):
        self.start()
        giant = struct.pack("!HHI", 3, 0xFFFC, 0x2112A442) + bytes(60000)
        for first in (giant, b"\x40\0\xff\xff" + bytes(60000)):
            for sock in self.connections(100, first):
                self.assertTrue(self.is_closed(sock))
        self.survives("giant frames over TCP", 200)

    def test_T015_large_frames_of_an_allocation_are_served(self):
        self.start()
        client = Stream(self.address)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(3, UDP).code, 0)
        client.send(b"\x40\0\xff\xff" + bytes(0x10000))
        self.assertEqual(client.ask(4).code, 0)

    def test_T420_connections_that_say_nothing(self):
        self.start()
        self.connections(400, b"")
        self.connections(100, b"\0\3\0")
        self.survives("500 connections that say little", 500)


if __name__ == "__main__":
    main()
