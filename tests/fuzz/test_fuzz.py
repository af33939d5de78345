"""Mutated notes, rules, deck.yaml, locks, packages, caches, foreign folders and answers of Anki: nothing breaks a promise.

A minute's worth. `DECKGEN_FUZZ_INPUTS=25000` tries that many of each kind, `DECKGEN_FUZZ_SECONDS=600` each kind for that
long; `DECKGEN_FUZZ_SEED` begins elsewhere.
"""

from __future__ import annotations

import os
import sys

import pytest
from cases import KINDS
from harness import as_test, case_of, fuzz, minimised

pytestmark = [
    pytest.mark.usefixtures("plain_environment"),
    pytest.mark.skipif(sys.platform != "linux", reason="needs fork and /proc"),
]

INPUTS = int(os.environ.get("DECKGEN_FUZZ_INPUTS", "0"))
SECONDS = float(os.environ.get("DECKGEN_FUZZ_SECONDS", "1e9" if INPUTS else "6"))
SEED = int(os.environ.get("DECKGEN_FUZZ_SEED", "0"))


@pytest.mark.parametrize("kind", KINDS)
def test_inputs(kind: str) -> None:
    report = fuzz(kind, SEED, INPUTS or 10**9, SECONDS)
    print(f"{kind}: {report.inputs:,} inputs, {len(report.findings)} findings, {report.peak >> 20} MiB at most")
    assert report.inputs  # how many fit into the seconds says the machine
    if report.findings:
        first = report.findings[0]
        case = minimised(case_of(kind, first.seed, first.index), first.problem)
        listed = "\n".join(map(str, report.findings))
        pytest.fail(f"{listed}\n\n{as_test(first, case)}", pytrace=False)
