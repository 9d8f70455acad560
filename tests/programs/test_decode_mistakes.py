#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test that stun-decode names the mistake in a MESSAGE-INTEGRITY that does not
verify.

usage: test_decode_mistakes.py [TEST...]
"""
import base64
import hashlib
import hmac
import sys
import unicodedata

from captures import attribute, pcap, stun
from decode_run import Run, decode, hexadecimal, main, same, test
from decode_talk import (N, P, R, U, asks, begun, granted, refused, verify)

# The test data of the credential analysis: requests without their last 20
# bytes, and what follows from each HMAC.
CMS = (
    "000300642112a442a1b2c3d4e5f60718293a4b20001900041100000000060007636d7374"
    "75726e00001400107475726e2e6578616d706c652e6f72670015001e6f624d61744a6f73"
    "324141414136356631633261302d3763316630653364000000080014")
CMS_437 = (
    "011300342112a442a1b2c3d4e5f60718293a4b200009001700000425416c6c6f63617469"
    "6f6e204d69736d617463680000080014c3e40cc1d9129522b1a14d115426d11327394823")
REST = (
    "0003006c2112a442a1b2c3d4e5f60718293a4b2100190004110000000006001031373030"
    "3030303030303a616c696365001400107475726e2e6578616d706c652e6f72670015001e"
    "6f624d61744a6f73324141414136356631633261302d3763316630653364000000080014")
LONG_TERM = {
    "K2": ("e739987961b0e632019243e7570d4d23027389f6", "SAT-PASSWORD-NEWLINE",
           "credential 1 with a line end (LF) behind it"),
    "K3": ("f31cc9988de4d2f0cbf882cf01a60a81fe62b338", "SAT-PASSWORD-BLANK",
           "credential 1 with a blank behind it"),
    "K4": ("328bb56b92befc2a16279704e489fc77a0971fb6", "SAT-REALM-KEY",
           "a default realm in the key"),
    "K5": ("9126bb6357e96059e5befa8513cb9abb641d1112", "SAT-REALM-QUOTES",
           "the realm in double quotes"),
    "K6": ("250d445eb8a4dd162247aceac0a2d71924ea58bb", "SAT-SHORT-TERM",
           "credential 1 as key"),
    "K7": ("22ad238d24007d1a36d1f521bc5629d581f6b518", "SAT-ALGORITHM",
           "SHA-256 where MD5"),
    "K8": ("f1bf7fb9659fd29a7bea7d72bbc56feac3f1b0c2", "SAT-PASSWORD-PERCENT",
           "percent-encoded"),
    "K9": ("f812d61356523236eb7196adfa22e7995d237e97", "SAT-USER-KEY",
           "user in upper case"),
    "K10": ("e2cb392434dea8b9cb115122f749c15be0a0eb4e", "SAT-PASSWORD-EMPTY",
            "it is empty"),
    "K12": ("6f5e9ae3d81b8cc297e1ac3e955f12c0b14ef8b0", "SAT-KEY-AS-PASSWORD",
            "ready-made key in hexadecimal"),
    "K13": ("b1245236fc3e103b2e1581de423fa428f0bd4096", "SAT-HMAC-RULES",
            "counts a FINGERPRINT"),
    "K14": ("af830c901842e63beb48502816e88dd3c12c4608", "SAT-HMAC-RULES",
            "without MESSAGE-INTEGRITY"),
}
EPHEMERAL = {
    "R2": ("656ed88ccf301407226ea4598c0ea60922476304", "SAT-USER-PART",
           "the user part alone"),
    "R3": ("ce31d211d4c26d0d9195c8d2988e30c4b0d11185", "SAT-USER-PART",
           "the time alone"),
    "R4": ("008151a96a34a5f915acfe11bdc0c83e2838fb8f", "SAT-PASSWORD-SHA256",
           "HMAC-SHA256"),
    "R5": ("6b6e31e28f607ea35dcf40a3de1593611b81a7a5", "SAT-PASSWORD-PADDING",
           "without its padding"),
    "R6": ("668b856e96492eaeb7aafc9ae86c6406a3708cbe", "SAT-PASSWORD-URLSAFE",
           "URL-safe"),
    "R7": ("db62a50536080010823e865eac9d81ec202677d4", "SAT-PASSWORD-HEX",
           "in hexadecimal"),
    "R8": ("18ec47bdf720abbf4dffbda8acb5edba03c6f71d", "SAT-SECRET-NEWLINE",
           "a line end (LF) behind it"),
    "R10": ("156806b9f35535f38a37097396b92846220f2466", "SAT-SECRET-PASSWORD",
            "the secret itself"),
}


def one(run, finding, words, what):
    same(run.ids(), [finding], what)
    assert words in run.findings[0]["text"], (what, run.findings)


@test
def credential_analysis_data_K2_to_K14():
    for case, (mac, finding, words) in LONG_TERM.items():
        run = hexadecimal(CMS + mac, "-u", "cmsturn", "-w", "s3cr3t-Pa55",
                          "-w", "winter-2016")
        one(run, finding, words, case)
        same(run.messages[0]["integrity"], "invalid", case)


@test
def credential_analysis_data_R2_to_R10():
    for case, (mac, finding, words) in EPHEMERAL.items():
        run = hexadecimal(REST + mac, "--secret", "north")
        one(run, finding, words, case)
    for case, mac in (("R1", "80483dc6f84447e2689af2a093bff044aa68109d"),
                      ("R9", "07ae750d42e2b54dd2570317d3103c5c04ca9c81")):
        same(hexadecimal(REST + mac, "--secret", "north").findings, [], case)


def refused_with(password, *args, user=U, **more):
    talk = begun().ask(asks(2, password, user, **more)).answer(refused(2))
    return verify(talk, *args)


@test
def mistakes_in_passwords_are_named_3_3():
    given = "Tr0ub$leX & <4> \\n+1"
    cases = {
        given + "\n": "SAT-PASSWORD-NEWLINE",
        given + "\r\n": "SAT-PASSWORD-NEWLINE",
        "\n" + given: "SAT-PASSWORD-NEWLINE",
        given + " ": "SAT-PASSWORD-BLANK",
        " " + given: "SAT-PASSWORD-BLANK",
        given + "\t": "SAT-PASSWORD-BLANK",
        f'"{given}"': "SAT-PASSWORD-QUOTES",
        f"'{given}'": "SAT-PASSWORD-QUOTES",
        "Tr0ub & <4> \\n+1": "SAT-PASSWORD-EXPANDED",
        "Tr0ub$leX & <4> n+1": "SAT-PASSWORD-EXPANDED",
        given.lower(): "SAT-PASSWORD-CASE",
        given.upper(): "SAT-PASSWORD-CASE",
        given.swapcase(): "SAT-PASSWORD-CASE",
        "t" + given[1:]: "SAT-PASSWORD-CASE",
        given[:-1]: "SAT-PASSWORD-CUT",
        given[:8]: "SAT-PASSWORD-CUT",
        given[:16]: "SAT-PASSWORD-CUT",
        given[:9]: "SAT-PASSWORD-CUT",
        "Tr0ub%24leX%20%26%20%3C4%3E%20%5Cn%2B1": "SAT-PASSWORD-PERCENT",
        given.replace("+", " "): "SAT-PASSWORD-PERCENT",
        given.replace(" ", "+"): "SAT-PASSWORD-PERCENT",
        "Tr0ub$leX &amp; &lt;4&gt; \\n+1": "SAT-PASSWORD-ENTITY",
        base64.b64encode(given.encode()).decode(): "SAT-PASSWORD-ENCODED",
        given.encode().hex(): "SAT-PASSWORD-ENCODED",
        "": "SAT-PASSWORD-EMPTY",
        "entirely different": "SAT-PASSWORD",
    }
    for used, finding in cases.items():
        run = refused_with(used, "-u", U, "-w", given)
        same(run.ids(), [finding], used)
        same(run.findings[0]["frames"], [3, 4], used)
        assert given not in run.out, used


@test
def other_character_sets_are_named_S381():
    given = "Gr\u00fc\u00dfe \u00e0 Nadege"
    def ask(raw):
        digest = hashlib.md5(f"{U}:{R}:".encode() + raw).digest()
        return stun(3, "request", 2, attribute(6, U), attribute(0x14, R),
                    attribute(0x15, N), key=digest)
    for raw, args, want in (
            (given.encode("latin-1"), given, ["SAT-PASSWORD-CHARSET"]),
            (given.encode().decode("latin-1").encode(), given,
             ["SAT-PASSWORD-CHARSET"]),
            (unicodedata.normalize("NFD", given).encode(), given,
             ["SAT-PASSWORD-UNICODE"]),
            (given.encode(), unicodedata.normalize("NFD", given), None),
            (unicodedata.normalize("NFD", given).encode(),
             unicodedata.normalize("NFD", given),
             ["SAT-PASSWORD-UNPREPARED"])):
        run = verify(begun().ask(ask(raw)).answer(refused(2)), "-u", U, "-w",
                     args)
        if want is None:
            same(run.messages[2]["integrity"], "valid")
        else:
            same(run.ids(), want, raw)


@test
def mistakes_in_names_are_named_3_3():
    one(refused_with(U, "-u", U, "-w", P, user=P), "SAT-SWAPPED",
        "exchanged", "swapped")
    one(refused_with(P, "-u", U, "-w", P, user="Alice2"), "SAT-USER-OTHER",
        "another user name", "other user")
    for realm, finding in (("EXAMPLE.ORG", "SAT-REALM-CASE"),
                           (R + "\0", "SAT-REALM-BLANK"),
                           (R + " ", "SAT-REALM-BLANK"),
                           (f'"{R}"', "SAT-REALM-QUOTES"),
                           ("", "SAT-REALM-KEY"), ("TANDBERG", "SAT-REALM-KEY"),
                           ("192.0.2.1", "SAT-REALM-KEY"),
                           ("given.realm", "SAT-REALM-KEY")):
        digest = hashlib.md5(f"{U}:{realm}:{P}".encode()).digest()
        talk = begun().ask(stun(
            3, "request", 2, attribute(6, U), attribute(0x14, R),
            attribute(0x15, N), key=digest)).answer(refused(2))
        if realm == "given.realm":
            talk = begun().ask(asks(9, realm=realm)).answer(
                refused(9, realm=realm))
            talk.ask(stun(3, "request", 2, attribute(6, U), attribute(0x14, R),
                          attribute(0x15, N), key=digest)).answer(refused(2))
            run = verify(talk, "-u", U, "-w", P)
            assert finding in run.ids(), run.findings
            continue
        same(verify(talk, "-u", U, "-w", P).ids(), [finding], realm)


@test
def both_sides_may_share_a_mistake():
    talk = begun().ask(asks(2, P + "\n")).answer(granted(2, P + "\n"))
    run = verify(talk, "-u", U, "-w", P)
    one(run, "SAT-PASSWORD-GIVEN", "with a line end (LF) behind it", "both")


@test
def the_servers_mistake_is_named_D26():
    talk = begun().ask(asks(2)).answer(refused(2, 431, P + "\n"))
    run = verify(talk, "-u", U, "-w", P)
    one(run, "SAT-PASSWORD-NEWLINE", "the server is wrong", "server")


def made_from(secret, name):
    return base64.b64encode(hmac.new(secret, name.encode(),
                                     hashlib.sha1).digest()).decode()


@test
def mistakes_with_secrets_are_named_3_3():
    text = base64.b64encode(b"north of the wall").decode()
    name = "1892244802:alice"
    for secret, finding in ((b"north of the wall", "SAT-SECRET-BASE64"),
                            (text.encode() + b"\n", "SAT-SECRET-NEWLINE"),
                            (text.encode() + b" ", "SAT-SECRET-BLANK"),
                            (b'"' + text.encode() + b'"', "SAT-SECRET-QUOTES"),
                            (text.encode().hex().encode(), "SAT-SECRET-HEX"),
                            (b"another", "SAT-SECRET")):
        run = refused_with(made_from(secret, name), "--secret", text,
                           user=name)
        same(run.ids(), [finding], secret)
    word = made_from(text.encode(), name)
    for used, finding in ((word + "\n", "SAT-PASSWORD-NEWLINE"),
                          (word[:-1], "SAT-PASSWORD-PADDING"),
                          (text, "SAT-SECRET-PASSWORD")):
        run = refused_with(used, "--secret", text, user=name)
        same(run.ids(), [finding], used)


@test
def what_is_right_has_no_mistake():
    talk = begun().ask(asks(2)).answer(granted(2))
    for args in (("-u", U, "-w", P), ("-u", U, "-w", "x", "-w", P)):
        same(verify(talk, *args).findings, [])
    same(decode(pcap(talk.packets), "--secret", "unused", "-u", U, "-w",
                P).findings, [])


@test
def findings_do_not_show_secrets_D96():
    for used in ("tHe-paSSw0rd\n", "THE-PASSW0RD", "tHe-paSS"):
        talk = begun().ask(asks(2, used)).answer(refused(2))
        run = Run("-v", "-u", U, "-w", "tHe-paSSw0rd", "FILE",
                  data=pcap(talk.packets))
        assert "tHe-paSS" not in run.out + run.err


sys.exit(main())
