# SPDX-License-Identifier: MIT
"""turn-server is killed and started again while data goes through it: clients
get other allocations by themselves (C-31, T-800)."""
import json
import subprocess

from programs import main, program
from test_restart import ALICE, Restart

LIFETIME = "--max-allocate-lifetime=10"


class RestartLoadTest(Restart):
    """Clients of the library's machine, in turn-client."""

    def load(self, transport, count):
        """Two clients that send COUNT packets each, 50 in a second."""
        return self.ended_with_the_test(subprocess.Popen(
            [program("turn-client"), "--json", *ALICE, "-m", "2", "-n", count,
             "-z", "20", f"turn:127.0.0.1:3478?transport={transport}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True))

    def wait_until_ready(self, load):
        """It says so each second, when its channels are bound."""
        while "2 of 2 clients ready" not in (line := load.stderr.readline()):
            self.assertNotEqual(line, "", "it has ended")

    def count(self, server, what, number):
        """Wait until the log has said something so often."""
        self.wait_for(lambda: server.log().count(what) == number)

    def assert_regained(self, load, finding):
        """Both clients have other allocations, and data returns again."""
        said = json.loads(load.communicate(timeout=60)[0])
        self.assertEqual((said["ready"], said["failed"], said["regained"]),
                         (2, 0, 2), said)
        self.assertEqual(said["finding"]["finding"], finding)
        self.assertGreater(said["returned"], 50)

    def test_C31_T800_loads_go_on(self):
        """Over UDP each client hears of it from its next Refresh, 5 s after
        the last at the latest; over TCP the end of the connection tells at
        once."""
        server = self.server(LIFETIME)
        udp, tcp = self.load("udp", "350"), self.load("tcp", "150")
        for load in (udp, tcp):
            self.wait_until_ready(load)
        self.kill(server)
        server = self.server(LIFETIME)
        self.assert_regained(tcp, "SAT-CONN-LOST")
        self.assert_regained(udp, "SAT-ALLOCATION-LOST")
        self.assertEqual(server.log().count("TURN-ALLOC-OK"), 8)
        self.count(server, "(refresh 0)", 8)


if __name__ == "__main__":
    main()
