"""A real browser for tests: the system's chromium, driven by Playwright; `tests/install_browser.sh` installs it.

Without one its tests are skipped by name, but under CI they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("DECKGEN_TESTS_IN_CI", "").lower() not in ("1", "true"):
        pytest.skip("no chromium here: tests/install_browser.sh installs it")
    assert found is not None, "CI has no chromium: tests/install_browser.sh installs it"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


class Window:
    """A page in a window of its own, and everything that went wrong in it."""

    def __init__(self, browser: Any, address: str, **how: Any) -> None:
        self.window = browser.new_context(**how)
        self.page = self.window.new_page()
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        self.page.on("dialog", lambda dialog: (self.problems.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.refused: list[tuple[str, str]] = []
        self.page.on("requestfailed", lambda request: self.refused.append((request.url, request.failure)))
        self.page.goto(address)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.window.close()
