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

AMBIENT = ("CI", "SOURCE_DATE_EPOCH", "DECKGEN_DEBUG")
"""What builds go by, and what a test may not take from whoever runs it; fixtures of a module included."""

if os.environ.get("CI"):
    os.environ["DECKGEN_TESTS_IN_CI"] = os.environ["CI"]  # for the tests themselves, and the workers that run them
for _name in AMBIENT:
    os.environ.pop(_name, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-cases` rewrites the expected output in tests/cases; the diff is then reviewed like code."""
    parser.addoption("--update-cases", action="store_true", help="rewrite the expected output of the cases")


@pytest.fixture(scope="session", autouse=True)
def own_cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The secret of the tests is not that of whoever runs them; processes that tests begin have it, too."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a person's own machine, in whatever this run is part of: a test says itself when it is in CI."""
    for name in AMBIENT:
        monkeypatch.delenv(name, raising=False)
