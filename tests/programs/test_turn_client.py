# SPDX-License-Identifier: MIT
"""turn-client against servers that misbehave on purpose: each failure has its
exit code and its finding."""
import json
import os
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from programs import (ALLOCATE, BINDING, ERROR, FAILURE, LIFETIME, NONCE,
                      REALM, REFRESH, SUCCESS, USERNAME, Stub, error,
                      long_term_key, main, program, run)
from turn_stub import (KEY, PASSWORD, REALM_TEXT, USER, Turn, TurnCase,
                       allocated, refuse)

class TurnClientTest(TurnCase):
    """One stub for each failure."""

    def test_T762_wrong_credentials(self):
        turn = Turn(lambda t, request: t.challenge(request))
        said, _ = self.finds(turn, 11, "SAT-CREDENTIALS")
        self.assertEqual(said["steps"][-1]["step"], "allocate")
        self.assertEqual(said["realm"], REALM_TEXT)
        self.assertIn("401", said["finding"]["seen"])
        self.assertIn("alice", said["finding"]["seen"])
        self.assertEqual(len(turn.authenticated), 1)  # not retried

    def test_S421_legacy_codes(self):
        for code, finding in ((430, "SAT-EXPIRED"), (431, "SAT-PASSWORD"),
                              (432, "SAT-LEGACY-FORMAT"),
                              (434, "SAT-LEGACY-FORMAT"),
                              (435, "SAT-LEGACY-FORMAT"), (436, "SAT-USER")):
            for protected in (True, False):
                turn = Turn(refuse(code, "Legacy", protected))
                # One that is signed with our key knows our password.
                said, _ = self.finds(
                    turn, 11, "SAT-CREDENTIALS" if protected and code == 431
                    else finding)
                self.assertIn(str(code), said["finding"]["seen"])
                self.assertEqual(len(turn.authenticated), 1)

    def test_T763_nonce_loop_ends_after_two_tries(self):
        turn = Turn(lambda t, request: t.challenge(request, 438))
        self.finds(turn, 12, "SAT-NONCE-LOOP")
        self.assertEqual(len(turn.authenticated), 2)

    def test_T763_same_nonce_ends_it_at_once(self):
        turn = Turn(lambda t, request: t.challenge(
            request, 438, request.attributes[NONCE]))
        self.finds(turn, 12, "SAT-NONCE-STUCK")
        self.assertEqual(len(turn.authenticated), 1)

    def test_T763_one_stale_nonce_is_normal(self):
        def after(turn, request):
            if len(turn.authenticated) == 1:
                return turn.challenge(request, 438)
            return refuse(486)(turn, request)

        turn = Turn(after)
        self.finds(turn, 13, "SAT-QUOTA")
        first, second = turn.authenticated[:2]
        self.assertNotEqual(first.tid, second.tid)  # T-750
        self.assertNotEqual(first.attributes[NONCE], second.attributes[NONCE])

    def test_T762_realm_changes(self):
        turn = Turn(lambda t, request: t.challenge(
            request, realm=f"realm-{len(t.authenticated)}"))
        self.finds(turn, 11, "SAT-REALM-CHANGES")
        self.assertEqual(len(turn.authenticated), 2)

    def test_T770_allocate_refusals(self):
        for code, exit_code, finding in (
                (400, 17, "SAT-BAD-REQUEST"), (403, 1, "SAT-FORBIDDEN"),
                (420, 17, "SAT-UNKNOWN-ATTRIBUTE"),
                (433, 11, "SAT-USE-TLS"), (437, 17, "SAT-OLD-ALLOCATION"),
                (440, 1, "SAT-FAMILY"), (441, 11, "SAT-OTHER-OWNER"),
                (442, 1, "SAT-TRANSPORT"), (486, 13, "SAT-QUOTA"),
                (500, 17, "SAT-SERVER-ERROR"), (508, 13, "SAT-FULL"),
                (499, 17, "SAT-UNKNOWN")):
            said, _ = self.finds(Turn(refuse(code)), exit_code, finding)
            self.assertNotIn("unprotected", said["finding"]["seen"])

    def test_T065_unprotected_error_is_told_after_a_while(self):
        said, _ = self.finds(Turn(refuse(486, protected=False)), 13,
                             "SAT-QUOTA")
        self.assertIn("(unprotected)", said["finding"]["seen"])
        self.assertGreaterEqual(said["steps"][-1]["ms"], 450)

    def test_T065_better_answer_beats_unprotected_error(self):
        def after(turn, request):
            return [refuse(508, protected=False)(turn, request),
                    refuse(486)(turn, request)]

        self.finds(Turn(after), 13, "SAT-QUOTA")

    def test_T064_success_without_valid_integrity(self):
        for key in (None, long_term_key(USER, REALM_TEXT, "other")):
            turn = Turn(lambda t, request, k=key: allocated(request, key=k))
            said, _ = self.finds(turn, 17, "SAT-INTEGRITY", "--timeout=600ms")
            self.assertIn("integrity", said["finding"]["seen"])

    def test_T175_success_that_lacks_attributes(self):
        def after(turn, request):
            if request.method == ALLOCATE:
                return request.reply(
                    SUCCESS, (LIFETIME, struct.pack("!I", 600)), key=KEY)
            if sum(r.method == REFRESH for r in turn.authenticated) < 2:
                return None
            return request.reply(SUCCESS, (LIFETIME, bytes(4)), key=KEY)

        _, stub = self.finds(Turn(after), 17, "SAT-BAD-ANSWER")
        # What was allocated is deleted all the same (T-802), even if the
        # first copy is lost.
        first, second = stub.of(REFRESH)
        self.assertEqual(first.raw, second.raw)
        self.assertEqual(second.attributes[LIFETIME], bytes(4))

    def test_T761_challenge_without_realm_or_nonce(self):
        for attributes in ([(REALM, b"r")], [(NONCE, b"n")], []):
            self.finds(lambda request, a=attributes: request.reply(
                FAILURE, (ERROR, error(401)), *a), 17, "SAT-BAD-CHALLENGE")

    def test_D21_no_credentials(self):
        _, stub = self.finds(Turn(None), 11, "SAT-NO-CREDENTIALS", user=None)
        self.assertEqual(len(stub.of(ALLOCATE)), 1)

    def test_D22_silence_after_credentials(self):
        self.finds(Turn(lambda t, request: None), 10, "SAT-AUTH-SILENT",
                   "--timeout=400ms")

    def test_D02_silence(self):
        said, stub = self.finds(lambda request: None, 10, "SAT-UDP-SILENT",
                                "--timeout=400ms")
        self.assertEqual([s["step"] for s in said["steps"]],
                         ["resolve", "binding", "challenge"])
        self.assertEqual(len(stub.of(ALLOCATE)), 1)

    def test_D03_stun_but_no_turn(self):
        def only_binding(request):
            return Turn(None)(request) if request.method == BINDING else None

        self.finds(only_binding, 10, "SAT-TURN-OFF", "--timeout=400ms")

    def test_D05_closed_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        done = run("turn-client", "--json", f"turn:127.0.0.1:{port}")
        self.assertEqual(done.code, 10)
        self.assertEqual(json.loads(done.out)["finding"]["finding"],
                         "SAT-PORT-CLOSED")
        self.assertLess(done.seconds, 3)

    def test_D14_wrong_source(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))

            def elsewhere(request):
                other.sendto(Turn(None)(request), request.source)

            said, _ = self.finds(elsewhere, 10, "SAT-WRONG-SOURCE",
                                 "--timeout=400ms")
            self.assertIn(f"127.0.0.1:{other.getsockname()[1]}",
                          said["finding"]["seen"])

    def test_D15_altered(self):
        def damage(request):
            raw = request.reply(FAILURE, (ERROR, error(401)), (REALM, b"r"),
                                (NONCE, b"n"), fingerprint=True)
            return raw[:-1] + bytes([raw[-1] ^ 1])

        self.finds(damage, 10, "SAT-ALTERED", "--timeout=400ms")

    def test_expired_user_name(self):
        turn = Turn(lambda t, request: t.challenge(request))
        self.finds(turn, 11, "SAT-EXPIRED", user="1600000000:alice")
        millis = f"{int(time.time()) + 3600}000:alice"
        turn = Turn(lambda t, request: t.challenge(request))
        self.finds(turn, 11, "SAT-EXPIRY-FORMAT", user=millis)

    def test_phrase_from_the_network_is_printed_safely(self):
        turn = Turn(refuse(486, "\x1b[31mred\n"))
        said, _ = self.finds(turn, 13, "SAT-QUOTA")
        self.assertIn("?[31mred?", said["finding"]["seen"])

    def test_D70_peer_forbidden(self):
        def after(turn, request):
            if request.method == ALLOCATE:
                return allocated(request)
            if request.method == REFRESH:
                return request.reply(SUCCESS, (LIFETIME, bytes(4)), key=KEY)
            return refuse(403, "Forbidden")(turn, request)

        _, stub = self.finds(Turn(after), 14, "SAT-PEER-FORBIDDEN")
        self.assertEqual(len(stub.of(REFRESH)), 2)  # both are deleted

    def test_data_that_is_lost(self):
        def after(turn, request):
            if request.method == ALLOCATE:
                return allocated(request)
            return request.reply(SUCCESS, (LIFETIME, bytes(4)), key=KEY)

        said, stub = self.finds(Turn(after), 15, "SAT-HAIRPIN", "-n", "1")
        self.assertEqual(said["data"], {"sent": 1, "returned": 0, "lost": 1,
                                        "altered": 0, "bytes": 160})
        self.assertIsNone(said["rtt"])
        self.assertEqual(len(stub.of(REFRESH)), 2)
        self.finds(Turn(after), 15, "SAT-RELAY-IN", "-n1",
                   "--peer=127.0.0.1:9")

    def test_secret_makes_ephemeral_credentials(self):
        turn = Turn(refuse(486, protected=False))
        self.check(turn, "--secret=north", "--ttl=10m", user="bob",
                   password="")
        name = turn.authenticated[0].attributes[USERNAME].decode()
        expiry, _, user = name.partition(":")
        self.assertEqual(user, "bob")
        self.assertAlmostEqual(int(expiry), time.time() + 600, delta=20)

    def test_record_holds_every_packet(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "r.pcap")
            turn = Turn(refuse(431, "Integrity Check Failure"))
            _, _, stub = self.check(turn, f"--record={path}")
            with open(path, "rb") as file:
                raw = file.read()
        self.assertEqual(struct.unpack_from("<I", raw)[0], 0xA1B2C3D4)
        self.assertEqual(struct.unpack_from("<I", raw, 20)[0], 101)  # raw IP
        packets, at = [], 24
        while at < len(raw):
            size = struct.unpack_from("<I", raw, at + 8)[0]
            packets.append(raw[at + 16:at + 16 + size])
            at += 16 + size
        self.assertEqual(len(packets), 2 * len(stub.requests))
        self.assertEqual([p[28:] for p in packets[::2]],
                         [r.raw for r in stub.requests])
        self.assertIn(b"Integrity Check Failure", packets[-1])

    def test_password_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(PASSWORD + "\nsecond line\n")
            file.flush()
            turn = Turn(refuse(486))  # would not verify with another password
            code, _, _ = self.check(turn, f"--password-file={file.name}",
                                    password="")
        self.assertEqual(code, 13)

    def test_table_of_several(self):
        with Stub(Turn(refuse(486))) as one, Stub(Turn(refuse(508))) as two:
            uris = [f"turn:127.0.0.1:{s.port}" for s in (one, two)]
            done = run("turn-client", "-u", USER, "-w", PASSWORD, *uris)
        self.assertEqual(done.code, 13)
        table = done.out.split("\n")[-4:]
        self.assertIn("SAT-QUOTA", table[1])
        self.assertIn("SAT-FULL", table[2])
        self.assertNotIn("\x1b", done.out)


class UsageTest(unittest.TestCase):
    """What is wrong with a command line is said in one line."""

    def test_faults_are_named(self):
        uri = "turn:127.0.0.1"
        for words, code, part in (
                ([], 2, "turn: URI"), (["--pasword=x", uri], 2, "--password?"),
                ([uri, "-u", "a"], 2, "no password"),
                (["-w", "x", uri], 2, "without a user name"),
                (["-u", "", "-w", "x", uri], 2, "empty"),
                (["-n", "0", uri], 2, "0"), (["-n", "5x", uri], 2, "5x"),
                (["-l", "65401", uri], 2, "65401"),
                (["--peer=127.0.0.1", uri], 2, "port"),
                (["--peer=x", uri], 2, "x"),
                (["--timeout=1y", uri], 2, "1y"),
                (["--secret=x", "-w", "y", uri], 2, "not both"),
                (["--password-file=/nowhere", "-u", "a", uri], 2, "/nowhere"),
                (["stun:127.0.0.1"], 2, "turn:"),
                (["turn:127.0.0.1:65536"], 2, "65536"),
                (["turn:127.0.0.1?transport=sctp"], 2, "sctp"),
                (["127.0.0.1"], 2, "turn:127.0.0.1 meant?"),
                (["turn://a.org"], 2, "turn:a.org meant?"),
                (["-z", "5", uri], 2, "--clients"),
                (["--rounds=2", uri], 2, "--repeat"),
                (["--tls-port=443", uri], 2, "--all-transports"),
                (["--ttl=1h", uri], 2, "--secret"),
                (["--audit", "-n", "3", uri], 2, "--audit sends no data"),
                (["-6", "turn:"], 2, "no host"),
                (["--ca=/nowhere/ca.pem", uri], 2, "/nowhere/ca.pem"),
                (["-m", "3", "--audit", uri], 2, "--audit"),
                (["-m", "3", "-l", "15", uri], 2, "16"),
                (["--repeat=1", "--audit", uri], 2, "--repeat"),
                (["--repeat=1ms", uri], 2, "1ms"),
                (["--probe", uri], 2, "--probe"),
                (["--record=/nowhere/x.pcap", uri], 3, "/nowhere/x.pcap")):
            done = run("turn-client", *words, env={"SATURN_PASSWORD": ""}
                       if "no password" not in part else None)
            self.assertEqual((done.code, done.out), (code, ""), words)
            self.assertIn(part, done.err)
            self.assertEqual(done.err.count("\n"), 1)

    def test_password_is_hidden_from_the_list_of_processes(self):
        with Stub(lambda request: None) as stub:
            client = subprocess.Popen(
                [program("turn-client"), "-u", "a", "-w", "hunter2hunter2",
                 "--timeout=20s", f"turn:127.0.0.1:{stub.port}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not stub.requests and client.poll() is None:
                time.sleep(0.01)
            with open(f"/proc/{client.pid}/cmdline", "rb") as file:
                words = file.read()
            client.terminate()
            client.wait(20)
        self.assertIn(b"turn-client", words)
        self.assertNotIn(b"hunter2", words)

    def test_empty_secret(self):
        done = run("turn-client", "--secret=", "turn:127.0.0.1")
        self.assertEqual(done.code, 2)
        self.assertIn("--secret", done.err)


if __name__ == "__main__":
    main()
