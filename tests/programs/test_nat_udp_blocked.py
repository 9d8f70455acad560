# SPDX-License-Identifier: MIT
"""A firewall that lets no UDP to the server pass: C-28, behind two NATs."""
import unittest

import beds
import certificate
from beds import PUBLIC
from nat_bed import ALICE, NatBed
from programs import main, program
from test_aioice import has_aioice


class UdpBlockedTest(NatBed):
    """turn-client explains it, and a call goes through over TCP."""

    def test_C28_udp_is_blocked(self):
        folder, words = certificate.make(f"IP:{PUBLIC}", 5349)
        self.addCleanup(folder.cleanup)
        self.block(["udp dport { 3478, 5349 }"])
        self.server(*words)
        words = ["--all-transports", f"--ca={folder.name}/cert.pem",
                 "--timeout=3s"]
        told = beds.start(self, self.bed.cli, program("turn-client"), *ALICE,
                          *words, f"turn:{PUBLIC}:3478")
        said = self.turn_client(10, *words)
        self.assertEqual(
            {one["transport"]: (one["ok"], (one["finding"] or {}).get(
                "finding")) for one in said},
            {"udp": (False, "SAT-UDP-SILENT"), "tcp": (True, None),
             "tls": (True, None), "dtls": (False, "SAT-TLS-SILENT")})
        self.assertGreater(self.bed.inet.counted("dropped"), 0)
        out = told.communicate(timeout=30)[0]
        self.assertEqual(told.returncode, 10)
        self.assertIn("UDP to this port is filtered: it works over TCP", out)

    @unittest.skipUnless(has_aioice(), "python3-aioice is not installed")
    def test_C28_call_where_udp_is_blocked(self):
        self.block(['iifname "i0" meta l4proto udp'])
        self.server()
        self.assert_call("tcp")


if __name__ == "__main__":
    main()
