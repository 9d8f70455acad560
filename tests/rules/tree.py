# SPDX-License-Identifier: MIT
"""The files of the project: what git knows, or everything outside builds."""
import os
import pathlib
import subprocess

DATA = ("tests/vectors/", "tests/iana/", "fuzz/corpus/")


def _walk(root):
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders
                      if not f.startswith("build") and f != ".git"]
        for name in names:
            yield str((pathlib.Path(folder) / name).relative_to(root))


def files(root):
    """Paths of the project's own files, data aside, relative to ROOT."""
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-z"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True, check=False)
    names = git.stdout.split("\0") if git.returncode == 0 else _walk(root)
    for name in sorted(filter(None, names)):
        path = pathlib.Path(root) / name
        if not name.startswith(DATA) and path.is_file():
            yield path
