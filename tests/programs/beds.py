# SPDX-License-Identifier: MIT
"""Networks of several machines: namespaces of Linux that only this process
holds, so that nothing of them is left however it ends, and no two runs meet.

A bed has a router `inet` and, behind it, `cli`, `srv` and `peer`; with a NAT
also `nat1`, with `cli` behind it."""
import ctypes
import os
import pathlib
import select
import socket
import subprocess
import unittest

import namespaces
from programs import find

NFT = find("nft")
HERE = "/proc/thread-self/ns/net"
PUBLIC, SERVER, PEER, NAT, HOME = (
    "203.0.113.10", "10.1.0.2", "192.0.2.2", "198.51.100.2", "192.168.7.2")
SERVER6, PEER6, CLIENT6 = "2001:db8:2::2", "2001:db8:3::2", "2001:db8:1::2"
# Private ranges and those of documentation, which a server refuses otherwise.
PEERS_ALLOWED = [f"--allowed-peer-ip={net}" for net in (
    "203.0.113.0/24", "192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32")]
RELAY_PORTS = ["--min-port=24000", "--max-port=29999"]
BEHIND_NAT = [f"--external-ip={PUBLIC}/{SERVER}", f"--relay-ip={SERVER}"]


class Net:
    """A network namespace: `with net:` what is started, and each socket that
    is opened, belongs to it."""

    def __init__(self, test):
        before = os.open(HERE, os.O_RDONLY)
        try:
            if namespaces.libc.unshare(namespaces.CLONE_NEWNET) != 0:
                raise unittest.SkipTest("no second network namespace: "
                                        + os.strerror(ctypes.get_errno()))
            self.handle = os.open(HERE, os.O_RDONLY)
            namespaces.ip("link set lo up")
        finally:
            namespaces.libc.setns(before, 0)
            os.close(before)
        self.before = []
        # Addresses of IPv6 are good at once, those of links too.
        self.sysctl("ipv6/conf/default/accept_dad", 0)
        self.sysctl("ipv6/conf/all/accept_dad", 0)
        test.addCleanup(os.close, self.handle)

    def __enter__(self):
        self.before.append(os.open(HERE, os.O_RDONLY))
        namespaces.libc.setns(self.handle, 0)
        return self

    def __exit__(self, *_):
        before = self.before.pop()
        namespaces.libc.setns(before, 0)
        os.close(before)

    def path(self):
        """How ip(8) finds it."""
        return f"/proc/{os.getpid()}/fd/{self.handle}"

    def ip(self, *commands):
        """Run ip(8) in it."""
        with self:
            for words in commands:
                namespaces.ip(words)

    def nft(self, rules):
        """Load rules of nftables; skip where that is not possible."""
        if NFT is None:
            raise unittest.SkipTest("nft (nftables) is not installed")
        with self:
            done = subprocess.run([NFT, "-f", "-"], input=rules, text=True,
                                  capture_output=True, check=False)
        if done.returncode != 0:
            raise unittest.SkipTest(f"nft: {done.stderr.strip()}")

    def counted(self, name):
        """The packets of a counter named NAME in the table `inet filter`."""
        with self:
            said = subprocess.run(
                [NFT, "list", "counter", "inet", "filter", name], text=True,
                capture_output=True, check=True).stdout
        words = said.split()
        return int(words[words.index("packets") + 1])

    def sysctl(self, path, value):
        """Set a file below /proc/sys/net."""
        try:
            with self:
                namespaces.write(f"/proc/sys/net/{path}", str(value))
        except OSError as why:
            raise unittest.SkipTest(f"{path}: {why}") from why

    def socket(self, test, host, port=0, kind=socket.SOCK_DGRAM):
        """A socket bound here, closed with the test."""
        with self:
            made = socket.socket(socket.AF_INET6 if ":" in host else
                                 socket.AF_INET, kind)
        test.addCleanup(made.close)
        made.settimeout(10)
        made.bind((host, port))
        return made


def link(one, name, other, name_there, network):
    """A cable between two namespaces: ONE has the address .2 of NETWORK
    (like 10.1.0 or 2001:db8:2:), OTHER .1."""
    one.ip(f"link add {name} type veth peer name {name_there} "
           f"netns {other.path()}", f"link set {name} up")
    other.ip(f"link set {name_there} up")
    address(one, name, network, 2)
    address(other, name_there, network, 1)


def address(net, name, network, number):
    """Give an interface an address of NETWORK."""
    if ":" in network:
        net.ip(f"addr add {network}:{number}/64 dev {name} nodad")
    else:
        net.ip(f"addr add {network}.{number}/24 dev {name}")


class Bed:
    """Bed B, routed; with NAT=True bed C: a port-changing NAT before the
    client, and a static one before the server."""

    def __init__(self, test, nat=False):
        self.test = test
        self.inet, self.cli, self.srv, self.peer = (Net(test)
                                                    for _ in range(4))
        self.nets = [self.inet, self.cli, self.srv, self.peer]
        self.inet.sysctl("ipv4/ip_forward", 1)
        self.inet.sysctl("ipv6/conf/all/forwarding", 1)
        if nat:
            self.add_client_nat()
        else:
            self.attach(self.cli, "c0", "i0", "198.51.100", "2001:db8:1:")
        self.attach(self.srv, "s0", "i1", "10.1.0", "2001:db8:2:")
        self.attach(self.peer, "p0", "i2", "192.0.2", "2001:db8:3:")
        if nat:
            self.inet.nft("""table ip nat {
  chain pre { type nat hook prerouting priority -100;
    ip daddr 203.0.113.10 dnat to 10.1.0.2;
  }
  chain post { type nat hook postrouting priority 100;
    ip saddr 10.1.0.2 oifname { "i0", "i2" } snat to 203.0.113.10;
  }
}
""")

    def attach(self, net, name, name_there, *networks):
        """Connect a namespace with the router, which is its way out."""
        for number, network in enumerate(networks):
            if number == 0:
                link(net, name, self.inet, name_there, network)
            else:
                address(net, name, network, 2)
                address(self.inet, name_there, network, 1)
            gateway = network + (":1" if ":" in network else ".1")
            net.ip(("-6 " if ":" in network else "")
                   + f"route add default via {gateway}")

    def add_client_nat(self):
        """Each of the client's flows gets another port on the way out."""
        self.nat1 = Net(self.test)
        self.nets.append(self.nat1)
        self.attach(self.nat1, "n1", "i0", "198.51.100")
        self.nat1.sysctl("ipv4/ip_forward", 1)
        link(self.cli, "c0", self.nat1, "n0", "192.168.7")
        self.cli.ip("route add default via 192.168.7.1")
        self.nat1.nft("""table ip nat {
  chain post { type nat hook postrouting priority 100;
    oifname "n1" masquerade random;
  }
}
""")

    def forget(self):
        """Let the NAT before the client forget its mappings, as one that
        starts anew does."""
        self.nat1.ip("link set n1 down", "link set n1 up",
                     "route add default via 198.51.100.1")


class Echo:
    """A peer in a namespace that returns what it gets, and notes from whom."""

    def __init__(self, test, net, host):
        self.socket = net.socket(test, host)
        self.socket.setblocking(False)
        self.address = self.socket.getsockname()[:2]
        self.sources = set()

    def serve_until(self, process, patience=30):
        """Echo until PROCESS has ended: what it said."""
        handle = os.pidfd_open(process.pid)
        try:
            while True:
                ready = select.select([self.socket, handle], [], [],
                                      patience)[0]
                if self.socket not in ready:
                    break
                data, source = self.socket.recvfrom(65536)
                self.sources.add(source[:2])
                self.socket.sendto(data, source)
        finally:
            os.close(handle)
        return process.communicate(timeout=10)[0]


def start(test, net, *command):
    """Start a program in a namespace; it ends with the test."""
    with net:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)

    def end():
        if process.poll() is None:
            process.kill()
        process.wait(10)
        process.stdout.close()

    test.addCleanup(end)
    return process


def line_of(process, patience=30):
    """The next line that a program says."""
    line, handle = b"", process.stdout.fileno()
    while not line.endswith(b"\n"):
        if not select.select([handle], [], [], patience)[0]:
            raise AssertionError(f"it says nothing after {line}")
        byte = os.read(handle, 1)
        if not byte:
            break
        line += byte
    return line.decode()


def wait_for(process, word, patience=30):
    """Read lines until one is WORD."""
    while (line := line_of(process, patience)) != word + "\n":
        if not line:
            raise AssertionError(f"it ended without saying {word}")


def said_in(net, *command, patience=30):
    """Run a program in a namespace to its end: its exit code and output."""
    with net:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, check=False,
                              timeout=patience)
    return done.returncode, done.stdout


def here(name):
    """A file beside this one."""
    return str(pathlib.Path(__file__).with_name(name))
