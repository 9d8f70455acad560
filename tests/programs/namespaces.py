# SPDX-License-Identifier: MIT
"""Networks that no packet leaves: namespaces of Linux."""
import ctypes
import os
import subprocess
import unittest

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def ip(words):
    """Run ip(8)."""
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


def write(path, text):
    """Write a file of /proc."""
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def leave():
    """Move this process, and what it starts from now on, into a network
    namespace of its own; skip the tests where that is not to be had."""
    flags, ids = CLONE_NEWNET, (os.geteuid(), os.getegid())
    if ids[0] != 0:
        flags |= CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        raise unittest.SkipTest("no network namespace: "
                                + os.strerror(ctypes.get_errno()))
    if ids[0] != 0:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"0 {ids[0]} 1")
        write("/proc/self/gid_map", f"0 {ids[1]} 1")
    try:
        ip("link set lo up")
    except (OSError, subprocess.CalledProcessError) as why:
        raise unittest.SkipTest(f"ip (iproute2) does not work: {why}") from why
