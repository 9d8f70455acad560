# SPDX-License-Identifier: MIT
"""turn-client against two real servers, ours and coturn, on a path that loses
or alters what passes."""
import concurrent.futures
import functools
import struct
import zlib

from programs import (ALLOCATE, FINGERPRINT, INTEGRITY, REFRESH, SUCCESS,
                      XOR_MAPPED, attributes_of, main)
from turn_nat import ALICE, NatCase, is_request
from turn_talk import PERMIT


def is_success(datagram, method):
    """The success that answers METHOD."""
    return struct.unpack_from("!H", datagram)[0] == method | SUCCESS


def rewrite(repair):
    """What a helper for STUN in a firewall does: change the mapped address;
    and REPAIR the fingerprint, if it knows of that."""
    def back(datagram):
        if not is_success(datagram, ALLOCATE):
            return datagram
        value = attributes_of(datagram)[XOR_MAPPED]
        raw = datagram.replace(value, value[:-1] + bytes([value[-1] ^ 1]))
        if repair and FINGERPRINT in attributes_of(raw):
            crc = zlib.crc32(raw[:-8]) ^ 0x5354554E
            raw = raw[:-4] + struct.pack("!I", crc)
        return raw

    return back


class PathTest(NatCase):
    """What is lost and altered on the way."""

    def all(self, *cases):
        """Wait in all CASES at once."""
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            for future in [pool.submit(case) for case in cases]:
                future.result()

    def test_D02_D03_D22_D75_silence(self):
        """At the start, after the Binding, after the challenge, later."""
        rows = ((lambda _: True, "SAT-UDP-SILENT"),
                (lambda d: d[1] == ALLOCATE, "SAT-TURN-OFF"),
                (lambda d: INTEGRITY in attributes_of(d), "SAT-AUTH-SILENT"),
                (lambda d: d[1] == PERMIT, "SAT-PATH-LOST"),
                (lambda d: d[1] == REFRESH, "SAT-PATH-LOST"))

        def case(server, lost, finding):
            said = self.finds(
                server, (10, finding), *ALICE, "--timeout=1s",
                out=lambda d: None if is_request(d) and lost(d) else d)
            self.assertIn("sent 2 times", said["finding"]["seen"])

        self.each(lambda server: self.all(*(
            functools.partial(case, server, *row) for row in rows)))

    def test_D15_D39_an_address_that_is_rewritten(self):
        def alter(server):
            for repair, expected in ((True, (17, "SAT-INTEGRITY")),
                                     (False, (10, "SAT-ALTERED"))):
                self.finds(server, expected, *ALICE, "--timeout=600ms",
                           back=rewrite(repair))

        self.each(alter, "--fingerprint")

    def test_D85_data_that_does_not_pass(self):
        """Requests pass, ChannelData is lost; in either direction."""
        def lose(datagram):
            return datagram if datagram[0] < 0x40 else None

        def case(server, **nat):
            said = self.finds(server, (15, "SAT-HAIRPIN"), *ALICE, "-n2",
                              **nat)
            self.assertEqual(said["data"]["returned"], 0)

        self.each(lambda server: self.all(
            functools.partial(case, server, out=lose),
            functools.partial(case, server, back=lose)))


if __name__ == "__main__":
    main()
