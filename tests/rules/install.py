#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The installed library can be found, compiled against, linked and run, as C
and as C++, shared and static.

usage: install.py SOURCE-ROOT BUILD-ROOT
"""
import os
import pathlib
import subprocess
import sys
import tempfile


def run(command, **more):
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        print(*command)
        print(done.stdout)
        sys.exit(1)
    return done.stdout


def flags(pc, *options):
    """What pkg-config says, with the prefix moved to where PC really is."""
    prefix = str(pc)[:str(pc).index("/lib")]
    env = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
    return run(["pkg-config", "--define-variable=prefix=" + prefix, *options,
                "saturn"], env=env).split()


def main():
    root, build = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "root"
        run(["meson", "install", "-C", str(build), "--no-rebuild",
             "--destdir", str(target)])
        pc = next(target.rglob("saturn.pc"))
        libdir = pc.parent.parent
        static = [str(libdir / "libsaturn.a") if flag == "-lsaturn" else flag
                  for flag in flags(pc, "--libs", "--static")]
        program = str(pathlib.Path(folder) / "use")
        for compiler in (["cc", "-std=c99"], ["c++", "-x", "c++"]):
            for libs in (flags(pc, "--libs"), static):
                run([*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                     *flags(pc, "--cflags"), str(root / "tests/rules/use.c"),
                     "-x", "none", "-o", program, *libs])
                env = {**os.environ, "LD_LIBRARY_PATH": str(libdir)}
                print(run([program], env=env).strip())
    return 0


sys.exit(main())
