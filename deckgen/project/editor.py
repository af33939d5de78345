"""The folder of an editor → the dialect of its notes: `.obsidian`, `logseq`, and what their settings say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.markdown.dialects import COMMONMARK, LOGSEQ, OBSIDIAN, Dialect
from deckgen.project.source_files import CONFIG_NAME, read_text

define(
    "warning",
    dialect_unsaid="Notes of an editor with a Markdown of its own are read as plain Markdown.",
)

_LIMIT = 1024 * 1024
_TEMPLATES = (("templates.json", "folder"), ("plugins/templater-obsidian/data.json", "templates_folder"))


def guessed_dialect(root: Path) -> str:
    """The dialect that a folder of notes is written in, by what its editor left there."""
    if (root / ".obsidian").is_dir():
        return OBSIDIAN
    if (root / "logseq" / "config.edn").is_file():
        return LOGSEQ
    return COMMONMARK


def dialect_of(root: Path, name: str, *, breaks: bool | None = None) -> Dialect:
    """A dialect with the settings of its editor; `breaks` is what deck.yaml says of them."""
    if name != OBSIDIAN:
        return Dialect(name)
    has_breaks = breaks if breaks is not None else _setting(root, "app.json", "strictLineBreaks") is not True
    return Dialect(name, has_breaks, excluded_folders(root))


def editor_state(root: Path) -> str:
    """All that is read of an editor's folder, as one text: where it is another, notes may be read in another way."""
    return repr((guessed_dialect(root), dialect_of(root, OBSIDIAN)))


def unsaid_dialect(root: Path, config_text: str) -> list[Diagnostic]:
    """What is reported of a deck.yaml without a `dialect:` in the folder of an editor that has one."""
    found = guessed_dialect(root)
    if not config_text or found == COMMONMARK or re.search(r"^dialect\s*:", config_text, re.MULTILINE):
        return []
    message = f"these notes look like {found.capitalize()}'s, and deck.yaml does not say so: its syntax stands on cards"
    hint = f"`dialect: {found}` reads it, `dialect: commonmark` keeps it; `deckgen diff` shows what changes"
    return [Diagnostic("dialect-unsaid", message, Span(shown_path(root / CONFIG_NAME)), hint)]


def excluded_folders(root: Path) -> tuple[str, ...]:
    """Globs of the templates of an Obsidian vault."""
    found = (_setting(root, file, key) for file, key in _TEMPLATES)
    folders = (folder.strip("/ ") for folder in found if isinstance(folder, str))
    return tuple(dict.fromkeys(f"{folder}/**" for folder in folders if folder and ".." not in folder.split("/")))


def daily_notes(root: Path) -> str:
    """The folder of an Obsidian vault's daily notes; empty where it has none of its own."""
    folder = _setting(root, "daily-notes.json", "folder")
    return folder.strip("/ ") if isinstance(folder, str) else ""


def settings_of(root: Path, file: str) -> dict[str, Any]:
    """A file of settings in `.obsidian`; none where it cannot be had. Nothing outside the vault is read."""
    path = root / ".obsidian" / file
    if not path.is_file() or leads_outside(path, root):
        return {}
    text, _ = read_text(path, limit=_LIMIT)
    try:
        settings = json.loads(text or "{}")
    except (ValueError, RecursionError):  # the second of brackets within brackets
        return {}
    return settings if isinstance(settings, dict) else {}


def _setting(root: Path, file: str, key: str) -> Any:
    """One of them; None where it cannot be had."""
    return settings_of(root, file).get(key)
