#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test stun-decode over the captures of tests/captures/: of each mistake the
finding that the index names, and no other; of healthy traffic none.

usage: test_decode_fixtures.py [TEST...]
"""
import sys

from decode_run import Run, index, main, path_of, same, test

@test
def each_mistake_has_its_finding():
    n, wrong = 0, []
    for name, finding, *words in index("mistakes.tsv"):
        path = path_of(name)
        run = Run("--json", *words, path)
        if [run.ids(), run.code] != [[finding], 1]:
            wrong.append(f"{name}: {finding}, got {run.findings} {run.err}")
        n += 1
    assert not wrong, "\n".join(wrong)
    assert n >= 30, n


@test
def no_mistake_needs_credentials_to_be_survived():
    for name, *_ in index("mistakes.tsv"):
        run = Run("--json", path_of(name))
        same([len(run.findings), run.code], [1, 1], name)


@test
def healthy_traffic_has_no_finding():
    n = 0
    for name, *words in index("healthy.tsv"):
        path = path_of(name)
        for args in ((), words):
            run = Run("--json", *args, path)
            same([run.findings, run.code], [[], 0], (name, args))
            assert len(run.messages) > 1, name
        n += 1
    assert n >= 10, n


if __name__ == "__main__":
    sys.exit(main())
