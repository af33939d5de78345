"""Options for the whole suite."""

from __future__ import annotations

import os

import pytest
from browsers import browser  # noqa: F401 (a fixture)
from hypothesis import settings

# The same examples in every run, so that a change is judged by itself; `IDENTITY_EXAMPLES=20` searches at random, and deep.
settings.register_profile("same", derandomize=True, deadline=None)
if not os.environ.get("IDENTITY_EXAMPLES"):
    settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-cases` rewrites the expected output in tests/cases; the diff is then reviewed like code."""
    parser.addoption("--update-cases", action="store_true", help="rewrite the expected output of the cases")


@pytest.fixture(scope="session", autouse=True)
def own_cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The secret of the tests is not that of whoever runs them; processes that tests begin have it, too."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a person's own machine: whatever this run is part of, the tests say themselves when it is CI."""
    for name in ("CI", "SOURCE_DATE_EPOCH", "DECKGEN_DEBUG"):
        monkeypatch.delenv(name, raising=False)
