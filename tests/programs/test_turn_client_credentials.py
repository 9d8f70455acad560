# SPDX-License-Identifier: MIT
"""turn-client with credentials that are refused, against two real servers: it
tells what is wrong as far as the answers permit, says how far that was, and
claims no more."""
import concurrent.futures
import json

from programs import (ERROR, FAILURE, NONCE, REALM, error, long_term_key,
                      main, run)
from turn_nat import NatCase
from turn_servers import SERVERS, Coturn, Ours
from turn_stub import KEY, Turn, TurnCase, refuse

ALIKE = "A user that cannot exist is answered alike (401)"
ORDER = "With a wrong nonce the answer is 401, not 438"
NOTHING = "With a wrong nonce everyone is answered 438"
MUTE = "A 401 does not tell an unknown user from a wrong password"

# What is wrong: the words, the finding, what is told; with --probe: the
# finding, what is told by ours, by coturn.
SECRET = "--secret=south", "-u", "al"
MISTAKES = {
    "password": (("-u", "alice", "-w", "x"), "CREDENTIALS", MUTE,
                 "CREDENTIALS", (ALIKE, ORDER), (ALIKE, NOTHING)),
    "user": (("-u", "nobody", "-w", "secret"), "CREDENTIALS", MUTE,
             "CREDENTIALS", (ALIKE, ORDER), (ALIKE, NOTHING)),
    "case of the user": (("-u", "Alice", "-w", "secret"), "CREDENTIALS", MUTE,
                         "USER", ("The user alice is accepted",) * 2, None),
    "blank": (("-u", "alice", "-w", "secret "), "CREDENTIALS",
              "has blanks around it", "PASSWORD-BLANK",
              ("Without the blanks around it",) * 2, None),
    "quotes": (("-u", "alice", "-w", '"secret"'), "CREDENTIALS",
               "has quotes around it", "PASSWORD-QUOTES",
               ("Without the quotes around it",) * 2, None),
    "realm": (("-u", "alice", "-w", "x", "--realm=other"), "CREDENTIALS",
              "has the realm turn.example.org, not other", "CREDENTIALS",
              ("With the realm other the answer is 401", ALIKE),
              ("With the realm other the answer is 437", ALIKE)),
    "expired": (("-u", "1600000000:al", "-w", "x"), "EXPIRED", "", "EXPIRED",
                (ALIKE, ORDER), (ALIKE, NOTHING)),
    "secret": (SECRET, "CREDENTIALS", "or another secret", "CREDENTIALS",
               (ALIKE, ORDER), (ALIKE, NOTHING)),
}


class RefusedTest(NatCase):
    """Each mistake, without more tries than two, and with leave for more."""

    def ask(self, server, *words):
        """The finding, without its first letters, and what is told."""
        done = run("turn-client", "--json", *words,
                   f"turn:127.0.0.1:{server.port}")
        self.assertEqual(done.code, 11, done.out)
        said = json.loads(done.out)
        return said["finding"]["finding"].removeprefix("SAT-"), said["told"]

    def check(self, server, words, finding, told, probed, ours, coturn):
        """One mistake, twice."""
        got = self.ask(server, *words)
        self.assertEqual(got[0], finding, got)
        self.assertIn(told, got[1] or "")
        self.assertNotIn("is known", got[1] or "")
        got = self.ask(server, *words, "--probe")
        self.assertEqual(got[0], probed, got)
        for part in coturn if coturn and server.name != "ours" else ours:
            self.assertIn(part, got[1])

    def test_D23_D29_mistakes(self):
        secret = ("--use-auth-secret", "--static-auth-secret=north")
        servers = [(Ours(*secret), MISTAKES)]
        if Coturn in SERVERS:  # either this or that, for coturn
            servers += [(Coturn(), {name: row for name, row in MISTAKES.items()
                                    if row[0] != SECRET}),
                        (Coturn(*secret, users=()), {"secret":
                                                     MISTAKES["secret"]})]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            futures = [(name, server.name, pool.submit(
                self.check, server, *row)) for server, mistakes in servers
                       for name, row in mistakes.items()]
            for name, kind, future in futures:
                with self.subTest(name, server=kind):
                    future.result()
        for server, _ in servers:
            server.end()

    def test_D26_D27_431_is_about_the_password(self):
        server = self.server(Ours, "--integrity-failure-code=431")
        name, told = self.ask(server, "-u", "alice", "-w", "x")
        self.assertEqual(name, "PASSWORD")
        self.assertIn("431 is about the password alone", told)
        name, told = self.ask(server, "-u", "alice", "-w", "x", "--probe")
        self.assertEqual(name, "PASSWORD")
        self.assertIn("A user that cannot exist is answered otherwise (401",
                      told)
        name, told = self.ask(server, "-u", "nobody", "-w", "x", "--probe")
        self.assertEqual(name, "CREDENTIALS")
        self.assertIn(ALIKE, told)


class StubTest(TurnCase):
    """Answers that none of the two gives."""

    def test_a_refusal_that_is_signed_with_our_own_key(self):
        """The server holds the same password."""
        for code, finding in ((401, "SAT-CREDENTIALS"),
                              (431, "SAT-PASSWORD")):
            for key, same in ((KEY, True),
                              (long_term_key("alice", "r", "x"), False),
                              (None, False)):
                def after(turn, request, code=code, key=key):
                    return request.reply(
                        FAILURE, (ERROR, error(code)),
                        (REALM, turn.realm.encode()), (NONCE, b"n"), key=key)

                said, _ = self.finds(Turn(after), 11, "SAT-CREDENTIALS"
                                     if same else finding)
                self.assertEqual("holds the same" in said["told"], same)
                self.assertEqual("compare it" in said["told"],
                                 code == 431 and not same)

    def test_T761_a_second_401_without_realm_or_nonce(self):
        said, stub = self.finds(Turn(refuse(401, protected=False)), 11,
                                "SAT-CREDENTIALS")
        self.assertIn("401", said["finding"]["seen"])
        self.assertIn(MUTE, said["told"])
        self.assertEqual(len(stub.requests), 3)


if __name__ == "__main__":
    main()
