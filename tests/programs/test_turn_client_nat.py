# SPDX-License-Identifier: MIT
"""turn-client against two real servers, ours and coturn, behind a NAT that
changes ports and gives them to others."""
import time
import unittest

from programs import ALLOCATE, REFRESH, main
from turn_nat import Nat, NatCase
from turn_servers import SERVERS, Coturn
from turn_talk import BIND, PERMIT, Client


class PortsTest(NatCase):
    """Ports that change, and that have another owner."""

    def test_D33_a_port_for_each_request(self):
        self.each(lambda server: self.finds(server, (12, "SAT-NONCE-LOOP"),
                                            roam=True))

    def test_D32_a_port_that_changes_once_is_no_fault(self):
        def change(server):
            with Nat(("127.0.0.1", server.port)) as middle:
                middle.before(ALLOCATE, middle.rebind)
                self.through(middle, (0, None))
                self.assertEqual(middle.tries(), 2)

        self.each(change)

    @unittest.skipUnless(Coturn in SERVERS, "coturn is not installed")
    def test_D81_a_nonce_that_has_gone_stale_is_no_fault(self):
        """Those of our server live for 40 seconds at least."""
        server = self.server(Coturn, "--stale-nonce=1")
        with Nat(("127.0.0.1", server.port)) as middle:
            middle.before(REFRESH, lambda _: time.sleep(2.2))
            self.through(middle, (0, None))
            self.assertEqual(middle.tries(), 2)

    def test_D38_allocation_of_an_earlier_run(self):
        """The NAT gives both clients the same port. coturn says 437 before
        it asks for credentials."""
        def reuse(server):
            for user in ("alice", "secret"), ("bob", "word"):
                with Nat(("127.0.0.1", server.port), same=True) as middle:
                    earlier = Client(middle.address, *user)
                    self.addCleanup(earlier.close)
                    self.assertEqual(earlier.allocate().code, 0)
                    middle.requests.clear()
                    self.through(middle, (17, "SAT-OLD-ALLOCATION"))

        self.each(reuse)

    def test_D37_the_port_has_another_owner_now(self):
        """The NAT has given the port to bob, behind the back of alice."""
        def give(server):
            for method in REFRESH, PERMIT, BIND:
                with Nat(("127.0.0.1", server.port)) as middle:
                    middle.before(method, middle.give_to_bob)
                    said = self.through(middle, (11, "SAT-OTHER-OWNER"))
                    self.assertIn("441", said["finding"]["seen"])

        self.each(give)

    def test_D73_D77_restart_of_the_server(self):
        """coturn answers 400 where no allocation is: the Refresh tells."""
        def restart(server):
            def crash(_):
                server.kill()
                server.start()

            for method in REFRESH, PERMIT, BIND:
                with Nat(("127.0.0.1", server.port)) as middle:
                    middle.before(method, crash)
                    said = self.through(middle, (17, "SAT-ALLOCATION-LOST"))
                    self.assertIn("437", said["finding"]["seen"])

        self.each(restart)


if __name__ == "__main__":
    main()
