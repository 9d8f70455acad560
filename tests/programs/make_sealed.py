#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the captures of TLS and DTLS in tests/captures/: openssl as a server of
TLS 1.2 with certificates of several authorities, and turn-client with
turn-server, on loopback while dumpcap listens (as root).

usage: make_sealed.py DIRECTORY
"""
import os
import subprocess
import sys
import tempfile
import time

from make_healthy import listen, runs
from make_mistakes import PASSWORD, USER, Saturn
from programs import free_port, program

NAME = "/CN=turn.example.org"
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def certificate(folder, authority):
    """The path of a certificate, with its key behind it."""
    def path(name):
        return os.path.join(folder, name)
    openssl("req", "-x509", *CURVE, "-keyout", path("ca.key"), "-out",
            path("ca.pem"), "-days", "3650", "-subj", authority)
    openssl("req", *CURVE, "-keyout", path("key"), "-out", path("csr"),
            "-subj", NAME)
    openssl("x509", "-req", "-in", path("csr"), "-CA", path("ca.pem"),
            "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "3650",
            "-out", path("cert"))
    whole = path(authority.split("=")[-1].replace(" ", "") + ".pem")
    with open(whole, "w", encoding="ascii") as out:
        for part in ("cert", "ca.pem", "key"):
            with open(path(part), encoding="ascii") as file:
                out.write(file.read())
    return whole


def shake(port, pem):
    """One handshake, and a few bytes."""
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", pem,
         "-cert_chain", pem, "-key", pem, "-tls1_2", "-quiet", "-naccept",
         "1"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}",
                    "-servername", "turn.example.org", "-quiet"],
                   input=bytes(20), capture_output=True, timeout=5, check=False)
    server.terminate()
    server.wait(10)



def main():
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as made:
        own = certificate(made, "/O=Example Trust/CN=Example Trust CA 1")
        second = certificate(made, "/O=Example Trust/CN=Example Trust CA 2")
        box = certificate(made, "/O=Fortinet/CN=FGVM0123456789")
        gate = certificate(made, "/O=Company Inc./CN=Company Web Gateway")
        for name, pems in (("intercepted", [box]), ("one-issuer", [own, second]),
                           ("two-issuers", [own, gate])):
            port = free_port()
            listen(folder, "tls-" + name, [port],
                   lambda: [shake(port, pem) for pem in pems])
        server = Saturn(f"--user={USER}:{PASSWORD}", "--allow-loopback-peers",
                        f"--cert={own}", f"--pkey={own}",
                        "--tls-listening-port=5349")
        try:
            for name, more in (("tls", ""), ("dtls", "?transport=udp")):
                listen(folder, "sealed-" + name, [5349], runs(
                    program("turn-client"), "-u", USER, "-w", PASSWORD,
                    "--insecure", "-n", "2", "turns:127.0.0.1:5349" + more))
        finally:
            server.end()


if __name__ == "__main__":
    main()
