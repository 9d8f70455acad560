#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test how stun-decode verifies credentials and explains refusals.

usage: test_decode_findings.py [TEST...]
"""
import base64
import hashlib
import hmac
import os
import sys
import tempfile

from captures import attribute, key, pcap, stun, xor_address
from decode_run import Run, decode, hexadecimal, main, same, story, test, u
from decode_talk import (P, R, U, asks, begun, challenge, granted, refused,
                         verify)


@test
def a_challenge_and_success_is_no_finding_D20():
    talk = begun().ask(asks(2)).answer(granted(2))
    run = verify(talk, "-u", U, "-w", P)
    same([run.code, run.findings], [0, []])
    same([m["integrity"] for m in run.messages],
         ["absent", "absent", "valid", "valid"])
    same([m["integrity"] for m in verify(talk).messages][2:],
         ["unchecked", "unchecked"])
    same(verify(talk).code, 0)


@test
def expressway_tells_which_side_is_wrong_D26_S423():
    both = ("-u", "expturncreds", "-w")
    right = hexadecimal(story(1, 2, 3, 4), *both, "c1sco-meeting")
    same(right.ids(), ["SAT-PASSWORD-CASE"])
    same(right.findings[0]["frames"], [3, 4])
    assert "the client is wrong" in right.findings[0]["text"]
    same([m["integrity"] for m in right.messages][2:], ["invalid", "valid"])
    wrong = hexadecimal(story(1, 2, 3, 4), *both, "C1sco-meeting")
    same(wrong.ids(), ["SAT-PASSWORD-CASE"])
    assert "the server is wrong" in wrong.findings[0]["text"]
    for word, side in (("c1sco-meeting", "client"), ("C1sco-meeting",
                                                     "server")):
        run = hexadecimal(story(1, 2, 3, 4), "--key", key(
            "expturncreds", "TANDBERG", word).hex())
        same(run.ids(), ["SAT-PASSWORD"])
        assert ("client another one" if side == "client"
                else "server holds another") in run.findings[0]["text"]
    neither = hexadecimal(story(1, 2, 3, 4), *both, "x")
    assert "neither side" in neither.findings[0]["text"]
    both_given = hexadecimal(story(1, 2, 3, 4), *both, "c1sco-meeting", "-w",
                             "C1sco-meeting")
    assert "different passwords" in both_given.findings[0]["text"]
    assert "with credential 2, the answer" in both_given.findings[0]["text"]
    for lines in ((1, 2, 3, 5), (1, 2, 3, 6), (3, 5), (3, 6)):
        run = hexadecimal(story(*lines), *both, "c1sco-meeting")
        same(run.ids(), ["SAT-PASSWORD-CASE"], lines)
        assert "first letter" in run.findings[0]["text"], lines
        run = hexadecimal(story(*lines), *both, "C1sco-meeting")
        same(run.ids(), ["SAT-PASSWORD"], lines)
        assert "server holds another" in run.findings[0]["text"], lines
    same(hexadecimal(story(1, 2, 7, 8), *both, "c1sco-meeting").findings, [])
    same(hexadecimal(story(3, 4)).ids(), ["SAT-PASSWORD"])
    same(hexadecimal(story(3, 5)).ids(), ["SAT-CREDENTIALS"])


@test
def a_given_password_that_nobody_uses_is_said_so():
    talk = begun().ask(asks(2)).answer(granted(2))
    run = verify(talk, "-u", U, "-w", "other")
    same(run.ids(), ["SAT-PASSWORD-GIVEN"])
    same([m["integrity"] for m in run.messages][2:], ["invalid", "invalid"])


@test
def refusals_name_the_side_at_fault_D23():
    refusal = begun().ask(asks(2, "typo")).answer(refused(2))
    cases = [
        ((), "SAT-CREDENTIALS", "nothing was given"),
        (("-u", U, "-w", P), "SAT-PASSWORD", "client holds another"),
        (("-u", U, "-w", "typo"), "SAT-PASSWORD", "server holds another"),
        (("-u", "bob", "-w", P), "SAT-USER", "not among those given"),
        (("-u", "ALICE", "-w", P), "SAT-USER", "differs in case or blanks"),
        (("-u", U, "-w", P, "-r", "else"), "SAT-REALM", "realm given"),
    ]
    for args, want, words in cases:
        run = verify(refusal, *args)
        same(run.ids(), [want], args)
        same(run.code, 1)
        assert words in run.findings[0]["text"], run.findings


@test
def a_later_success_takes_guesses_back_D90():
    talk = begun().ask(asks(2)).answer(refused(2))
    talk.ask(asks(3)).answer(granted(3))
    same(verify(talk).findings, [])
    same(verify(talk, "-u", U, "-w", P).findings, [])


@test
def the_realm_is_compared_D24():
    talk = begun().ask(asks(2, realm="typed.in")).answer(refused(2))
    run = verify(talk, "-u", U, "-w", P)
    same(run.ids(), ["SAT-REALM"])
    talk = begun().ask(asks(2)).answer(refused(2, realm="other.node"))
    same(verify(talk, "-u", U, "-w", P).ids(), ["SAT-REALM-CHANGES"])


@test
def no_credentials_is_said_so_D21():
    same(verify(begun()).ids(), ["SAT-NO-CREDENTIALS"])


@test
def nonce_loops_are_found_D33_D34():
    talk = begun()
    for i in range(2, 7):
        talk.ask(asks(i, nonce=f"nonce-{i - 1}"))
        talk.answer(challenge(i, 438, f"nonce-{i}"))
    run = verify(talk)
    same(run.ids(), ["SAT-NONCE-LOOP"])
    talk = begun()
    for i in range(2, 7):
        talk.ask(asks(i)).answer(challenge(i, 438, f"nonce-{i}"))
    same(verify(talk).ids(), ["SAT-NONCE-STUCK"])
    talk = begun().ask(asks(2)).answer(challenge(2, 438))
    same(verify(talk).ids(), ["SAT-NONCE-STUCK"])
    talk = begun().ask(asks(2)).answer(challenge(2, 438, "new"))
    talk.ask(asks(3, nonce="new")).answer(granted(3))
    same(verify(talk).findings, [])


@test
def codes_are_explained_D50():
    peer = (attribute(0x12, xor_address("127.0.0.1", 9)),)
    for code, method, want in (
            (403, 3, "SAT-FORBIDDEN"), (403, 8, "SAT-PEER-FORBIDDEN"),
            (403, 9, "SAT-PEER-FORBIDDEN"), (437, 3, "SAT-OLD-ALLOCATION"),
            (437, 4, "SAT-ALLOCATION-LOST"), (441, 4, "SAT-OTHER-OWNER"),
            (486, 3, "SAT-QUOTA"), (508, 3, "SAT-FULL"),
            (508, 8, "SAT-PEER-LIMIT"), (436, 3, "SAT-USER"),
            (440, 3, "SAT-FAMILY"), (442, 3, "SAT-TRANSPORT")):
        talk = begun().ask(asks(2, method=method, more=peer))
        talk.answer(refused(2, code, method=method))
        run = verify(talk)
        same(run.ids(), [want], code)
        same(run.findings[0]["frames"], [3, 4], code)
        assert "192.0.2.1:3478" in run.findings[0]["text"]
        if want == "SAT-PEER-FORBIDDEN":
            assert "127.0.0.1:9" in run.findings[0]["text"]


@test
def bad_fingerprints_are_found_D15():
    message = bytearray(stun(1, "request", 1, fingerprint=True))
    message[12] ^= 1
    run = decode(pcap([u(bytes(message))]))
    same(run.ids(), ["SAT-ALTERED"])
    same(run.messages[0]["fingerprint"], "invalid")


@test
def silence_is_found_D02():
    ask = stun(3, "request", 1)
    run = decode(pcap([u(ask)] * 7))
    same(run.ids(), ["SAT-UDP-SILENT"])
    same(decode(pcap([u(ask)])).findings, [])
    check = stun(1, "request", 1, attribute(0x24, b"\0\0\0\1"))
    same(decode(pcap([u(check)] * 7)).findings, [])
    same(hexadecimal(f"{ask.hex()}\n" * 7).findings, [])


@test
def bad_integrity_of_a_success_is_found_D39():
    talk = begun().ask(asks(2)).answer(granted(2, "forged"))
    same(verify(talk, "-u", U, "-w", P).ids(), ["SAT-INTEGRITY"])


# The test data of the credential analysis: a request without its last 20
# bytes, and a protected 437.
CMS_REQUEST = (
    "000300642112a442a1b2c3d4e5f60718293a4b20001900041100000000060007636d7374"
    "75726e00001400107475726e2e6578616d706c652e6f72670015001e6f624d61744a6f73"
    "324141414136356631633261302d3763316630653364000000080014")
CMS_437 = (
    "011300342112a442a1b2c3d4e5f60718293a4b200009001700000425416c6c6f63617469"
    "6f6e204d69736d617463680000080014c3e40cc1d9129522b1a14d115426d11327394823")


@test
def credential_analysis_data_K1_K11_K15():
    one, two = "s3cr3t-Pa55", "s3cr3t-Pa56"
    for mac, want in (("11b82ccc40606dc64b0dfc2c7b92a8fb31ac6e90", "valid"),
                      ("4f916dc4859ea269636a6d90293a5ad2cb47965e", "valid"),
                      ("00112233445566778899aabbccddeeff00112233",
                       "invalid")):
        run = hexadecimal(CMS_REQUEST + mac, "-u", "cmsturn", "-w", one, "-w",
                          "winter-2016")
        same(run.messages[0]["integrity"], want, mac)
    lines = f"{CMS_REQUEST}11b82ccc40606dc64b0dfc2c7b92a8fb31ac6e90\n" \
            f"{CMS_437}\n"
    run = hexadecimal(lines, "-u", "cmsturn", "-w", one, "-w", two)
    same(sorted(run.ids()), ["SAT-OLD-ALLOCATION", "SAT-PASSWORD"])
    run = hexadecimal(lines, "-u", "cmsturn", "-w", one)
    same(sorted(run.ids()), ["SAT-INTEGRITY", "SAT-OLD-ALLOCATION"])


@test
def all_kinds_of_credentials_verify():
    digest = key(U, R, P).hex()
    talk = begun().ask(asks(2)).answer(granted(2))
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return path
        conf = write("conf", "# c\nrealm = example.org\nlt-cred-mech\n"
                             f"user=bob:x\nuser={U}:{P}\n")
        ready = write("ready", f"user={U}:0x{digest}\n")
        table = write("table", f"bob:{R}:{'0' * 32}\n{U}:{R}:{digest}\n")
        word = write("word", P + "\n")
        for args, env in ((("--key", digest), {}), (("-c", conf), {}),
                          (("-c", ready), {}), (("--htdigest", table), {}),
                          (("-u", U, "--password-file", word), {}),
                          (("-u", U), {"SATURN_PASSWORD": P}),
                          (("-w", P), {}),
                          (("-u", "bob", "-w", "x", "-u", U, "-w", P), {}),
                          (("-u", U, "-w", "no", "-w", P), {})):
            run = verify(talk, *args, env=env)
            same([m["integrity"] for m in run.messages],
                 ["absent", "absent", "valid", "valid"], args)
            same(run.code, 0, args)


@test
def ephemeral_credentials_verify_and_expire():
    for expiry, ids in ((1892244802, []), (1292244802, ["SAT-EXPIRED"])):
        name = f"{expiry}:alice"
        word = base64.b64encode(hmac.new(b"north", name.encode(),
                                         hashlib.sha1).digest()).decode()
        talk = begun().ask(asks(2, word, name))
        talk.answer(refused(2) if ids else stun(
            3, "success", 2, key=key(name, R, word)))
        run = verify(talk, "--secret", "north")
        same(run.messages[2]["integrity"], "valid")
        same(run.ids(), ids)


@test
def secrets_are_never_printed_D96():
    talk = begun().ask(asks(2, "tHe-typ0")).answer(refused(2))
    for args in ((), ("--json",), ("-v",)):
        run = Run(*args, "-u", U, "-w", "tHe-paSSw0rd", "--secret",
                  "tHe-seCRet", "FILE", data=pcap(talk.packets))
        for word in ("tHe-paSSw0rd", "tHe-seCRet", "tHe-typ0"):
            assert word not in run.out + run.err, (args, word)


sys.exit(main())
