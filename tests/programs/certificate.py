# SPDX-License-Identifier: MIT
"""A certificate for the tests of turn-server over TLS and DTLS."""
import shutil
import subprocess
import tempfile
import unittest


def make(names="DNS:turn.example.org", port=0):
    """A directory that holds it, and the options of turn-server."""
    if not shutil.which("openssl"):
        raise unittest.SkipTest("openssl is not installed")
    directory = tempfile.TemporaryDirectory()
    cert, key = directory.name + "/cert.pem", directory.name + "/key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
         key, "-out", cert, "-days", "2", "-subj", "/CN=turn.example.org",
         "-addext", f"subjectAltName={names}"],
        check=True, capture_output=True)
    return directory, [f"--cert={cert}", f"--pkey={key}",
                       f"--tls-listening-port={port}"]
