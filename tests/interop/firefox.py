#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""As chromium.py, with headless Firefox, whose ICE is another program's.

usage: firefox.py TEST-PROGRAMS, with SATURN_EXAMPLES naming where ours are
"""
import os
import pathlib
import shutil
import subprocess
import unittest

import chromium
from programs import main

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
CERTUTIL = shutil.which("certutil")
SETTINGS = {
    "media.peerconnection.ice.loopback": "true",
    "media.peerconnection.ice.obfuscate_host_addresses": "false",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "network.captive-portal-service.enabled": "false",
    "network.connectivity-service.enabled": "false",
}


@unittest.skipUnless(FIREFOX, "firefox-esr is not installed")
class FirefoxTest(chromium.ChromiumTest):
    """One browser for each way to the relay."""

    authority = None

    def trust(self, authority):
        if CERTUTIL is None:
            self.skipTest("certutil (libnss3-tools) is not installed")
        self.authority = authority

    def import_authority(self, profile):
        """Into the profile, as one that may sign."""
        store = f"sql:{profile}"
        for words in (["-N", "--empty-password"],
                      ["-A", "-n", "test", "-t", "C,,", "-i",
                       self.authority]):
            subprocess.run([CERTUTIL, "-d", store, *words], check=True,
                           capture_output=True)

    def launch(self, profile, page):
        if self.authority is not None:
            self.import_authority(profile)
        pathlib.Path(profile, "user.js").write_text(
            "".join(f'user_pref("{key}", {value});\n'
                    for key, value in SETTINGS.items()), encoding="ascii")
        return subprocess.Popen(
            [FIREFOX, "--headless", "--no-remote", "--profile", profile, page],
            env={**os.environ, "HOME": profile}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# What is imported would be run again.
chromium.ChromiumTest = None

if __name__ == "__main__":
    main()
