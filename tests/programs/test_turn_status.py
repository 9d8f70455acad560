# SPDX-License-Identifier: MIT
"""turn-server over HTTP: its numbers are those of the clients' own books, and
whoever asks cannot hurt it (B-20 to B-25, C-15, C-16)."""
import base64
import hmac
import http.client
import json
import re
import socket
import time
import unittest

from programs import main, run
from test_turn_server_stream import Stream
from turn_talk import TURN_REALM, relayed, serve

# A page may be a second old.
PATIENCE = 15

BUILT = "libmicrohttpd" not in run(
    "turn-server", "--status-listen=127.0.0.1:0", f"--realm={TURN_REALM}").err


@unittest.skipUnless(BUILT, "turn-server was built without libmicrohttpd")
class Status(unittest.TestCase):
    """One server for each test."""

    def start(self, *words, **more):
        """A server with a status page, and where that is."""
        server = serve(self, "--status-listen=127.0.0.1:0", *words, **more)
        said = next(re.fullmatch(r"status http://127\.0\.0\.1:(\d+)/", line)
                    for line in server.lines if line.startswith("status"))
        return server, int(said[1])

    def get(self, port, path, method="GET", **headers):
        """Status, headers and text of an answer."""
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            link.request(method, path, headers=headers)
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), \
                answer.read().decode("utf-8")
        finally:
            link.close()

    def document(self, port, holds):
        """The JSON, once HOLDS is true of it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            code, _, text = self.get(port, "/status.json")
            self.assertEqual(code, 200)
            said = json.loads(text)
            if holds(said) or time.monotonic() > deadline:
                self.assertTrue(holds(said), text)
                return said
            time.sleep(0.1)

    def test_C15_C16_numbers_are_those_of_the_clients(self):
        server, port = self.start()
        datagrams = [server.client(self) for _ in range(3)]
        streams = [Stream(server.addresses[0]) for _ in range(2)]
        relays = {}
        for client in datagrams + streams:
            self.addCleanup(client.close)
            answer = client.allocate()
            self.assertEqual(answer.code, 0)
            relays["%s:%d" % client.local()] = "%s:%d" % relayed(answer)
        self.assertEqual(datagrams[0].permit(("127.0.0.1", 9)).code, 0)
        self.assertEqual(datagrams[0].bind(0x4000, ("127.0.0.1", 9)).code, 0)
        for _ in range(4):
            datagrams[0].say_on(0x4000, b"twelve bytes")
        said = self.document(port, lambda d: d["counters"]["relay_pkts"]
                             ["to_peer"] == 4)
        self.assertEqual((said["relays"]["udp"], said["relays"]["tcp"],
                          said["clients"]["active"], said["state"]),
                         (3, 2, 1, "active"))
        self.assertEqual({a["client"]: a["relayed"][0]["advertised"]
                          for a in said["allocations"]}, relays)
        self.assertEqual({a["user"] for a in said["allocations"]}, {"alice"})
        mine = next(a for a in said["allocations"]
                    if a["client"] == "%s:%d" % datagrams[0].local())
        self.assertEqual((mine["bytes"]["to_peer"], mine["transport"],
                          [p["peer"] for p in mine["permissions"]],
                          [(c["number"], c["peer"])
                           for c in mine["channels"]]),
                         (48, "udp", ["127.0.0.1"],
                          [(0x4000, "127.0.0.1:9")]))
        self.assertEqual(said["counters"]["alloc_ok"], 5)
        self.assertIn({"transport": "udp",
                       "address": "%s:%d" % server.addresses[0]},
                      said["listeners"])
        for client in datagrams:
            client.ask(4, (0x000D, bytes(4)))
        for client in streams:
            client.close()
        said = self.document(port, lambda d: d["relays"]["udp"]
                             + d["relays"]["tcp"] == 0)
        self.assertEqual((said["allocations"], said["clients"]["active"],
                          said["relays"]["peak"], said["counters"]
                          ["perm_active"], said["counters"]["chan_active"]),
                         ([], 0, 5, 0, 0))
        self.assertEqual((said["counters"]["alloc_deleted"]["refresh0"],
                          said["counters"]["alloc_deleted"]["disconnect"]),
                         (3, 2))

    def test_B22_an_allocation_in_detail(self):
        server, port = self.start()
        client = server.client(self)
        client.allocate()
        client.permit(("127.0.0.1", 9))
        client.bind(0x4000, ("127.0.0.1", 9))
        client.bind(0x3000, ("127.0.0.1", 9))
        client.ask(4)
        client.permit(("169.254.169.254", 80))
        client.say(("127.0.0.3", 9), b"no permission")
        client.say_on(0x4abc, b"no channel")
        said = self.document(port, lambda d: sum(
            d["allocations"][0]["drops"].values()) == 2)
        mine = said["allocations"][0]
        self.assertEqual(mine["requests_by_method"],
                         {"Allocate": 1, "Refresh": 1, "ChannelBind": 2,
                          "CreatePermission": 2})
        self.assertEqual(mine["errors_by_code"], {"400": 1, "403": 1})
        self.assertEqual(mine["drops_by_reason"],
                         {"no_permission": 1, "no_channel": 1})
        self.assertLessEqual(mine["permissions"][0]["expires_s"], 300)
        self.assertLessEqual(mine["channels"][0]["expires_s"], 600)
        self.assertGreater(mine["channels"][0]["expires_s"], 500)
        page = self.get(port, "/")[2]
        for text in ("ChannelBind 2", "refused 403: 1",
                     "dropped no_channel: 1", "channel 0x4000"):
            self.assertIn(text, page)
        client.ask(4, (0x000D, bytes(4)))
        client.allocate()
        said = self.document(port, lambda d: d["allocations"]
                             and d["allocations"][0]["id"] == 2)
        self.assertEqual(said["allocations"][0]["requests_by_method"],
                         {"Allocate": 1})

    def test_B25_counters_have_their_names(self):
        _, port = self.start()
        counters = json.loads(self.get(port, "/status.json")[2])["counters"]
        metrics = self.get(port, "/metrics")[2]
        for name in ("rx_stun rx_channeldata rx_garbage tx_401 tx_438 "
                     "alloc_ok perm_active chan_active redirects ports_free "
                     "ratelimited").split():
            self.assertIsInstance(counters[name], int, name)
            self.assertRegex(metrics, rf"(?m)^turn_{name}(_total)? \d+$")
        for name, label, keys in (
                ("alloc_deleted", "cause",
                 "refresh0 expired disconnect admin"),
                ("relay_pkts", "dir", "to_peer to_client"),
                ("relay_bytes", "dir", "to_peer to_client"),
                ("drop", "reason", "no_allocation no_permission no_channel "
                 "policy bandwidth queue malformed too_big ttl family"),
                ("auth_fail", "reason", "unknown_user bad_password wrong_realm "
                 "stale_nonce expired_credential malformed")):
            self.assertGreaterEqual(set(counters[name]), set(keys.split()))
            for key in keys.split():
                self.assertIn(f'turn_{name}_total{{{label}="{key}"}} 0',
                              metrics)
        self.assertEqual(set(counters["alloc_active"]),
                         {"udp", "tcp", "tls", "dtls"})
        self.assertEqual(counters["tx_error"], {})

    def test_B24_C37_an_operator_ends_an_allocation(self):
        server, port = self.start("--status-control", "--relay-threads=2")
        clients = [server.client(self) for _ in range(3)]
        for client in clients:
            self.assertEqual(client.allocate().code, 0)
        said = self.document(port, lambda d: len(d["allocations"]) == 3)
        mine = next(a["id"] for a in said["allocations"]
                    if a["client"] == "%s:%d" % clients[1].local())
        path = f"/allocations/{mine}"
        for words, code in (
                ((path, "POST"), 405), ((path, "GET"), 404),
                (("/allocations/99", "DELETE"), 404),
                (("/allocations/x", "DELETE"), 404),
                (("/allocations/0", "DELETE"), 404)):
            self.assertEqual(self.get(port, *words)[0], code, words)
        self.assertEqual(self.get(port, path, "DELETE",
                                  Origin="http://127.0.0.1")[0], 403)
        self.assertEqual(self.get(port, path, "DELETE",
                                  Host="rebound.example.com")[0], 405)
        self.assertEqual([c.ask(4).code for c in clients], [0, 0, 0])
        self.assertEqual(self.get(port, path, "DELETE")[::2],
                         (200, "ended\n"))
        self.assertEqual([c.ask(4).code for c in clients], [0, 437, 0])
        self.assertEqual(self.get(port, path, "DELETE")[0], 404)
        self.assertRegex(server.log(), f"TURN-ALLOC-END allocation {mine}: "
                         r"ended \(admin\)")
        said = self.document(port, lambda d: len(d["allocations"]) == 2)
        self.assertEqual(said["counters"]["alloc_deleted"]["admin"], 1)

    def test_B24_only_where_it_is_asked_for(self):
        server, port = self.start()
        server.client(self).allocate()
        self.assertEqual(self.get(port, "/allocations/1", "DELETE")[0], 403)
        for words in ([], ["--status-listen=0.0.0.0:0"]):
            done = run("turn-server", f"--realm={TURN_REALM}", "--user=a:b",
                       "--status-control", *words)
            self.assertEqual(done.code, 2, done.err)
            self.assertIn("status-control needs a status-listen on loopback",
                          done.err)

    def test_B23_refusals_have_the_reason_of_the_log(self):
        server, port = self.start("--user-quota=1")
        self.assertEqual(server.client(self, "alice", "no").allocate().code,
                         401)
        self.assertEqual(server.client(self).allocate().code, 0)
        self.assertEqual(server.client(self).allocate().code, 486)
        said = self.document(port, lambda d: len(d["refusals"]) == 2)
        self.assertEqual({(r["code"], r["reason"], r["count"])
                          for r in said["refusals"]},
                         {(401, "wrong password", 1), (486, "user-quota", 1)})
        self.assertEqual(said["counters"]["auth_fail"]["bad_password"], 1)
        page = self.get(port, "/")[2]
        self.assertIn("wrong password", page)

    def test_health_is_a_real_allocation_that_nobody_sees(self):
        server, port = self.start()
        code, _, text = self.get(port, "/healthz")
        self.assertEqual(code, 200, text)
        self.assertRegex(text, r"^ok: a relay was made and deleted in ")
        self.assertEqual(self.get(port, "/livez")[0], 200)
        said = self.document(port, lambda d: True)
        self.assertEqual((said["counters"]["alloc_ok"], said["allocations"],
                          said["relays"]["peak"], said["refusals"]),
                         (0, [], 0, []))
        self.assertEqual(said["counters"]["alloc_deleted"]["refresh0"], 0)
        self.assertNotIn("TURN-ALLOC", server.log())
        client = server.client(self)
        self.assertEqual(client.allocate().code, 0)
        server.process.terminate()
        deadline = time.monotonic() + PATIENCE
        while (answer := self.get(port, "/healthz"))[0] != 503 \
                and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual((answer[0], answer[2]), (503, "failed: draining\n"))
        self.assertEqual(self.get(port, "/livez")[0], 200)

    def test_health_without_users_and_where_all_is_taken(self):
        _, port = self.start("--listening-ip=127.0.0.1", "--no-auth",
                             plain=True)
        self.assertEqual(self.get(port, "/healthz")[0], 200)
        self.assertEqual(json.loads(self.get(port, "/status.json")[2])
                         ["counters"]["alloc_ok"], 0)
        server, port = self.start("--total-quota=1")
        self.assertEqual(server.client(self).allocate().code, 0)
        code, _, text = self.get(port, "/healthz")
        self.assertEqual((code, "508" in text), (503, True), text)

    def test_metrics_have_the_format_of_prometheus(self):
        server, port = self.start("--prometheus", "--prometheus-port=0",
                                  "--prometheus-address=127.0.0.1")
        server.client(self, 'mal"lory\n', "x").allocate()
        server.client(self).allocate()
        self.document(port, lambda d: d["counters"]["alloc_ok"] == 1)
        other = next(int(line.split(":")[2].split("/")[0])
                     for line in server.lines if line.startswith("metrics"))
        self.assertEqual(self.get(other, "/status.json")[0], 404)
        code, headers, text = self.get(other, "/metrics")
        self.assertEqual(code, 200)
        self.assertIn("version=0.0.4", headers["Content-Type"])
        kinds, seen = {}, set()
        for line in text.splitlines():
            if line.startswith("#"):
                _, word, name, rest = line.split(" ", 3)
                self.assertTrue(rest)
                if word == "TYPE":
                    self.assertNotIn(name, kinds)
                    kinds[name] = rest
                    self.assertEqual(name.endswith("_total"),
                                     rest == "counter", name)
                continue
            match = re.fullmatch(r'([a-z_0-9]+)(\{([a-z]+="[^"\\]*",?)+\})? '
                                 r'\d+', line)
            self.assertTrue(match, line)
            self.assertIn(match[1], kinds)
            self.assertNotIn(line.rsplit(" ", 1)[0], seen)
            seen.add(line.rsplit(" ", 1)[0])
        self.assertIn("turn_alloc_ok_total 1", text)
        self.assertIn('turn_alloc_active{transport="udp",family="ipv4"} 1',
                      text)
        self.assertIn('turn_auth_fail_total{reason="unknown_user"} 1', text)
        for word in ("mallory", "alice", "127.0.0.1"):
            self.assertNotIn(word, text)

    def test_hostile_user_names(self):
        names = ["<script>alert(1)</script>", "\"'><b>&amp;", "a\nb\x1b[31m",
                 "caf\u00e9", "\u202etxt"]
        secret = "a secret of the two of us"
        server, port = self.start("--use-auth-secret",
                                  f"--static-auth-secret={secret}")
        for name in names:
            user = f"{int(time.time()) + 3600}:{name}"
            password = base64.b64encode(hmac.digest(
                secret.encode(), user.encode(), "sha1")).decode()
            self.assertEqual(server.client(self, user, password).allocate()
                             .code, 0, name)
        said = self.document(port, lambda d: len(d["allocations"]) == 5)
        self.assertEqual({a["user"] for a in said["allocations"]},
                         {names[0], names[1], r"a\x0ab\x1b[31m", names[3],
                          r"\xe2\x80\xaetxt"})
        page = self.get(port, "/?still")[2]
        self.assertNotIn("<script", page)
        self.assertNotIn("<b>&amp;<", page)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        self.assertIn("caf\u00e9", page)
        for character in "\x1b\u202e":
            self.assertNotIn(character, page)
        self.assertNotIn(secret, page)

    def test_only_what_is_there(self):
        _, port = self.start()
        self.assertEqual(self.get(port, "/nothing")[0], 404)
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            code, headers, _ = self.get(port, "/", method)
            self.assertEqual((code, headers.get("Allow")), (405, "GET, HEAD"))
        code, headers, text = self.get(port, "/", "HEAD")
        self.assertEqual((code, text), (200, ""))
        self.assertIn("default-src 'none'",
                      headers["Content-Security-Policy"])
        self.assertEqual(self.get(port, "/", Host="evil.example")[0], 421)
        self.assertEqual(self.get(port, "/", Host="localhost:80")[0], 200)
        self.assertEqual(self.get(port, "/status.json?after=x")[0], 400)
        page = self.get(port, "/")[2]
        self.assertIn('http-equiv="refresh"', page)
        self.assertNotIn('http-equiv="refresh"', self.get(port, "/?still")[2])

    def test_who_asks_cannot_hurt(self):
        server, port = self.start()
        held = [socket.create_connection(("127.0.0.1", port), 5)
                for _ in range(60)]
        for link in held:
            self.addCleanup(link.close)
        for link in held[:20]:
            link.sendall(b"GET / HTTP/1.1\r\nX: ")
        self.assertEqual(server.client(self).allocate().code, 0)
        with socket.create_connection(("127.0.0.1", port), 5) as link:
            try:
                link.sendall(b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\n\r\n")
            except OSError:
                pass
        for link in held:
            link.close()
        self.assertEqual(self.get(port, "/livez")[0], 200)
        self.assertEqual(server.client(self).allocate().code, 0)


if __name__ == "__main__":
    main()
