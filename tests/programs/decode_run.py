# SPDX-License-Identifier: MIT
"""Run stun-decode and look at what came of it; collect and run tests."""
import json
import os
import subprocess
import sys
import tempfile
import traceback

from captures import ipv4, stun, udp

PROGRAM = os.path.join(os.environ.get("SATURN_EXAMPLES", "build/examples"),
                       "stun-decode")
VECTORS = os.path.join(os.path.dirname(__file__), os.pardir, "vectors")
FOLDER = os.path.join(os.path.dirname(__file__), os.pardir, "captures")
KEYS = ["file", "frame", "index", "time", "transport", "src", "dst", "kind",
        "class", "method", "type", "transaction_id", "length", "verdict", "at",
        "unknown", "attributes", "fingerprint", "integrity",
        "integrity_sha256", "error"]
TESTS = []
A, B = "10.0.0.1", "192.0.2.1"
PING = stun(1, "request", 1)


def test(function):
    TESTS.append(function)
    return function


class Run:
    """One run of the program and what came of it."""

    def __init__(self, *args, data=b"", name="t.pcap", env=None, tz="UTC"):
        environment = dict(os.environ, TZ=tz)
        environment.pop("SATURN_PASSWORD", None)
        environment.update(env or {})
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(data)
            words = [path if arg == "FILE" else arg for arg in args]
            hexes = "--hex" in args or "-" in args
            done = subprocess.run([PROGRAM, *words], timeout=120,
                                  input=data if hexes else b"",
                                  capture_output=True, env=environment,
                                  check=False)
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8")
        self.err = done.stderr.decode("utf-8", "replace")
        if "Sanitizer" in self.err or self.code < 0:
            raise AssertionError(f"crash: {self.code} {self.err[:2000]}")
        self.messages, self.findings = [], []
        if "--json" in args:
            for line in self.out.splitlines():
                item = json.loads(line)
                (self.findings if "finding" in item
                 else self.messages).append(item)

    def ids(self):
        return [f["finding"] for f in self.findings]


def decode(data, *args, **more):
    return Run("--json", *args, "FILE", data=data, **more)


def hexadecimal(text, *args, **more):
    return Run("--hex", "--json", *args, data=text.encode(), **more)


def same(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def vector(name):
    with open(os.path.join(VECTORS, name), encoding="ascii") as file:
        return "".join(line.strip().replace(" ", "") for line in file
                       if not line.startswith("#"))


def story(*numbers):
    """Lines of the Expressway vectors."""
    names = sorted(n for n in os.listdir(VECTORS)
                   if n.startswith("expressway-"))
    return "".join(vector(names[n - 1]) + "\n" for n in numbers)


def path_of(name):
    """Of a capture in tests/captures."""
    path = os.path.join(FOLDER, name + ".pcap")
    return path if os.path.exists(path) else path + "ng"


def index(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def u(data, src=A, dst=B, sport=50000, dport=3478):
    return ipv4(src, dst, 17, udp(sport, dport, data))


def main():
    failures = 0
    chosen = sys.argv[1:]
    tests = [t for t in TESTS if not chosen or t.__name__ in chosen]
    for function in tests:
        try:
            function()
        except Exception:  # noqa: BLE001 - every fault is reported
            failures += 1
            print("failed:", function.__name__)
            traceback.print_exc(file=sys.stdout)
    good = len(tests) - failures
    print(f"{100 * good // len(tests)}%: Checks: {len(tests)}, "
          f"Failures: {failures}, Errors: 0")
    return 1 if failures else 0
