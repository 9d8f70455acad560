#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real browser through our relay: two peer connections of headless Chromium
that may use nothing but turn-server exchange data (T-900 to T-906), and shows them on
the status page.

usage: chromium.py TEST-PROGRAMS, with SATURN_EXAMPLES naming where ours are
"""
import contextlib
import html.parser
import http.server
import json
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, sys.argv.pop(1))
# pylint: disable=wrong-import-position
import certificate
from programs import main
from turn_talk import serve

CHROMIUM = shutil.which("chromium")
PAGE = pathlib.Path(__file__).with_name("relay.html")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--allow-loopback-in-peer-connection", "--ignore-certificate-errors"]


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves the page, takes its result."""

    def do_GET(self):  # pylint: disable=invalid-name
        """The page, whatever is asked for."""
        body = PAGE.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):  # pylint: disable=invalid-name
        """The result."""
        size = int(self.headers["Content-Length"])
        self.server.results.put(json.loads(self.rfile.read(size)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Say nothing."""


class Rows(html.parser.HTMLParser):
    """The rows of all tables of a page, as lists of texts; and its tags."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.cell, self.tags = [], False, set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.cell = self.cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self.cell:
            self.rows[-1][-1] += data


class Browser(unittest.TestCase):
    """A page for a browser, and what it reports."""

    def setUp(self):
        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.web.results = queue.Queue()
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.addCleanup(self.web.server_close)
        self.addCleanup(self.web.shutdown)

    def launch(self, profile, page):
        """Start a browser with an empty profile."""
        return subprocess.Popen(
            [CHROMIUM, *QUIET, f"--user-data-dir={profile}", page],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def trust(self, authority):
        """Nothing to do: it was told to ignore errors of certificates."""

    def browse(self, uri, **more):
        """Open the page in a new browser: what it reports."""
        with self.browsing(uri, **more) as said:
            return said

    @contextlib.contextmanager
    def browsing(self, uri, password="secret", wait=20, hold=""):
        """The same, and the browser stays open for a while."""
        query = urllib.parse.urlencode(
            {"urls": uri, "username": "alice", "credential": password,
             "wait": wait, "hold": hold}, doseq=True)
        with tempfile.TemporaryDirectory() as profile:
            browser = self.launch(
                profile, f"http://127.0.0.1:{self.web.server_port}/?{query}")
            try:
                yield self.web.results.get(timeout=60)
            finally:
                browser.terminate()
                browser.wait(20)
                shutil.rmtree(profile, ignore_errors=True)
                pathlib.Path(profile).mkdir(exist_ok=True)


@unittest.skipUnless(CHROMIUM, "chromium is not installed")
class ChromiumTest(Browser):
    """One browser for each way to the relay."""

    def relays(self, server, transport, scheme="turn", host="127.0.0.1"):
        """Data goes there and back through the relay, and only there."""
        listening = {"udp": "udp", "tcp": "tcp"}[transport]
        if scheme == "turns":
            listening = "tls"
        port = next(line.rpartition(":")[2] for line in server.lines
                    if line.startswith(f"listening {listening} "))
        said = self.browse(f"{scheme}:{host}:{port}?transport={transport}")
        self.assertEqual(said["outcome"], "relayed", (said, server.log()))
        self.assertEqual((said["received"], said["bytes"]), (50, 50000))
        self.assertTrue(said["candidates"])
        for candidate in said["candidates"]:
            self.assertIn("typ relay", candidate)
        self.assertEqual(said["types"], ["relay", "relay"])

    def test_T900_data_over_udp(self):
        self.relays(serve(self), "udp")

    def test_T900_data_over_tcp(self):
        self.relays(serve(self), "tcp")

    def test_T724_data_over_tls(self):
        directory, words = certificate.make_signed("localhost")
        self.addCleanup(directory.cleanup)
        self.trust(directory.name + "/ca.pem")
        self.relays(serve(self, *words), "tcp", "turns", "localhost")

    def test_T761_wrong_password(self):
        server = serve(self)
        host, port = server.addresses[0]
        said = self.browse(f"turn:{host}:{port}?transport=udp",
                           password="wrong", wait=4)
        self.assertEqual((said["outcome"], said["candidates"]),
                         ("timeout", []), said)
        self.assertTrue(any(error.startswith("401") for error in
                            said["errors"]), said)
        self.assertIn("wrong password", server.log())

    def shown(self, url):
        """A page as another browser has it."""
        if CHROMIUM is None:
            self.skipTest("chromium is not installed")
        with tempfile.TemporaryDirectory() as profile:
            return Rows(subprocess.run(
                [CHROMIUM, *QUIET, f"--user-data-dir={profile}",
                 "--dump-dom", url],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, timeout=60,
                check=True).stdout)

    def test_B22_status_page_shows_the_relays_of_a_call(self):
        server = serve(self, "--status-listen=127.0.0.1:0")
        url = next((line.split()[1] for line in server.lines
                    if line.startswith("status ")), None)
        if url is None:
            self.skipTest("turn-server was built without a status page")
        host, port = server.addresses[0]
        with self.browsing(f"turn:{host}:{port}?transport=udp",
                           hold="yes") as said:
            self.assertEqual(said["outcome"], "relayed", said)
            relayed = {":".join(c.split()[4:6]) for c in said["candidates"]}
            self.assertGreaterEqual(len(relayed), 2)
            deadline = time.monotonic() + 60
            while True:
                page = self.shown(url)
                rows = {row[4]: row for row in page.rows
                        if len(row) > 6 and row[4] in relayed}
                if set(rows) == relayed or time.monotonic() > deadline:
                    break
        self.assertEqual(set(rows), relayed, page.rows)
        for row in rows.values():
            self.assertEqual(row[2:4], ["udp", "alice"])
            self.assertRegex(row[6], r"^(9|10|59|60) min")
        self.assertNotIn("script", page.tags)


if __name__ == "__main__":
    main()
