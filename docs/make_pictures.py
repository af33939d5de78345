"""Takes the pictures of README and the site in docs/pictures/: the preview of a demo deck, and one of its cards by night.

`make pictures` runs it. It needs chromium, which tests/install_browser.sh installs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = Path(__file__).parent / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CARD = "Who designed the Difference Engine?"


def preview_page(folder: Path) -> Path:
    """The preview of the demo deck as one page."""
    deck = folder / "computing"
    shutil.copytree(ROOT / "decks/computing", deck)
    page = folder / "preview.html"
    command = [sys.executable, "-m", "deckgen", "preview", str(deck), "--html", str(page), "--editor", "none"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return page


def take(page: Page, name: str) -> None:
    """Write what the page shows."""
    page.wait_for_timeout(300)  # a picture and a font may still be on their way
    page.screenshot(path=PICTURES / f"{name}.png")


def main() -> None:
    """Take all pictures."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("no chromium: tests/install_browser.sh installs it")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        address = preview_page(Path(folder)).as_uri()
        started = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name, scheme, width, height in (("preview", "light", 1000, 560), ("night", "dark", 1000, 560)):
            page = started.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(address)
            page.keyboard.press("/")
            page.keyboard.type("Difference")
            page.keyboard.press("Escape")
            page.get_by_text(CARD).first.click()
            page.keyboard.press("Space")
            take(page, name)
        started.close()


if __name__ == "__main__":
    main()
