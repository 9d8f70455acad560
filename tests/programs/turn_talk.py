# SPDX-License-Identifier: MIT
"""A TURN client made of raw messages, and turn-server to talk to."""
import hashlib
import hmac
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time

from programs import (COOKIE, ERROR, INTEGRITY, NONCE, REALM,
                      REQUESTED_TRANSPORT, USERNAME, XOR_PEER, XOR_RELAYED,
                      Server, attributes_of, long_term_key, message, program,
                      run)

PERMIT, BIND, SEND, DATA_METHOD = 0x008, 0x009, 0x016, 0x017
CHANNEL, DATA, FAMILY, EVEN_PORT, DONT_FRAGMENT, TOKEN = (
    0x000C, 0x0013, 0x0017, 0x0018, 0x001A, 0x0022)
ADDITIONAL, ADDRESS_ERROR = 0x8000, 0x8001
UDP = (REQUESTED_TRANSPORT, bytes([17, 0, 0, 0]))
TURN_REALM = "turn.example.org"


def xor(address, tid):
    """The value of an XOR address attribute; IPv6 if the host says so."""
    host, port = address[:2]
    v6 = ":" in host
    packed = socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, host)
    pattern = struct.pack("!I", COOKIE) + tid
    return (struct.pack("!BBH", 0, 2 if v6 else 1, port ^ COOKIE >> 16)
            + bytes(a ^ b for a, b in zip(packed, pattern)))


def unxor(value, tid):
    """The address in an XOR address attribute."""
    pattern = struct.pack("!I", COOKIE) + tid
    port = struct.unpack_from("!H", value, 2)[0] ^ COOKIE >> 16
    packed = bytes(a ^ b for a, b in zip(value[4:], pattern))
    family = socket.AF_INET6 if len(packed) == 16 else socket.AF_INET
    return socket.inet_ntop(family, packed), port


class Answer:
    """An answer, taken apart: its code is 0 for success."""

    def __init__(self, raw):
        self.raw, self.tid = raw, raw[8:20]
        self.type = struct.unpack_from("!H", raw)[0]
        self.attributes = attributes_of(raw)
        value = self.attributes.get(ERROR)
        self.code = value[2] * 100 + value[3] if value else 0

    def order(self):
        """The types of its attributes, as they stand."""
        at, types = 20, []
        while at < len(self.raw):
            kind, size = struct.unpack_from("!HH", self.raw, at)
            types.append(kind)
            at += 4 + (size + 3) // 4 * 4
        return types

    def number(self, kind):
        """A 32-bit number."""
        return struct.unpack("!I", self.attributes[kind])[0]

    def address(self, kind):
        """An XOR address."""
        return unxor(self.attributes[kind], self.tid)

    def protected(self, key):
        """Is there an integrity, and is it right?"""
        value = self.attributes.get(INTEGRITY)
        if value is None:
            return False
        at = self.raw.index(INTEGRITY.to_bytes(2, "big") + b"\0\x14" + value)
        covered = (self.raw[:2] + struct.pack("!H", at + 4) + self.raw[4:at])
        return hmac.new(key, covered, hashlib.sha1).digest() == value


class Client:
    """A client with a socket of its own."""

    def __init__(self, server, user="alice", password="secret", key=None,
                 local=None):
        self.server = server
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        loopback = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        self.socket.bind((local or loopback, 0))
        self.user, self.nonce = user, None
        self.key = key or long_term_key(user, TURN_REALM, password)
        self.realm = TURN_REALM.encode()

    def close(self):
        """Close the socket."""
        self.socket.close()

    def local(self):
        """The address of the socket."""
        return self.socket.getsockname()[:2]

    def receive(self, patience=2.0):
        """A datagram, or None."""
        if not select.select([self.socket], [], [], patience)[0]:
            return None
        return self.socket.recv(65536)

    def send(self, datagram):
        """Send as it is."""
        self.socket.sendto(datagram, self.server)

    def exchange(self, datagram, patience=2.0):
        """Send, and wait for the answer with the same transaction id."""
        self.send(datagram)
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            raw = self.receive(left)
            if raw is not None and raw[8:20] == datagram[8:20]:
                return Answer(raw)
        return None

    def challenge(self):
        """Ask without credentials; remember the nonce."""
        answer = self.exchange(message(3, os.urandom(12), UDP))
        self.nonce = answer.attributes[NONCE]
        return answer

    def signed(self, kind, *attributes, tid=None, **more):
        """A request with credentials."""
        return message(kind, tid or os.urandom(12), *attributes,
                       (USERNAME, self.user.encode()), (REALM, self.realm),
                       (NONCE, self.nonce), key=self.key, **more)

    def ask(self, kind, *attributes, **more):
        """An exchange with credentials."""
        if self.nonce is None:
            self.challenge()
        return self.exchange(self.signed(kind, *attributes, **more))

    def allocate(self, *attributes, **more):
        """Allocate over UDP; the answer."""
        return self.ask(3, UDP, *attributes, **more)

    def peers(self, kind, *addresses, channel=None):
        """A request with peers."""
        tid = os.urandom(12)
        attributes = [(XOR_PEER, xor(a, tid)) for a in addresses]
        if channel is not None:
            attributes.insert(0, (CHANNEL, struct.pack("!HH", channel, 0)))
        return self.ask(kind, *attributes, tid=tid)

    def permit(self, *addresses):
        """CreatePermission."""
        return self.peers(PERMIT, *addresses)

    def bind(self, channel, address):
        """ChannelBind."""
        return self.peers(BIND, address, channel=channel)

    def say(self, address, data, *attributes):
        """A Send indication."""
        tid = os.urandom(12)
        self.send(message(SEND, tid, (XOR_PEER, xor(address, tid)),
                          (DATA, data), *attributes))

    def say_on(self, channel, data):
        """ChannelData."""
        self.send(struct.pack("!HH", channel, len(data)) + data)


def was_built_with(key, library):
    """Was turn-server built with the library that a key needs?"""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "conf")
        path.write_text(f"realm=r\n{key}\n", "utf-8")
        done = run("turn-server", "-c", str(path), "--check-config")
    return f"built without {library}" not in done.out


class TurnServer(Server):
    """turn-server on loopback, with a log to read."""

    def __init__(self, *words, plain=False,
                 listen=("--listening-ip=127.0.0.1", "--listening-port=0")):
        # pylint: disable=consider-using-with
        self.directory = tempfile.TemporaryDirectory()
        self.log_path = pathlib.Path(self.directory.name, "log")
        usual = [] if plain else [
            f"--realm={TURN_REALM}", "--user=alice:secret", "--user=bob:word",
            "--allow-loopback-peers"]
        super().__init__(program("turn-server"), *listen, "--verbose",
                         f"--log-file={self.log_path}", *usual, *words)
        self.wait_for("ready")
        self.addresses = [
            (m[1].strip("[]"), int(m[2])) for m in
            (re.fullmatch(r"listening udp (.*):(\d+)", line)
             for line in self.lines) if m]

    def log(self):
        """What it has logged, when it has come to rest: lines are written
        behind the answers they are about."""
        text = None
        for _ in range(40):
            last, text = text, self.log_path.read_text("utf-8")
            if text == last:
                break
            time.sleep(0.05)
        return text

    def carried(self, count=2):
        """Bytes up and down of each relay that its client has given back, as
        soon as there are COUNT of them."""
        deadline = time.monotonic() + 20
        while True:
            found = [(int(up), int(down)) for up, down in re.findall(
                r"allocation \d+: ended \((?:refresh 0|disconnect)\) after "
                r"\d+ s, (\d+) B up, (\d+) B down", self.log())]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def port(self, transport):
        """Where it listens first for a transport."""
        return next(line.rpartition(":")[2] for line in self.lines
                    if line.startswith(f"listening {transport} "))

    def client(self, test, *words, at=0, **more):
        """A client that is closed with the test."""
        client = Client(self.addresses[at], *words, **more)
        test.addCleanup(client.close)
        return client

    def end(self):
        """End at once, whatever is left. SIGTERM twice would do as well, but
        on a busy machine two of them may become one."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        code = super().end()
        self.directory.cleanup()
        return code


def serve(test, *words, **more):
    """A server that ends with the test; it must end well."""
    server = TurnServer(*words, **more)
    test.addCleanup(lambda: test.assertEqual(server.end(), 0))
    return server


def relayed(answer):
    """The relayed address of an Allocate success."""
    return answer.address(XOR_RELAYED)


def family(number):
    """REQUESTED-ADDRESS-FAMILY."""
    return FAMILY, bytes([number, 0, 0, 0])
