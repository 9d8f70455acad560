# SPDX-License-Identifier: MIT
"""The two TURN servers that turn-client is tried with, ours and coturn, behind
one interface: started, killed and started again on the same port."""
import subprocess
import tempfile

from programs import await_stun, find, free_port
from turn_talk import TURN_REALM, TurnServer

TURNSERVER = find("turnserver")
USERS = ("--lt-cred-mech", "--user=alice:secret", "--user=bob:word")
RELAYS = ("--min-port=20000", "--max-port=29999")



class Ours:
    """turn-server."""

    name = "ours"

    def __init__(self, *words):
        self.words, self.port, self.server = words, 0, None
        self.start()

    def start(self):
        """Start it; again on the same port."""
        self.server = TurnServer(
            *(RELAYS if self.port else ()), *self.words,
            listen=("--listening-ip=127.0.0.1",
                    f"--listening-port={self.port}"))
        self.port = self.server.addresses[0][1]

    def tls_port(self):
        """The port of TLS."""
        line, = [line for line in self.server.lines
                 if line.startswith("listening tls")]
        return int(line.rpartition(":")[2])

    def kill(self):
        """End it as a crash does."""
        self.server.process.kill()
        self.server.process.wait(10)
        self.server.process.stdout.close()
        self.server.directory.cleanup()

    def end(self):
        """End it well."""
        self.server.end()


class Coturn:
    """turnserver of coturn."""

    name = "coturn"

    def __init__(self, *words, users=USERS):
        # pylint: disable=consider-using-with
        self.words, self.port = (*users, *words), free_port()
        self.tls, self.process = free_port(), None
        self.directory = tempfile.TemporaryDirectory()
        self.start()

    def start(self):
        """Start it; again on the same port."""
        folder = self.directory.name
        secure = any(word.startswith("--cert=") for word in self.words)
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [TURNSERVER, "-n", "--listening-ip=127.0.0.1",
             "--relay-ip=127.0.0.1", f"--listening-port={self.port}",
             f"--realm={TURN_REALM}", "--fingerprint", *RELAYS,
             "--no-dtls", "--no-cli", "--allow-loopback-peers",
             f"--tls-listening-port={self.tls}" if secure else "--no-tls",
             f"--userdb={folder}/db", f"--pidfile={folder}/pid",
             "--log-file=stdout", *self.words], cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        await_stun(self.port)

    def tls_port(self):
        """The port of TLS."""
        return self.tls

    def kill(self):
        """End it as a crash does."""
        self.process.kill()
        self.process.wait(10)

    def end(self):
        """End it well."""
        self.process.terminate()
        self.process.wait(10)
        self.directory.cleanup()


SERVERS = [Ours] + ([Coturn] if TURNSERVER else [])
