# SPDX-License-Identifier: MIT
"""turn-client and servers that send it elsewhere (300)."""
import socket
import struct

from programs import (ALLOCATE, ALTERNATE, ERROR, FAILURE, NONCE, REALM, Stub,
                      error, main)
from turn_stub import KEY, REALM_TEXT, Turn, TurnCase, refuse


class RedirectTest(TurnCase):
    """What a client does with an alternate server."""

    def test_D59a_S441_unprotected_redirect_is_not_followed(self):
        turn = Turn(lambda t, request: request.reply(
            FAILURE, (ERROR, error(300)),
            (ALTERNATE, b"\0\1\x0d\x96" + socket.inet_aton("192.0.2.1"))))
        self.finds(turn, 1, "SAT-REDIRECT-UNPROTECTED", "--timeout=400ms")

    def test_T626_T629_a_protected_redirect_is_followed(self):
        def redirect(turn, request):
            return request.reply(
                FAILURE, (ERROR, error(300)), (REALM, REALM_TEXT.encode()),
                (NONCE, b"of-the-other"),
                (ALTERNATE, b"\0\1" + struct.pack("!H", other.port)
                 + socket.inet_aton("127.0.0.1")), key=KEY)

        second = Turn(refuse(486))
        with Stub(second) as other:
            said, stub = self.finds(Turn(redirect), 13, "SAT-QUOTA")
        self.assertEqual(len(stub.of(ALLOCATE)), 2)
        # Its realm and nonce came with the 300: no challenge is needed.
        self.assertEqual(second.authenticated[0].attributes[NONCE],
                         b"of-the-other")
        self.assertEqual(len(other.of(ALLOCATE)), 1)
        self.assertIn("486", said["finding"]["seen"])

    def test_D57_redirect_to_nobody(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.bind(("127.0.0.1", 0))
            port = nobody.getsockname()[1]
            turn = Turn(lambda t, request: request.reply(
                FAILURE, (ERROR, error(300)),
                (ALTERNATE, b"\0\1" + struct.pack("!H", port)
                 + socket.inet_aton("127.0.0.1")), key=KEY))
            self.finds(turn, 10, "SAT-REDIRECT-DEAD", "--timeout=700ms")

    def test_D58_D59_redirects_that_lead_nowhere(self):
        for host, port, finding in (
                ("127.0.0.1", None, "SAT-REDIRECT-LOOP"),
                ("0.0.0.0", 3478, "SAT-REDIRECT-BAD"),
                ("224.0.0.1", 3478, "SAT-REDIRECT-BAD"),
                ("127.0.0.1", 0, "SAT-REDIRECT-BAD")):
            def redirect(turn, request, host=host, port=port):
                at = turn.port if port is None else port
                return request.reply(
                    FAILURE, (ERROR, error(300)),
                    (ALTERNATE, b"\0\1" + struct.pack("!H", at)
                     + socket.inet_aton(host)), key=KEY)

            self.finds(Turn(redirect), 1, finding)
        turn = Turn(lambda t, request: request.reply(
            FAILURE, (ERROR, error(300)), key=KEY))
        self.finds(turn, 1, "SAT-REDIRECT-BAD")

    def test_T631_an_unprotected_redirect_is_followed_on_demand(self):
        with Stub(Turn(refuse(486))) as other:
            first = Turn(lambda t, request: None)
            first.challenge = lambda request, *rest, **more: request.reply(
                FAILURE, (ERROR, error(300)),
                (ALTERNATE, b"\0\1" + struct.pack("!H", other.port)
                 + socket.inet_aton("127.0.0.1")))
            self.finds(first, 1, "SAT-REDIRECT-UNPROTECTED")
            self.finds(first, 13, "SAT-QUOTA", "--follow-unprotected")


if __name__ == "__main__":
    main()
