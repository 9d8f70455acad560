# SPDX-License-Identifier: MIT
"""turn-client against two real servers, ours and coturn, in each failure that
a server, or a NAT in front of it, can be brought to.

What none of the two says: 430 and 432 to 436 are of RFC 3489 and Expressways
(stubs: test_turn_client.py, S421). 431 is said by ours, where it imitates one;
coturn says 401. 442 is said by coturn to UDP where only TCP is relayed; ours
says 403 then (RFC 8656, 7.2), and 442 only to what this client never asks for.
300 comes from ours when it drains, protected; from coturn to everyone who has
not yet logged in, unprotected. 508 for want of ports is said by both; the
quota of all is 508 for ours, and 486 for coturn. The same nonce again (D-34)
and a realm that changes (D-24) are said by none. What takes a NAT to happen
(437, 438, 441) is in test_turn_client_nat.py."""
import time
import unittest

from programs import LIFETIME, REFRESH, main
from turn_nat import ALICE, NatCase
from turn_servers import SERVERS, Coturn, Ours
from turn_talk import Client

# Failure: options of both servers, of ours, of coturn, of the client; what
# comes of it with ours, and with coturn; None: it cannot be brought to it.
WRONG, NOBODY = ("-u", "alice", "-w", "x"), ("-u", "nobody", "-w", "secret")
OLD = ("-u", "1600000000:alice", "-w", "x")
SECRET = ("--use-auth-secret", "--static-auth-secret=north")
ONE_PORT = ("--min-port=30999", "--max-port=30999")
REFUSALS = {
    "D-21 no credentials": ((), (), (), (), (11, "SAT-NO-CREDENTIALS"),
                            (11, "SAT-NO-CREDENTIALS")),
    "D-23 wrong password": ((), (), (), WRONG, (11, "SAT-CREDENTIALS"),
                            (11, "SAT-CREDENTIALS")),
    "D-23 unknown user": ((), (), (), NOBODY, (11, "SAT-CREDENTIALS"),
                          (11, "SAT-CREDENTIALS")),
    "D-23 expired": ((), SECRET, (), OLD, (11, "SAT-EXPIRED"),
                     (11, "SAT-EXPIRED")),
    "D-26 431": ((), ("--integrity-failure-code=431",), None, WRONG,
                 (11, "SAT-PASSWORD"), None),
    "D-27 431, unknown user": ((), ("--integrity-failure-code=431",), None,
                               NOBODY, (11, "SAT-CREDENTIALS"), None),
    "D-50, D-52 no relaying over UDP": (("--no-udp-relay",), (), (), ALICE,
                                        (1, "SAT-FORBIDDEN"),
                                        (1, "SAT-TRANSPORT")),
    "D-53 quota of a user": (("--user-quota=1",), (), (), ALICE,
                             (13, "SAT-QUOTA"), (13, "SAT-QUOTA")),
    "D-53, D-54 quota of all": (("--total-quota=1",), (), (), ALICE,
                                (13, "SAT-FULL"), (13, "SAT-QUOTA")),
    "D-54 ports used up": (ONE_PORT, (), (), ALICE, (13, "SAT-FULL"),
                           (13, "SAT-FULL")),
    "D-70 peer denied": (("--denied-peer-ip=127.0.0.1",), (), (), ALICE,
                         (14, "SAT-PEER-FORBIDDEN"),
                         (14, "SAT-PEER-FORBIDDEN")),
    "D-59a alternate": ((), None, ("--alternate-server=127.0.0.1:9",), ALICE,
                        None, (1, "SAT-REDIRECT-UNPROTECTED")),
    "D-57 alternate is dead": ((), None, ("--alternate-server=127.0.0.1:9",),
                               (*ALICE, "--follow-unprotected"), None,
                               (10, "SAT-REDIRECT-DEAD")),
}


class RefusalsTest(NatCase):
    """What a server says by itself."""

    def test_table_of_refusals(self):
        for failure, (both, ours, coturn, words, *expected) in (
                REFUSALS.items()):
            for kind in SERVERS:
                more = ours if kind is Ours else coturn
                want = expected[kind is not Ours]
                if more is None:
                    continue
                server = kind(*both, *more)
                try:
                    with self.subTest(failure, server=kind.name):
                        said = self.finds(server, want, *(
                            words or ("--timeout=39s",)), tries=1)
                        self.assertFalse(said["ok"])
                finally:
                    server.end()


class RedirectsTest(NatCase):
    """300 of real servers."""

    def drain(self, server):
        """Let a server of ours go down slowly: it has an allocation."""
        client = Client(("127.0.0.1", server.port))
        self.addCleanup(client.close)
        self.assertEqual(client.allocate().code, 0)
        server.server.process.terminate()
        for _ in range(200):
            asked = Client(("127.0.0.1", server.port))
            code = asked.allocate().code
            asked.ask(REFRESH, (LIFETIME, bytes(4)))
            asked.close()
            if code != 0:
                return
            time.sleep(0.02)
        self.fail("it does not drain")

    def test_D50_D56_D57_D58_a_server_that_drains(self):
        other = self.server(Ours)
        for words, expected in (
                ((), (1, "SAT-FORBIDDEN")),
                (("--alternate-server=127.0.0.1:9",),
                 (10, "SAT-REDIRECT-DEAD")),
                ((f"--alternate-server=127.0.0.1:{other.port}",), (0, None))):
            server = self.server(Ours, *words)
            self.drain(server)
            said = self.finds(server, expected)
        allocate, = [step for step in said["steps"]
                     if step["step"] == "allocate"]
        self.assertIn(f"redirected to 127.0.0.1:{other.port}",
                      allocate["detail"])

    @unittest.skipUnless(Coturn in SERVERS, "coturn is not installed")
    def test_T631_alternate_server_of_coturn(self):
        other = self.server(Ours)
        server = self.server(
            Coturn, f"--alternate-server=127.0.0.1:{other.port}")
        self.finds(server, (1, "SAT-REDIRECT-UNPROTECTED"))
        said = self.finds(server, (0, None), *ALICE, "--follow-unprotected")
        self.assertEqual(said["server"], f"127.0.0.1:{other.port}")


if __name__ == "__main__":
    main()
