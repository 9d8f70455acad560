#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A browser behind a NAT that changes its ports, and turn-server behind a
static one: C-10, C-11, C-27, C-28, in networks of our own.

usage: chromium_nat.py TEST-PROGRAMS, with SATURN_EXAMPLES naming where ours are
"""
import unittest

import chromium
from nat_bed import NatBed
from beds import PUBLIC
from programs import main


@unittest.skipUnless(chromium.CHROMIUM, "chromium is not installed")
class ChromiumNatTest(NatBed, chromium.Browser):
    """The browser has a network of its own, and its page is in it."""

    def setUp(self):
        NatBed.setUp(self)
        with self.bed.cli:
            chromium.Browser.setUp(self)

    def launch(self, profile, page):
        with self.bed.cli:
            return super().launch(profile, page)

    def call(self, *transports):
        """A call between two relays of this browser, whose data stays in the
        server: each has the public address."""
        said = self.browse([f"turn:{PUBLIC}:3478?transport={transport}"
                            for transport in transports])
        self.assertEqual((said["outcome"], said["received"]),
                         ("relayed", 50), said)
        self.assertGreaterEqual(len(said["candidates"]), 2)
        for candidate in said["candidates"]:
            words = candidate.split()
            self.assert_relayed((words[4], int(words[5])))
            self.assertEqual(words[7], "relay")

    def test_C10_C11_C27_between_two_nats(self):
        self.server()
        self.call("udp")

    def test_C28_over_tcp_where_udp_is_blocked(self):
        self.block(['iifname "i0" meta l4proto udp'])
        server = self.server()
        self.call("udp", "tcp")
        self.assertGreater(self.bed.inet.counted("dropped"), 0)
        self.assertNotIn("via UDP", server.log())


if __name__ == "__main__":
    main()
