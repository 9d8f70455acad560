# SPDX-License-Identifier: MIT
"""turn-server is killed and started again while data goes through it: clients
get other allocations by themselves (C-31, T-800)."""
import json
import subprocess

from programs import main, program
from test_restart import ALICE, Restart


class RestartLoadTest(Restart):
    """Clients of the library's machine, in turn-client."""

    def load(self, transport, count):
        """A load of COUNT packets, 50 in a second, and its server."""
        server = self.server("--max-allocate-lifetime=10")
        load = self.ended_with_the_test(subprocess.Popen(
            [program("turn-client"), "--json", *ALICE, "-m", "2", "-n", count,
             "-z", "20", f"turn:127.0.0.1:3478?transport={transport}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True))
        self.wait_for(lambda: server.log().count("TURN-ALLOC-OK") == 4)
        return server, load

    def recovers(self, transport, count, finding):
        """Both of its clients have new allocations, and all data returns
        again."""
        server, load = self.load(transport, count)
        self.kill(server)
        server = self.server("--max-allocate-lifetime=10")
        self.wait_for(lambda: server.log().count("TURN-ALLOC-OK") == 4)
        out = load.communicate(timeout=60)[0]
        said = json.loads(out)
        self.assertEqual((said["ready"], said["failed"], said["regained"]),
                         (2, 0, 2), said)
        self.assertEqual(said["finding"]["finding"], finding)
        self.assertGreater(said["returned"], 50)
        self.assertEqual(server.log().count("(refresh 0)"), 4)

    def test_C31_T800_load_over_udp(self):
        """Each client hears of it from its next Refresh, 5 s after the last
        at the latest."""
        self.recovers("udp", "300", "SAT-ALLOCATION-LOST")

    def test_C31_T800_load_over_tcp(self):
        """The end of the connection tells at once."""
        self.recovers("tcp", "100", "SAT-CONN-LOST")


if __name__ == "__main__":
    main()
