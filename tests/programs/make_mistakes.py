#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the captures in tests/captures/: one real exchange for each mistake, of
a client that makes it with coturn or turn-server on loopback; and the index of
them, with the credentials to give to stun-decode and the finding to expect.

usage: make_mistakes.py DIRECTORY [START-OF-NAME...]
"""
import base64
import hashlib
import hmac
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unicodedata

import captures
from captures import attribute, pcap, stun
from programs import (Server, attributes_of, await_stun, find, free_port,
                      program)

USER, PASSWORD, REALM = "alice", "Tr0ub&4dor 3", "turn.example.org"
SECRET = base64.b64encode(b"north of the wall").decode()
UTF8 = "Gr\u00fc\u00dfe \u00e0 tous"
UDP = attribute(0x19, bytes([17, 0, 0, 0]))
LATER = 4102444800
MADE = []


def md5(user, realm, password):
    """The key of three texts, or bytes."""
    parts = [p if isinstance(p, bytes) else p.encode()
             for p in (user, realm, password)]
    return hashlib.md5(b":".join(parts)).digest()



class Coturn:
    """coturn on loopback."""

    def __init__(self, *words):
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [find("turnserver"), "-n", "--listening-ip=127.0.0.1",
             "--relay-ip=127.0.0.1", f"--listening-port={self.port}",
             f"--realm={REALM}", "--no-tls", "--no-dtls", "--no-tcp",
             "--no-cli", f"--userdb={self.folder.name}/db",
             f"--pidfile={self.folder.name}/pid", "--log-file=stdout",
             *words], cwd=self.folder.name, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_stun(self.port)

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()


class Saturn:
    """turn-server on loopback."""

    def __init__(self, *words):
        self.server = Server(program("turn-server"),
                             "--listening-ip=127.0.0.1", "--listening-port=0",
                             "--relay-ip=127.0.0.1", f"--realm={REALM}",
                             *words)
        lines = self.server.wait_for("ready")
        self.port = int(next(line for line in lines if line.startswith(
            "listening udp")).rsplit(":", 1)[1])

    def end(self):
        self.server.end()


class Client:
    """A client whose every step may be wrong; it records what it sees."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.settimeout(3)
        self.ports = self.socket.getsockname()[1], server.port
        self.packets = []
        self.tid = int.from_bytes(os.urandom(11), "big")
        self.user, self.realm, self.nonce = USER, None, None
        self.key = None
        self.code = 0

    def record(self, data, back=False):
        ports = reversed(self.ports) if back else self.ports
        self.packets.append((time.time(), captures.ipv4(
            "127.0.0.1", "127.0.0.1", 17, captures.udp(*ports, data))))

    def exchange(self, data):
        """Send, and wait for the answer."""
        self.socket.send(data)
        self.record(data)
        answer = self.socket.recv(65536)
        self.record(answer, True)
        found = attributes_of(answer)
        error = found.get(9)
        self.code = error[2] * 100 + error[3] if error else 0
        return found

    def challenge(self, method=3):
        """The first request, without credentials."""
        self.tid += 1
        found = self.exchange(stun(method, "request", self.tid, UDP))
        self.realm, self.nonce = found[0x14], found[0x15]
        return self

    def ask(self, *more, method=3, key=None, user=None, realm=None, mac=None,
            fresh=True):
        """A request with credentials; MAC makes the integrity itself."""
        self.tid += 1
        name = self.user if user is None else user
        realm = self.realm if realm is None else realm
        parts = [*more, attribute(6, name), attribute(0x14, realm),
                 attribute(0x15, self.nonce)]
        key = key or self.key
        if mac is None:
            data = stun(method, "request", self.tid, *parts, key=key)
        else:
            whole = stun(method, "request", self.tid, *parts)
            data = whole[:2] + struct.pack("!H", len(whole) + 4) + whole[4:]
            data += attribute(8, mac(data, key))
        found = self.exchange(data)
        if self.code == 438 and fresh:
            self.nonce = found[0x15]
        return found


def made_from(secret, name, digest="sha1"):
    return base64.b64encode(hmac.new(
        secret if isinstance(secret, bytes) else secret.encode(),
        name.encode(), digest).digest()).decode()


def save(folder, name, client, finding, *words):
    """Keep what a client saw, and what to expect of it."""
    if len(sys.argv) > 2 and not name.startswith(tuple(sys.argv[2:])):
        client.socket.close()
        return
    with open(os.path.join(folder, name + ".pcap"), "wb") as file:
        file.write(pcap(client.packets))
    MADE.append("\t".join([name, finding, *words]))
    client.socket.close()


GIVEN = ("-u", USER, "-w", PASSWORD)


def passwords(folder, servers):
    """The client has the password in another form."""
    for i, (name, finding, used) in enumerate([
            ("newline", "PASSWORD-NEWLINE", PASSWORD + "\n"),
            ("crlf", "PASSWORD-NEWLINE", PASSWORD + "\r\n"),
            ("blank-behind", "PASSWORD-BLANK", PASSWORD + " "),
            ("blank-in-front", "PASSWORD-BLANK", " " + PASSWORD),
            ("tab", "PASSWORD-BLANK", PASSWORD + "\t"),
            ("double-quotes", "PASSWORD-QUOTES", f'"{PASSWORD}"'),
            ("single-quotes", "PASSWORD-QUOTES", f"'{PASSWORD}'"),
            ("lower-case", "PASSWORD-CASE", PASSWORD.lower()),
            ("first-letter", "PASSWORD-CASE", "t" + PASSWORD[1:]),
            ("last-cut", "PASSWORD-CUT", PASSWORD[:-1]),
            ("eight", "PASSWORD-CUT", PASSWORD[:8]),
            ("ampersand", "PASSWORD-CUT", PASSWORD[:5]),
            ("percent", "PASSWORD-PERCENT", "Tr0ub%264dor%203"),
            ("plus", "PASSWORD-PERCENT", PASSWORD.replace(" ", "+")),
            ("entity", "PASSWORD-ENTITY", PASSWORD.replace("&", "&amp;")),
            ("base64", "PASSWORD-ENCODED",
             base64.b64encode(PASSWORD.encode()).decode()),
            ("empty", "PASSWORD-EMPTY", ""),
            ("other", "PASSWORD", "something else"),
            ("ready-made", "KEY-AS-PASSWORD",
             md5(USER, REALM, PASSWORD).hex())]):
        client = Client(servers[i % len(servers)]).challenge()
        client.ask(UDP, key=md5(USER, REALM, used))
        assert client.code in (401, 431), (name, client.code)
        save(folder, "password-" + name, client, "SAT-" + finding, *GIVEN)


def keys(folder, servers):
    """Names, keys and rules are wrong."""
    right = md5(USER, REALM, PASSWORD)

    def padded(data, key):
        return hmac.new(key, data + bytes(-len(data) % 64),
                        hashlib.sha1).digest()

    for i, (name, finding, more) in enumerate([
            ("swapped", "SWAPPED", {"user": PASSWORD, "key": md5(
                PASSWORD, REALM, USER)}),
            ("user", "USER-OTHER", {"user": "alicia", "key": md5(
                "alicia", REALM, PASSWORD)}),
            ("user-case", "USER-KEY", {"key": md5("ALICE", REALM, PASSWORD)}),
            ("realm-default", "REALM-KEY", {"key": md5(
                USER, "TANDBERG", PASSWORD)}),
            ("realm-empty", "REALM-KEY", {"key": md5(USER, "", PASSWORD)}),
            ("realm-quotes", "REALM-QUOTES", {"key": md5(
                USER, f'"{REALM}"', PASSWORD)}),
            ("realm-case", "REALM-CASE", {"key": md5(
                USER, REALM.upper(), PASSWORD)}),
            ("realm-blank", "REALM-BLANK", {"key": md5(
                USER, REALM + " ", PASSWORD)}),
            ("short-term", "SHORT-TERM", {"key": PASSWORD.encode()}),
            ("sha256", "ALGORITHM", {"key": hashlib.sha256(
                f"{USER}:{REALM}:{PASSWORD}".encode()).digest()}),
            ("rfc3489", "HMAC-RULES", {"key": right, "mac": padded})]):
        client = Client(servers[i % len(servers)]).challenge()
        client.ask(UDP, **more)
        assert client.code in (400, 401, 431), (name, client.code)
        save(folder, "key-" + name, client, "SAT-" + finding, *GIVEN)


def charsets(folder, server):
    """A password beyond ASCII."""
    for name, finding, used in (
            ("latin1", "PASSWORD-CHARSET", UTF8.encode("latin-1")),
            ("twice", "PASSWORD-CHARSET",
             UTF8.encode().decode("latin-1").encode()),
            ("decomposed", "PASSWORD-UNICODE",
             unicodedata.normalize("NFD", UTF8).encode())):
        client = Client(server).challenge()
        client.ask(UDP, key=md5(USER, REALM, used))
        assert client.code == 401, (name, client.code)
        save(folder, "charset-" + name, client, "SAT-" + finding, "-u", USER,
             "-w", UTF8)


def secrets(folder, servers):
    """Ephemeral credentials that were made in a wrong way."""
    user = f"{LATER}:alice"
    right = made_from(SECRET, user)
    old = f"{int(time.time()) - 7200}:alice"
    for i, (name, finding, who, used) in enumerate([
            ("decoded", "SECRET-BASE64", user,
             made_from(base64.b64decode(SECRET), user)),
            ("newline", "SECRET-NEWLINE", user, made_from(SECRET + "\n", user)),
            ("quotes", "SECRET-QUOTES", user, made_from(f'"{SECRET}"', user)),
            ("hex", "SECRET-HEX", user,
             made_from(SECRET.encode().hex(), user)),
            ("itself", "SECRET-PASSWORD", user, SECRET),
            ("other", "SECRET", user, made_from("south", user)),
            ("sha256", "PASSWORD-SHA256", user,
             made_from(SECRET, user, "sha256")),
            ("user-part", "USER-PART", user, made_from(SECRET, "alice")),
            ("unpadded", "PASSWORD-PADDING", user, right.rstrip("=")),
            ("hex-digest", "PASSWORD-HEX", user, base64.b64decode(
                right).hex()),
            ("word-newline", "PASSWORD-NEWLINE", user, right + "\n"),
            ("expired", "EXPIRED", old, made_from(SECRET, old))]):
        client = Client(servers[i % len(servers)]).challenge()
        client.ask(UDP, user=who, key=md5(who, REALM, used))
        assert client.code == 401, (name, client.code)
        save(folder, "secret-" + name, client, "SAT-" + finding, "--secret",
             SECRET)


def refusals(folder, coturn, saturn):
    """The credentials are right, and still the server refuses."""
    right = md5(USER, REALM, PASSWORD)

    def start(server):
        client = Client(server).challenge()
        client.key = right
        return client

    def peer(ip):
        return attribute(0x12, captures.xor_address(ip, 4000))

    for who, server in (("coturn", coturn), ("saturn", saturn)):
        client = start(server)
        client.ask(UDP)
        client.ask(peer("127.0.0.1"), method=8)
        assert client.code == 403, client.code
        save(folder, f"peer-forbidden-{who}", client, "SAT-PEER-FORBIDDEN",
             *GIVEN)
        client = start(server)
        client.ask(UDP)
        client.ask(UDP)
        assert client.code == 437, client.code
        save(folder, f"allocation-exists-{who}", client, "SAT-OLD-ALLOCATION",
             *GIVEN)
        client = start(server)
        client.ask(method=4)
        assert client.code == 437, client.code
        save(folder, f"allocation-lost-{who}", client, "SAT-ALLOCATION-LOST",
             *GIVEN)
        client = start(server)
        client.ask(UDP)
        client.ask(attribute(0xD, bytes(4)), method=4, user="bob",
                   key=md5("bob", REALM, PASSWORD))
        assert client.code == 441, client.code
        save(folder, f"other-owner-{who}", client, "SAT-OTHER-OWNER", *GIVEN,
             "-u", "bob", "-w", PASSWORD)
        client = start(server)
        client.nonce = b"0123456789abcdef"
        for _ in range(4):
            client.ask(UDP, fresh=False)
        assert client.code == 438, client.code
        save(folder, f"nonce-ignored-{who}", client, "SAT-NONCE-STUCK",
             *GIVEN)
        save(folder, f"no-credentials-{who}", Client(server).challenge(),
             "SAT-NO-CREDENTIALS", *GIVEN)
        client = start(server)
        client.ask(UDP, attribute(0x7ABC, b"what"))
        assert client.code == 420, client.code
        save(folder, f"unknown-attribute-{who}", client,
             "SAT-UNKNOWN-ATTRIBUTE", *GIVEN)
    client = start(saturn)
    client.ask(attribute(0x19, bytes([132, 0, 0, 0])))
    assert client.code == 442, client.code
    save(folder, "transport", client, "SAT-TRANSPORT", *GIVEN)
    client = start(coturn)
    client.ask(UDP, realm="typed.in", key=md5(USER, "typed.in", PASSWORD))
    assert client.code in (401, 437, 441), client.code
    save(folder, "realm-typed", client, "SAT-REALM" if client.code == 401 else
         "SAT-OLD-ALLOCATION", *GIVEN)


def extensions(folder, coturn, saturn):
    """What few clients ask for, and what some ask for wrongly."""
    for who, server in (("coturn", coturn), ("saturn", saturn)):
        for name, finding, codes, more in (
                ("token", "SAT-TOKEN", (508, 404),
                 attribute(0x22, b"12345678")),
                ("mobility", "SAT-NO-MOBILITY", (405,), attribute(0x8030))):
            if (name, who) == ("mobility", "saturn"):
                continue  # it allocates without
            client = Client(server).challenge()
            client.key = md5(USER, REALM, PASSWORD)
            client.ask(UDP, more)
            assert client.code in codes, (name, who, client.code)
            save(folder, f"{name}-{who}", client, finding, *GIVEN)
        client = Client(server).challenge()
        client.key = md5(USER, REALM, PASSWORD)
        client.ask(UDP)
        client.ask(attribute(0xC, b"\x30\0\0\0"), attribute(
            0x12, captures.xor_address("198.51.100.7", 4000)), method=9)
        assert client.code == 400, (who, client.code)
        save(folder, f"channel-number-{who}", client, "SAT-CHANNEL-CLASH",
             *GIVEN)


def behind_the_integrity(folder, server):
    """An attribute where a server must not look, and coturn does."""
    client = Client(server).challenge()
    client.tid += 1
    ask = stun(3, "request", client.tid, UDP, attribute(6, USER),
               attribute(0x14, REALM), attribute(0x15, client.nonce),
               key=md5(USER, REALM, PASSWORD))
    more = attribute(0x7ABC, b"what")
    client.exchange(ask[:2] + struct.pack("!H", len(ask) - 20 + len(more))
                    + ask[4:] + more)
    assert client.code == 420, client.code
    save(folder, "behind-integrity", client, "SAT-AFTER-INTEGRITY", *GIVEN)


def quotas(folder, servers):
    """No room."""
    right = md5(USER, REALM, PASSWORD)
    for who, server, code, finding in servers:
        first = Client(server).challenge()
        first.ask(UDP, key=right)
        client = Client(server).challenge()
        client.ask(UDP, key=right)
        assert client.code == code, (who, client.code)
        save(folder, f"quota-{who}", client, finding, *GIVEN)
        first.socket.close()


def main():
    folder = sys.argv[1]
    user = f"--user={USER}:{PASSWORD}"
    bob = f"--user=bob:{PASSWORD}"
    servers = {
        "coturn": Coturn("--lt-cred-mech", user, bob),
        "saturn": Saturn(user, bob),
        "old": Saturn(user, "--integrity-failure-code=431"),
        "utf8": Saturn(f"--user={USER}:{UTF8}"),
        "rest": Coturn("--use-auth-secret", f"--static-auth-secret={SECRET}"),
        "rest2": Saturn(f"--static-auth-secret={SECRET}"),
        "quota": Coturn("--lt-cred-mech", user, "--user-quota=1"),
        "quota2": Saturn(user, "--user-quota=1"),
        "full": Saturn(user, "--total-quota=1"),
    }
    get = servers.get
    try:
        passwords(folder, [get("coturn"), get("saturn"), get("old")])
        keys(folder, [get("coturn"), get("saturn")])
        charsets(folder, get("utf8"))
        secrets(folder, [get("rest"), get("rest2")])
        refusals(folder, get("coturn"), get("saturn"))
        extensions(folder, get("coturn"), get("saturn"))
        behind_the_integrity(folder, get("coturn"))
        quotas(folder, [("coturn", get("quota"), 486, "SAT-QUOTA"),
                        ("saturn", get("quota2"), 486, "SAT-QUOTA"),
                        ("full", get("full"), 508, "SAT-FULL")])
    finally:
        for server in servers.values():
            server.end()
    captures.write_index(os.path.join(folder, "mistakes.tsv"),
                         "capture\tfinding\targuments of stun-decode...",
                         MADE, len(sys.argv) <= 2)


if __name__ == "__main__":
    main()
