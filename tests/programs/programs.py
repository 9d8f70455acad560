# SPDX-License-Identifier: MIT
"""What the tests of the programs share: running them, STUN messages made
without the library, and servers that misbehave on purpose."""
import hashlib
import hmac
import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
import zlib

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH = 0x001, 0x003, 0x004
SUCCESS, FAILURE = 0x0100, 0x0110
(MAPPED, RESPONSE_ADDRESS, CHANGE_REQUEST, USERNAME, INTEGRITY, ERROR, UNKNOWN,
 LIFETIME, XOR_PEER, REALM, NONCE, XOR_RELAYED, REQUESTED_TRANSPORT,
 XOR_MAPPED, SOFTWARE, ALTERNATE, FINGERPRINT) = (
     0x0001, 0x0002, 0x0003, 0x0006, 0x0008, 0x0009, 0x000A, 0x000D, 0x0012,
     0x0014, 0x0015, 0x0016, 0x0019, 0x0020, 0x8022, 0x8023, 0x8028)

# A test that takes longer than this has failed.
PATIENCE = 30

BUILD = os.environ.get("SATURN_EXAMPLES", "build/examples")


def program(name):
    """The path of a program that was built."""
    return os.path.join(BUILD, name)


class Outcome:
    """How a program ended, what it said, and how long it took."""

    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err = code, out, err
        self.seconds = seconds


def run(name, *words, patience=PATIENCE, env=None):
    """Run a program to its end."""
    start = time.monotonic()
    done = subprocess.run(
        [program(name), *words], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=patience, check=False,
        env={**os.environ, **env} if env else None)
    return Outcome(done.returncode, done.stdout, done.stderr,
                   time.monotonic() - start)


class Server:
    """A server program that says where it listens and when it is ready."""

    def __init__(self, *command, cwd=None):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL, cwd=cwd)
        self.lines = []

    def wait_for(self, word, patience=PATIENCE):
        """Read lines until one starts with WORD."""
        deadline = time.monotonic() + patience
        pending = b""
        while time.monotonic() < deadline:
            if not select.select([self.process.stdout], [], [], 0.1)[0]:
                continue
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                break
            pending += piece
            *whole, pending = pending.split(b"\n")
            self.lines += [line.decode(errors="replace") for line in whole]
            if any(line.startswith(word) for line in self.lines):
                return self.lines
        raise AssertionError(f"never said {word}: {self.lines}")

    def end(self):
        """Ask it to end, by its id; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)
        finally:
            self.process.stdout.close()


def pad(value):
    """VALUE with zeros up to whole words."""
    return value + bytes(-len(value) % 4)


def attribute(kind, value):
    """One attribute, padded."""
    return struct.pack("!HH", kind, len(value)) + pad(value)


def xor_address(host, port):
    """The value of an XOR address attribute, IPv4."""
    packed = struct.unpack("!I", socket.inet_aton(host))[0]
    return struct.pack("!BBHI", 0, 1, port ^ (COOKIE >> 16), packed ^ COOKIE)


def error(code, phrase=""):
    """The value of ERROR-CODE."""
    return struct.pack("!HBB", 0, code // 100, code % 100) + phrase.encode()


def message(kind, tid, *attributes, key=None, fingerprint=False):
    """A message; with KEY its MESSAGE-INTEGRITY."""
    body = b"".join(attribute(*a) for a in attributes)

    def header(length):
        return struct.pack("!HHI", kind, length, COOKIE) + tid

    if key is not None:
        mac = hmac.new(key, header(len(body) + 24) + body, hashlib.sha1)
        body += attribute(INTEGRITY, mac.digest())
    if fingerprint:
        crc = zlib.crc32(header(len(body) + 8) + body) ^ 0x5354554E
        body += attribute(FINGERPRINT, struct.pack("!I", crc))
    return header(len(body)) + body


def attributes_of(datagram):
    """The attributes of a message: the first of each type."""
    found, at = {}, 20
    while at + 4 <= len(datagram):
        kind, size = struct.unpack_from("!HH", datagram, at)
        found.setdefault(kind, datagram[at + 4:at + 4 + size])
        at += 4 + (size + 3) // 4 * 4
    return found


def long_term_key(user, realm, password):
    """MD5 of the three (RFC 8489, 9.2.2)."""
    return hashlib.md5(f"{user}:{realm}:{password}".encode()).digest()


class Request:
    """A request that a stub has received."""

    def __init__(self, datagram, source):
        self.raw, self.source = datagram, source
        self.method = struct.unpack_from("!H", datagram)[0]
        self.tid = datagram[8:20]
        self.attributes = attributes_of(datagram)
        self.time = time.monotonic()

    def reply(self, kind, *attributes, **more):
        """An answer to it."""
        return message(self.method | kind, self.tid, *attributes, **more)


class Listener:
    """A UDP socket in a thread; what comes goes to TAKE."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        """Until the end."""
        while not self.over.is_set():
            if select.select([self.socket], [], [], 0.05)[0]:
                self.take(*self.socket.recvfrom(65536))

    def take(self, datagram, source):
        """What came, and from whom."""
        raise NotImplementedError

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.socket.close()


class Stub(Listener):
    """A UDP server in a thread that answers as HANDLER says: it takes a
    Request and returns a datagram, a list of them, or nothing."""

    def __init__(self, handler):
        self.handler, self.requests = handler, []
        super().__init__()

    def take(self, datagram, source):
        if len(datagram) < 20 or datagram[0] > 3:
            return
        request = Request(datagram, source)
        self.requests.append(request)
        answers = self.handler(request) or []
        if isinstance(answers, bytes):
            answers = [answers]
        for answer in answers:
            self.socket.sendto(answer, source)

    def of(self, method):
        """The requests of METHOD that came."""
        return [r for r in self.requests if r.method == method]



def find(command):
    """The path of a program of the system, or None."""
    return shutil.which(command, path=os.environ.get("PATH", "")
                        + ":/usr/sbin:/usr/local/sbin")


FREE_PORTS = list(range(5000, 10000))


def free_port():
    """A port of loopback that nobody has, neither of UDP nor of TCP, and that
    the system gives to nobody meanwhile: coturn would share it."""
    while True:
        port = random.choice(FREE_PORTS)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
                FREE_PORTS.remove(port)
                return port
            except OSError:
                pass


def await_stun(port, patience=30):
    """Until a STUN server answers on loopback."""
    end = time.monotonic() + patience
    while run("stun-client", "--timeout=200ms",
              f"stun:127.0.0.1:{port}").code != 0:
        if time.monotonic() > end:
            raise AssertionError(f"nothing answers on port {port}")
        time.sleep(0.05)


def main():
    """Run the tests of a file; say the sum as Check does."""
    result = unittest.main(exit=False, verbosity=2).result
    bad = len(result.failures) + len(result.errors)
    counted = result.testsRun - len(result.skipped)
    if counted == 0:
        print("nothing to test:", *{reason for _, reason in result.skipped})
        sys.exit(77)
    print(f"{100 * (counted - bad) // counted}%: Checks: {counted}, "
          f"Failures: {len(result.failures)}, Errors: {len(result.errors)}")
    sys.exit(1 if bad else 0)
