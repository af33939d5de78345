"""Options for the whole suite."""

from __future__ import annotations

import os
import signal
from pathlib import Path

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

# A suite that was started in the background has SIGINT ignored, and so would the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


SLOW = [
    "test_engines.py",
    "anki/test_anki_engine.py",
    "anki/test_moving_in.py",
    "anki/test_push_interrupted.py",
    "anki/test_push_properties.py",
    "anki/test_strangers_ankiconnect.py",
    "build/test_life_of_a_deck.py",
    "rendering/test_looks_in_anki.py",
    "reports/test_browser.py",
    "reports/test_language_server.py",
    "reports/test_neovim.py",
    "reports/test_preview_browser.py",
    "reports/test_preview_decisions.py",
    "cli/test_readme.py",
    "docs/test_move_in.py",
    "extraction/test_asides_of_packs.py",
    "fuzz/test_fuzz.py",
    "build/test_crash.py",
    "build/test_differential.py",
    "build/test_first_build.py",
    "build/test_git_merge.py",
    "build/test_incremental.py",
    "build/test_rebuild.py",
    "cli/test_attacks.py",
    "cli/test_hostile_git.py",
    "cli/test_hostile_repository.py",
    "cli/test_slow_notes.py",
    "cli/test_watch.py",
    "identity/test_identity_english.py",
    "identity/test_identity_histories.py",
    "identity/test_identity_properties.py",
    "identity/test_identity_siblings.py",
    "identity/test_identity_skips.py",
    "identity/test_identity_years.py",
    "identity/test_histories_of_marked_notes.py",
    "identity/test_lock_values.py",
    "patterns/test_pattern_properties.py",
    "patterns/test_screen.py",
    "rendering/test_rendering_corpus.py",
]
"""What `make test` leaves out and `make test-all`, which CI runs, does not."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow files."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).as_posix() in SLOW:
            item.add_marker("slow")


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


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """A folder whose name is as people's are: outside ASCII, with a space."""
    folder = tmp_path / "Müllers 笔记"
    folder.mkdir()
    return folder
