# SPDX-License-Identifier: MIT
"""Certificates for the tests of turn-server over TLS and DTLS."""
import os
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


def make_signed(name):
    """A directory that holds a certificate for NAME, and ca.pem, who has signed
    it; and the options of turn-server."""
    directory, words = make()
    folder = directory.name
    for command in (
            ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "leaf.pem",
             "-out", "request.pem", "-subj", f"/CN={name}"],
            ["x509", "-req", "-in", "request.pem", "-CA", "cert.pem", "-CAkey",
             "key.pem", "-CAcreateserial", "-out", "signed.pem", "-days", "2",
             "-extfile", "names"]):
        with open(folder + "/names", "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{name}\n")
        subprocess.run(["openssl", *command], check=True, cwd=folder,
                       capture_output=True)
    for old, new in (("cert", "ca"), ("signed", "cert"), ("leaf", "key")):
        os.replace(f"{folder}/{old}.pem", f"{folder}/{new}.pem")
    return directory, words
