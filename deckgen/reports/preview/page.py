"""Cards → the page that shows them: one HTML file that needs no network and lets nothing of a note run.

A card is drawn in a frame of its own without scripts, and the content security policy lets only the page's own script
pass, by its digest. Pictures are in the page as data, or come from the server that sent it.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from deckgen.reports.inline_scripts import script_data, script_digest

EDITORS: Mapping[str, str] = {
    "vscode": "vscode://file{path}:{line}:{column}",
    "vscodium": "vscodium://file{path}:{line}:{column}",
    "cursor": "cursor://file{path}:{line}:{column}",
    "zed": "zed://file{path}:{line}:{column}",
    "idea": "idea://open?file={path}&line={line}&column={column}",
    "obsidian": "obsidian://open?path={path}",
    "file": "file://{path}",
    "none": "",
}
"""Addresses that open a source at a place: `{path}` begins with a slash."""


def make_page(data: Mapping[str, Any], *, is_live: bool = False) -> str:
    """The page, as text. A live one asks its server for changes, and has its data from there."""
    style, script = own_text("page.css"), own_text("page.js")
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy(is_live=is_live)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            '<link rel="icon" href="data:,">\n',
            f"<title>{html.escape(data['deck'])}: cards</title>\n<style>{style}</style>\n</head>\n",
            f"<body{' data-live' if is_live else ''}>\n{own_text('page.html')}",
            f'<script type="application/json" id="data">{script_data(data)}</script>\n',
            f'<script type="text/plain" id="reviewer">{own_text("reviewer.css")}</script>\n',
            f"<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def policy(*, is_live: bool) -> str:
    """What the page may load and run. Styles may stand anywhere: those of a note type and of a note's own tags do."""
    own = "'self' " if is_live else ""
    parts = [
        "default-src 'none'",
        f"script-src '{script_digest(own_text('page.js'))}'",
        "style-src 'unsafe-inline'",
        f"img-src {own}data:",
        f"media-src {own}data:",
        *(["connect-src 'self'"] if is_live else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(parts)


def own_text(name: str) -> str:
    """A file that is a part of the page."""
    return files("deckgen.reports.preview").joinpath(name).read_text("utf-8")
