#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every option of a program is in its manual page, every key of turn-server in
turnserver.conf(5), and every event of its log in turn-server(1), and there are
no others; the pages are installed, and nothing in them is wrong to those who
format them.

usage: man.py SOURCE-ROOT
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROW = re.compile(r'\bOPTION\w*\(\s*"([\w-]+)"\s*,\s*(?:0|\'(\w)\')')
CHECKERS = (["groff", "-man", "-Tutf8", "-ww", "-z"],
            ["mandoc", "-T", "lint", "-W", "error"])


def text_of(page):
    """A page without its requests and escapes."""
    text = re.sub(r"^\.TH.*", "", page.read_text("utf-8"), flags=re.M)
    text = re.sub(r"\\f[A-Z]", "", text)
    text = re.sub(r"^\.\w+ ?", "", text, flags=re.M).replace("\\-", "-")
    return re.sub(r'"(, |)"?', r"\1", text).replace('"', "")


def options(sources):
    """Names and letters of the options of a program."""
    text = "".join(path.read_text("utf-8") for path in sources)
    return ROW.findall(text)


def sources(root, program):
    """The files of a program."""
    folder = root / "examples" / program
    return [folder.with_suffix(".c")] if not folder.is_dir() else \
        sorted(folder.glob("*.c"))


def missing_options(root, program):
    """Options that a page does not have."""
    page = root / "docs/man" / f"{program}.1"
    if not page.exists():
        yield f"there is no {page.name}"
        return
    text = text_of(page)
    rows = options(sources(root, program))
    if not rows:
        yield f"{program}: no options were found in its source"
    for name, letter in [*rows, ("help", ""), ("version", "")]:
        if not re.search(rf"--{name}(?![\w-])", text):
            yield f"{page.name}: no --{name}"
        if letter and not re.search(rf"(?<![\w-])-{letter}(?!\w)", text):
            yield f"{page.name}: no -{letter}, which is --{name}"


def faults_of_turn_server(root):
    """Keys and events."""
    files = sources(root, "turn-server")
    keys = {name: letter for name, letter in options(
        [root / "examples/turn-server/settings.c"])}
    page = (root / "docs/man/turnserver.conf.5").read_text("utf-8")
    said = set(re.findall(r"(?<!\w)([A-Za-z][\w-]+)",
                          " ".join(re.findall(
                              r"\\fB([A-Za-z][\w\\-]*?)(?:=\w*)?\\fR", page))
                          .replace("\\-", "-")))
    for key in sorted(set(keys) - said - {"config", "check-config"}):
        yield f"turnserver.conf.5: no {key}"
    text = text_of(root / "docs/man/turn-server.1")
    for key, letter in keys.items():
        if letter and key != "config" and f"-{letter} {key}" not in \
                text.replace("\n", " "):
            yield f"turn-server.1: no -{letter} {key}"
    events = set(re.findall(r'"(TURN-[A-Z-]+)"', "".join(
        path.read_text("utf-8") for path in files)))
    listed = set(re.findall(r"TURN-[A-Z-]+[A-Z]", text))
    for event in sorted(events ^ listed):
        yield f"turn-server.1: {event} is " + (
            "no event" if event in listed else "missing")


def lint(page):
    """What formatters object to."""
    for command in CHECKERS:
        if shutil.which(command[0]) is None:
            continue
        done = subprocess.run([*command, str(page)], capture_output=True,
                              text=True, check=False)
        for line in (done.stdout + done.stderr).splitlines():
            yield f"{command[0]}: {line}"


def main():
    root = pathlib.Path(sys.argv[1])
    build = (root / "examples/meson.build").read_text("utf-8")
    faults = []
    for program in ("stun-client", "stun-decode", "stun-server", "turn-client",
                    "turn-credentials"):
        faults += missing_options(root, program)
    faults += faults_of_turn_server(root)
    for page in sorted((root / "docs/man").iterdir()):
        faults += lint(page)
        if f"docs/man/{page.name}" not in build:
            faults.append(f"{page.name} is not installed")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
