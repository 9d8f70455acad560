# SPDX-License-Identifier: MIT
"""The manifests for Kubernetes are well-formed and hang together."""
import pathlib
import subprocess
import tempfile
import unittest

from programs import main, program

try:
    import yaml
except ImportError:
    yaml = None

FOLDER = pathlib.Path(__file__).parents[2] / "examples/turn-server/kubernetes"
VERSIONS = {"Namespace": "v1", "Secret": "v1", "ConfigMap": "v1",
            "DaemonSet": "apps/v1"}


@unittest.skipUnless(yaml, "python3-yaml is not installed")
class Manifests(unittest.TestCase):
    """All files of the folder."""

    def setUp(self):
        self.all = [one for path in sorted(FOLDER.glob("*.yaml"))
                    for one in yaml.safe_load_all(path.read_text("utf-8"))]

    def one(self, kind):
        """The only one of its kind."""
        found = [m for m in self.all if m["kind"] == kind]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_kinds_versions_and_names(self):
        self.assertEqual({m["kind"] for m in self.all}, set(VERSIONS))
        for manifest in self.all:
            self.assertEqual(manifest["apiVersion"],
                             VERSIONS[manifest["kind"]])
            self.assertTrue(manifest["metadata"]["name"])
            if manifest["kind"] != "Namespace":
                self.assertEqual(manifest["metadata"]["namespace"],
                                 self.one("Namespace")["metadata"]["name"])

    def test_daemon_set(self):
        spec = self.one("DaemonSet")["spec"]
        pod = spec["template"]["spec"]
        self.assertEqual(spec["selector"]["matchLabels"],
                         spec["template"]["metadata"]["labels"])
        self.assertTrue(pod["hostNetwork"])
        volumes = {v["name"] for v in pod["volumes"]}
        for container in pod["initContainers"] + pod["containers"]:
            self.assertTrue(container["image"])
            for mount in container["volumeMounts"]:
                self.assertIn(mount["name"], volumes)
        server = pod["containers"][0]
        for probe, path in (("startupProbe", "/livez"),
                            ("readinessProbe", "/healthz"),
                            ("livenessProbe", "/livez")):
            self.assertEqual(server[probe]["httpGet"]["path"], path)
            self.assertEqual(server[probe]["httpGet"]["port"], 8080)
        named = {v["name"]: v for v in pod["volumes"]}
        self.assertEqual(named["common"]["configMap"]["name"],
                         self.one("ConfigMap")["metadata"]["name"])
        self.assertEqual(named["secret"]["secret"]["secretName"],
                         self.one("Secret")["metadata"]["name"])

    def test_the_server_takes_the_configuration(self):
        text = self.one("ConfigMap")["data"]["common.conf"] \
            + self.one("Secret")["stringData"]["secrets.conf"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "turnserver.conf")
            path.write_text(text, "utf-8")
            done = subprocess.run(
                [program("turn-server"), "-c", str(path), "--check-config"],
                capture_output=True, text=True, timeout=30, check=False)
        if "libmicrohttpd" in done.stdout:
            self.skipTest("turn-server was built without libmicrohttpd")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("ignored", done.stdout)


if __name__ == "__main__":
    main()
