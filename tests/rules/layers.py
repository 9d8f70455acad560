#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may include whom, in lib/ and include/: files stand on floors and
include only from floors below. Own header first; no system header but those
of a free-standing library; Nettle in crypto.c alone.

usage: layers.py SOURCE-ROOT
"""
import pathlib
import re
import sys

# Floors, from the ground: includes go down only. Names of include/saturn/
# begin with "saturn/".
FLOORS = [
    ("bytes", r"(bytes|crc32|crc32_table|base64|utf8|text|ip|name|siphash"
              r"|arena|rings|hash_table|timer_wheel|relay_ports)"),
    ("base", r"(saturn/)?(base|version|error)"),
    ("crypto", r"crypto"),
    ("registry", r"(saturn/)?(registry|attributes\.def|methods\.def"
                 r"|errors\.def)"),
    ("codec", r"(saturn/)?(address|message|get|put|builder|validate|integrity"
              r"|stream|channel|frame|demux|uri|value|dump|classic)"),
    ("credentials", r"key|nonce|credential_text|random"
                    r"|(saturn/)?(auth|login|ephemeral)(_\w+)?|saturn/text"),
    ("machines", r"ip_range|rtt|icmp"
                 r"|(saturn/)?(behavior|peer|resolve|transaction|turn)(_\w+)?"),
]

# Inside a floor: who may include whom.
BESIDE = {
    "crc32": ["crc32_table"],
    "rings": ["arena"], "relay_ports": ["arena"],
    "hash_table": ["arena", "rings"], "timer_wheel": ["rings"],
    "address": ["address"],
    "builder": ["message"],
    "get": ["message"],
    "put": ["builder", "message"],
    "validate": ["message"],
    "message": ["address"],
    "integrity": ["builder", "message"],
    "uri": ["address"],
    "value": ["message", "dump", "classic"],
    "dump": ["message", "value", "classic"],
    "classic": ["builder", "integrity", "message"],
    "channel": ["stream"], "frame": ["stream"], "demux": ["stream"],
    "auth": ["nonce", "key"],
    "nonce": ["auth"],
    "login": ["auth"], "login_put": ["login"],
    "ephemeral": ["auth"],
    "credential_text": ["text"],
}

# Files that define what a public header of a higher floor declares.
DEFINES = {("address.c", "saturn/address.h"),
           ("crypto.c", "saturn/integrity.h")}

SYSTEM = {"assert.h", "stdbool.h", "stddef.h", "stdint.h", "string.h"}
BUILD_TOOLS = {"crc32_table.c"}


def stem(name):
    return re.sub(r"\.[ch]$", "", name)


def floor(name):
    for number, (_, names) in enumerate(FLOORS):
        if re.fullmatch(names, stem(name)):
            return number
    return None


def judge(name, include):
    """What is wrong with NAME including "INCLUDE"; None if nothing."""
    bare = stem(name).removeprefix("saturn/")
    target = stem(include).removeprefix("saturn/")
    if floor(name) is None:
        return "stands on no floor: add it to tests/rules/layers.py"
    if floor(include) is None:
        return f"includes {include}, which stands on no floor"
    if floor(include) < floor(name) or (name, include) in DEFINES:
        return None
    if floor(include) > floor(name):
        return f"includes {include} from a higher floor"
    # The machines are one subject, cut into files: T-sections of turn.md.
    if bare == target or FLOORS[floor(name)][0] in ("machines", "registry",
                                                     "base"):
        return None
    if target not in BESIDE.get(bare, []):
        return f"includes {include} beside it on the same floor"
    return None


def own_header_first(root, path, includes):
    for own in (path.with_suffix(".h"),
                root / "include/saturn" / (path.stem + ".h")):
        name = own.name if own.parent == path.parent else "saturn/" + own.name
        if own.exists() and name in includes:
            return includes[0] == name
    return True


def check(root, path):
    text = path.read_text(encoding="ascii")
    public = "include" in path.parts
    name = "saturn/" + path.name if public else path.name
    for header in re.findall(r"^#include <(.+?)>", text, re.M):
        if header.startswith("nettle/"):
            if name != "crypto.c":
                yield "includes Nettle"
        elif header not in SYSTEM:
            yield f"includes <{header}>"
    includes = re.findall(r'^#include "(.+?)"', text, re.M)
    if name != "saturn/saturn.h":
        for include in includes:
            if public and not include.startswith("saturn/"):
                yield f"is public and includes {include}"
            yield judge(name, include)
    if path.suffix == ".c" and not own_header_first(root, path, includes):
        yield "does not include its own header first"


def main():
    root = pathlib.Path(sys.argv[1])
    files = [path for folder in ("lib", "include/saturn")
             for path in sorted((root / folder).glob("*.[ch]"))
             if path.name not in BUILD_TOOLS]
    faults = 0
    for path in files:
        for fault in filter(None, check(root, path)):
            print(f"{path.relative_to(root)} {fault}")
            faults += 1
    print(f"{len(files)} files, {faults} faults")
    return 1 if faults or len(files) < 20 else 0


sys.exit(main())
