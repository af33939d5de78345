"""Random stories: a build with what earlier ones kept says and writes what one without does, to the byte.

A minute's worth; `DECKGEN_FUZZ_STEPS=20000` plays that many steps, `DECKGEN_FUZZ_SEED` begins with other stories.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from differential import Tally, as_test, improvise, shrink

pytestmark = [
    pytest.mark.usefixtures("plain_environment"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]

STEPS = int(os.environ.get("DECKGEN_FUZZ_STEPS", "320"))
SEED = int(os.environ.get("DECKGEN_FUZZ_SEED", "0"))
LENGTH = 40
"""Steps of a story."""


def test_random_stories(tmp_path: Path) -> None:
    tally = Tally()
    for seed in range(SEED, SEED + max(1, STEPS // LENGTH)):
        story, found = improvise(tmp_path / "story", seed, LENGTH, tally)
        if found is not None:
            short, found = shrink(tmp_path / "story", story, found)
            pytest.fail(f"seed {seed}, {found}\n\n{as_test(short)}", pytrace=False)
    print("\n".join(f"{count:>9,} {what}" for what, count in tally.counts.items()))
    assert tally.counts["notes opened, with cache"] < tally.counts["notes opened, without"], "the cache is of use"
