# SPDX-License-Identifier: MIT
"""A way to the server that ends while nobody speaks: C-30, behind a NAT."""
import os
import time

import beds
from beds import PEER
from nat_bed import NatBed
from programs import attributes_of, main, message
from turn_talk import DATA, relayed

BINDING_INDICATION = 0x011


class ForgetfulNatTest(NatBed):
    """A NAT that forgets after 5 s."""

    def test_C30_keepalive(self):
        """Binding indications keep the way open; who is silent has to allocate
        anew."""
        for name in ("timeout", "timeout_stream"):
            self.bed.nat1.sysctl(f"netfilter/nf_conntrack_udp_{name}", 5)
        self.server()
        peer = self.bed.peer.socket(self, PEER)
        lively, silent = (self.client(self.bed.cli, beds.HOME)
                          for _ in range(2))
        addresses = []
        for client in (lively, silent):
            addresses.append(relayed(client.allocate()))
            self.assertEqual(client.permit(peer.getsockname()).code, 0)
        until = time.monotonic() + 7
        while time.monotonic() < until:
            lively.send(message(BINDING_INDICATION, os.urandom(12)))
            time.sleep(0.5)
        for address in reversed(addresses):
            peer.sendto(b"still there?", address)
        self.assertEqual(attributes_of(lively.receive(10))[DATA],
                         b"still there?")
        self.assertIsNone(silent.receive(0.1))
        silent.challenge()  # nonces are made for an address and port
        self.assertEqual(silent.allocate().code, 0)


if __name__ == "__main__":
    main()
