# SPDX-License-Identifier: MIT
"""turn-server's log: each event in its words (B-40, B-41), and nothing in it
that a client could have written there."""
import re
import socket
import time
import unittest

from programs import PATIENCE, main
from turn_talk import relayed, serve

# Time, level, the name of the event, and what there is to say.
LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) "
                  r"(detail|info|warning|error) (TURN-[A-Z-]+) (.*)")


class Log(unittest.TestCase):
    """A server, and what it writes."""

    def line(self, server, event, patience=PATIENCE):
        """Level and text of the first line of an event, once it is there."""
        deadline = time.monotonic() + patience
        while True:
            text = server.log_path.read_text("utf-8")
            for line in text.splitlines():
                match = LINE.fullmatch(line)
                self.assertTrue(match, line)
                if match[3] == event:
                    return match[2], match[4]
            self.assertLess(time.monotonic(), deadline, text)
            time.sleep(0.1)


class Silence(Log):
    """Who sends and hears nothing."""

    def test_C29_TURN_NO_RETURN(self):
        server = serve(self)
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.bind(("127.0.0.1", 0))
        clients = [server.client(self) for _ in range(2)]
        for client, words in zip(clients, ((b"hello", b"hello?"), (b"hi",))):
            heard = relayed(client.allocate())
            self.assertEqual(client.permit(peer.getsockname()).code, 0)
            for word in words:
                client.say(peer.getsockname(), word)
        start = time.monotonic()
        peer.sendto(b"hi", heard)
        level, text = self.line(server, "TURN-NO-RETURN")
        match = re.fullmatch(r"allocation 1: no packet from any peer for "
                             r"(\d+) s although 2 were sent", text)
        self.assertTrue(match, text)
        self.assertEqual((level, int(match[1]) >= 10), ("info", True))
        self.assertGreater(time.monotonic() - start, 8)
        self.assertEqual(server.log().count("TURN-NO-RETURN"), 1)


if __name__ == "__main__":
    main()
