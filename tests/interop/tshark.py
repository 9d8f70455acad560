#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Wireshark reads what the library writes: every message is STUN, without an
expert warning, and has the type, transaction id, attributes and values that
stun-decode sees.

usage: tshark.py MESSAGES-PROGRAM [STUN-DECODE]
"""
import json
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

# Expert notes that are no complaint: the severity of a "chat" or "note".
HARMLESS = {"Chat", "Note", "Comment"}

# Fields of tshark whose text is the value, by attribute type.
VALUES = {0x0006: "stun.att.username", 0x000D: "stun.att.lifetime",
          0x0014: "stun.att.realm", 0x0015: "stun.att.nonce",
          0x8022: "stun.att.software", 0x0024: "stun.att.priority"}
ADDRESSES = {0x0001, 0x0012, 0x0016, 0x0020, 0x8023, 0x802B, 0x802C}


def skip(reason):
    print(reason)
    sys.exit(77)


def show(field, name):
    """What tshark shows for the field called NAME inside FIELD."""
    for inner in field.iter("field"):
        if inner.get("name") == name:
            return inner.get("show")
    return None


def value_of(attribute, kind):
    if kind in VALUES:
        return show(attribute, VALUES[kind])
    if kind in ADDRESSES:
        ip4, ip6 = (show(attribute, "stun.att.ipv" + v) for v in "46")
        port = show(attribute, "stun.att.port")
        return f"{ip4}:{port}" if ip4 else f"[{ip6}]:{port}"
    return None


def attributes(stun):
    """Triples of type, length and value of the attributes, in order."""
    for field in stun.iter("field"):
        kind = field.find("field[@name='stun.att.type']")
        if kind is not None:
            length = field.find("field[@name='stun.att.length']")
            number = int(kind.get("value"), 16)
            yield (number, int(length.get("show")), value_of(field, number))


def complaints(packet):
    for proto in packet.iter("proto"):
        if proto.get("name") == "_ws.malformed":
            yield "malformed"
    for field in packet.iter("field"):
        if field.get("name") == "_ws.expert":
            text = show(field, "_ws.expert.message")
            severity = field.find("field[@name='_ws.expert.severity']")
            if severity.get("showname").split(": ")[-1] not in HARMLESS:
                yield text


def read_tshark(capture):
    """A dictionary for each packet, and what tshark complains about."""
    pdml = subprocess.run(
        ["tshark", "-n", "-r", capture, "-T", "pdml", "-d",
         "udp.port==3478,stun"], check=True, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL).stdout
    for packet in xml.etree.ElementTree.fromstring(pdml).iter("packet"):
        stun = packet.find("proto[@name='stun']")
        if stun is None:
            yield {}, ["not seen as STUN"]
            continue
        yield ({"type": int(show(stun, "stun.type"), 16),
                "id": show(stun, "stun.id").replace(":", ""),
                "attributes": list(attributes(stun))},
               list(complaints(packet)))


CLASSES = {"request": 0x000, "indication": 0x010, "success": 0x100,
           "error": 0x110}


def number(text):
    return text if isinstance(text, int) else int(str(text), 0)


def read_decode(program, capture):
    """The same of stun-decode."""
    out = subprocess.run([program, "--json", capture], check=False,
                         stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        message = json.loads(line)
        if message.get("kind") == "stun":
            yield message


def differences(tshark, ours):
    if tshark["id"] != ours["transaction_id"]:
        yield f"id {tshark['id']} is {ours['transaction_id']}"
    if tshark["type"] & 0x110 != CLASSES[ours["class"]]:
        yield f"type {tshark['type']:04x} is class {ours['class']}"
    if ours["verdict"] != "ok":
        yield f"verdict {ours['verdict']}"
    theirs = [(kind, length) for kind, length, _ in tshark["attributes"]]
    mine = [(number(a["type"]), a["length"]) for a in ours["attributes"]]
    if theirs != mine:
        yield f"attributes {theirs} are {mine}"
    for (kind, _, value), a in zip(tshark["attributes"], ours["attributes"]):
        if value is not None and value != str(a["value"]):
            yield f"{a['name']} {value} is {a['value']}"


def compare(packets, program, capture):
    """How many messages stun-decode sees otherwise."""
    decoded = list(read_decode(program, capture))
    faults = abs(len(decoded) - len(packets))
    if faults:
        print(f"{len(packets)} packets, {len(decoded)} messages decoded")
    for i, (packet, message) in enumerate(zip(packets, decoded), 1):
        for difference in differences(packet, message):
            print(f"packet {i}: {difference}")
            faults += 1
    return faults


def main():
    if shutil.which("tshark") is None:
        skip("tshark is not installed")
    with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
        subprocess.run([sys.argv[1]], check=True, stdout=capture)
        packets, faults = [], 0
        for packet, complained in read_tshark(capture.name):
            packets.append(packet)
            for complaint in complained:
                print(f"packet {len(packets)}: {complaint} {packet}")
                faults += 1
        if len(sys.argv) > 2:
            faults += compare(packets, sys.argv[2], capture.name)
    print(f"{len(packets)} messages, {faults} faults")
    sys.exit(1 if faults or len(packets) < 60 else 0)


main()
