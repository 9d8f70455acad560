#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test what stun-decode prints of single messages: every vector, hexadecimal
input, values, faults.

usage: test_decode_output.py [TEST...]
"""
import csv
import os
import struct
import sys

from captures import attribute, ipv4, pcap, stun, udp, xor_address
from decode_run import (A, KEYS, PING, VECTORS, Run, hexadecimal, main, same,
                        story, test, vector)


def check_vector(row):
    args = []
    if row["kind"] == "classic":
        args.append("--classic")
    if row["key_hex"] not in ("-", ""):
        args += ["--key", row["key_hex"]]
    item = hexadecimal(vector(row["file"]) + "\n", *args).messages[0]
    same(list(item), KEYS, "keys")
    verdicts = {"ok": "ok", "short": "truncated", "not-stun": "not-stun",
                "cookie": "not-stun", "length-exceeds": "truncated"}
    same(item["verdict"], verdicts.get(row["parse"], "malformed"), "verdict")
    same(item["at"] is None, row["parse"] == "ok", "at")
    if row["method"] == "-":
        return
    same([item[k] for k in ("method", "class", "transaction_id", "type")],
         [row["method"], row["class"], row["txid"], "0x" + row["type"]])
    same(str(item["length"]), row["length"], "length")
    if row["parse"] != "ok" and not row["parse"].startswith("value"):
        return
    types = [f"{a['type'][2:]}:{a['length']}" for a in item["attributes"]]
    same(",".join(types) or "none", row["attributes"], "attributes")
    same(",".join(t[2:] for t in item["unknown"]) or "none",
         row["unknown_required"], "unknown")
    words = {"ok": "valid", "bad": "invalid", "ignored": "absent"}
    for name, column in (("fingerprint", "fingerprint"), ("integrity", "mi"),
                         ("integrity_sha256", "mi256")):
        want = row[column].split(":")[0]
        same(item[name], words.get(want, want), name)


@test
def vectors_are_decoded_S140():
    with open(os.path.join(VECTORS, "vectors.tsv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))
    rows = [r for r in rows if r["kind"] in ("stun", "classic", "bad",
                                             "foreign")]
    assert len(rows) > 200
    for row in rows:
        if vector(row["file"]) == "":
            continue
        try:
            check_vector(row)
        except AssertionError as fault:
            raise AssertionError(f"{row['file']}: {fault}") from fault


@test
def streams_of_hex_are_framed_S500_S506():
    wants = {
        "stream-mixed.hex": "stun ok, channel-data ok, stun ok, "
                            "channel-data ok, stun ok",
        "stream-partial.hex": "stun need-more",
        "stream-partial-channel-pad.hex": "channel-data need-more",
        "stream-garbage.hex": "stun ok, other not-stun",
        "stream-bad-channel.hex": "stun ok, channel-data malformed, stun ok",
        "stream-http.hex": "channel-data need-more",
        "stream-rfc4571.hex": "stun ok, stun ok"}
    for name, want in wants.items():
        run = hexadecimal(vector(name), "--stream")
        got = ", ".join(f"{m['kind']} {m['verdict']}" for m in run.messages)
        same(got, want, name)
        same([m["index"] for m in run.messages],
             list(range(1, len(run.messages) + 1)), name)


@test
def line_has_the_style_of_an_analyser():
    packet = ipv4("10.48.36.248", "10.55.157.229", 17,
                  udp(3478, 51234, bytes.fromhex(story(4).strip())))
    run = Run("FILE", data=pcap([packet]))
    same(run.out.splitlines()[0],
         "1 2017-04-15 08:26:42.214119 10.48.36.248:3478 > "
         "10.55.157.229:51234 UDP Allocate Error Response user: expturncreds "
         "realm: TANDBERG with nonce error-code: 431 "
         "(Integrity Check Failure)")
    run = Run("FILE", data=pcap([packet]), tz="Europe/Berlin")
    assert " 10:26:42.214119 " in run.out or not os.path.exists(
        "/usr/share/zoneinfo/Europe/Berlin")


@test
def verbose_prints_every_attribute():
    run = Run("--hex", "-v", data=story(4).encode())
    for word in ("USERNAME", "NONCE", "REALM", "ERROR-CODE", "SOFTWARE",
                 "TANDBERG/4137 (X8.9.1)", "FINGERPRINT"):
        assert word in run.out, word


@test
def values_are_numbers_texts_and_bytes():
    run = hexadecimal(stun(
        3, "success", 9, attribute(0x0D, struct.pack("!I", 600)),
        attribute(0x14, "re\xe4lm\n"), attribute(0x20, xor_address(A, 7)),
        attribute(0x8022, b"x\xff\\"), attribute(0x1234, b"\1\2")).hex())
    values = [a["value"] for a in run.messages[0]["attributes"]]
    same(values, [600, "re\xe4lm\n", "10.0.0.1:7", "x\\xff\\", "hex:0102"])
    same(run.messages[0]["unknown"], ["0x1234"])
    same(run.messages[0]["verdict"], "malformed")  # SOFTWARE is no UTF-8


@test
def passwords_are_never_shown_S158():
    text = vector("classic-shared-secret-response.hex")
    for args in (("--json",), ("-v",), ()):
        run = Run("--hex", "--classic", *args, data=text.encode())
        assert "0123456789abcdef0123" not in run.out, args
        assert "3031323334353637" not in run.out, args


@test
def what_is_before_a_fault_is_shown():
    good = stun(1, "request", 3, attribute(0x24, b"\0\0\0\1"),
                attribute(0x8022, "abc"))
    cut = hexadecimal(good[:-3].hex()).messages[0]
    same([cut["verdict"], cut["at"], cut["method"]],
         ["truncated", len(good) - 3, "Binding"])
    same([a["name"] for a in cut["attributes"]], ["PRIORITY"])
    overrun = bytearray(good)
    overrun[31] = 200
    over = hexadecimal(overrun.hex()).messages[0]
    same([over["verdict"], over["at"]], ["malformed", 28])
    same([a["name"] for a in over["attributes"]], ["PRIORITY"])
    more = hexadecimal((good + b"\0\0\0\0").hex()).messages[0]
    same([more["verdict"], more["at"], len(more["attributes"])],
         ["malformed", len(good), 2])


@test
def hex_lines_are_counted_and_bad_ones_named():
    text = f"# comment\n\n{PING.hex()}\n00 0x\n{PING.hex()[:-1]}\n" \
           f"{PING.hex().upper()} # again"
    run = hexadecimal(text)
    same([m["frame"] for m in run.messages], [3, 6])
    same(run.code, 1)
    same(len(run.err.splitlines()), 2)
    assert "line 4, column 5" in run.err and "line 5" in run.err, run.err
    same(hexadecimal(PING.hex()).code, 0)


sys.exit(main())
