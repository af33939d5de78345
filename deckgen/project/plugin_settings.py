"""Settings of a plugin of Obsidian that makes cards → what deck.yaml says of the same: decks, tags and separators."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from deckgen.project.deck_names import find_problem
from deckgen.project.editor import settings_of
from deckgen.rules.separators import LONGEST

_PLUGINS = {
    "compat/obsidian-to-anki": ("obsidian-to-anki-plugin",),
    "compat/obsidian-to-anki-headings": ("obsidian-to-anki-plugin",),
    "compat/obsidian-spaced-repetition": ("obsidian-spaced-repetition",),
    "compat/flashcards-obsidian": ("flashcards-obsidian",),
}
_SEPARATORS = {
    "compat/obsidian-spaced-repetition": {
        "singleLineCardSeparator": ("line", "::"),
        "singleLineReversedCardSeparator": ("reversed-line", ":::"),
        "multilineCardSeparator": ("lines", "?"),
        "multilineReversedCardSeparator": ("reversed-lines", "??"),
        "multilineCardEndMarker": ("end", ""),
    },
    "compat/flashcards-obsidian": {
        "inlineSeparator": ("line", "::"),
        "inlineSeparatorReverse": ("reversed-line", ":::"),
    },
}
_FOLDERS_ARE_DECKS = {
    "compat/obsidian-spaced-repetition": "convertFoldersToDecks",
    "compat/flashcards-obsidian": "folderBasedDeck",
}


class PluginSettings(Struct, frozen=True):
    """What its users chose. `folders`: deck and tags of some folders."""

    folders: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)  # those that are not the pack's own
    are_folders_decks: bool = False


NO_SETTINGS = PluginSettings()


def plugin_settings(root: Path, pack: str) -> PluginSettings:
    """The settings of the plugin whose notes a pack reads; the plugin's own where the vault has none."""
    for plugin in _PLUGINS.get(pack, ()):
        data = settings_of(root, f"plugins/{plugin}/data.json")
        inner = data.get("settings")
        settings = inner if isinstance(inner, dict) else data
        if settings:
            return PluginSettings(
                _folders(settings), _separators(settings, pack), settings.get(_FOLDERS_ARE_DECKS.get(pack, "")) is True
            )
    return NO_SETTINGS


def _folders(settings: Mapping[str, Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The two tables of Obsidian_to_Anki; a folder of which neither says anything is in none."""
    decks, tags = (_texts(settings.get(key)) for key in ("FOLDER_DECKS", "FOLDER_TAGS"))
    found = {}
    for path in sorted(decks.keys() | tags.keys()):
        deck = decks.get(path, "")
        names = tuple(tags.get(path, "").replace(",", " ").split())
        if path.strip("/") and ".." not in path.split("/") and (deck or names):
            found[path.strip("/")] = ("" if find_problem(deck) else deck, names)
    return {path: one for path, one in found.items() if any(one)}


def _texts(table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        return {}
    return {str(key): text.strip() for key, text in table.items() if isinstance(text, str) and text.strip()}


def _separators(settings: Mapping[str, Any], pack: str) -> dict[str, str]:
    found = {}
    for key, (name, usual) in _SEPARATORS.get(pack, {}).items():
        text = settings.get(key)
        if isinstance(text, str) and text.strip() and text != usual and len(text) <= LONGEST and text.isprintable():
            found[name] = text
    return found
