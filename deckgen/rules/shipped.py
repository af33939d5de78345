"""The rule packs that come with deckgen, as text: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from msgspec import Struct

from deckgen.diagnostics import define

define("error", unknown_pack="A rule pack is neither shipped with deckgen nor a file at that path.")

PACK_LANGUAGES = ("zh", "en")
"""The languages that have a pack of facts, which is chosen where notes are written in them."""


class PackText(Struct, frozen=True):
    """A rule pack as read: its name, the path to show in diagnostics, and the YAML."""

    name: str
    path: str
    text: str


@cache
def folder() -> Path:
    """Where the shipped packs lie."""
    here = Path(__file__).resolve().parents[1]
    inside = here / "card_rules"
    return inside if inside.is_dir() else here.parent / "card_rules"


def shipped_names() -> list[str]:
    """The names of all shipped packs, e.g. `structure`, `zh/facts`; packs of types alone are not among them."""
    names = (path.relative_to(folder()).with_suffix("").as_posix() for path in folder().rglob("*.yaml"))
    return sorted(name for name in names if not name.endswith("types"))


@cache
def shipped_languages() -> tuple[str, ...]:
    """The languages that have types of their own, e.g. `zh`."""
    return tuple(sorted(path.parent.name for path in folder().glob("*/types.yaml")))


def read_shipped(name: str) -> PackText | None:
    """A shipped pack by its name, or None when there is none of that name."""
    path = folder() / f"{name}.yaml"
    if ".." in name or name.startswith("/") or not os.path.isfile(path):
        return None
    return PackText(name, f"card_rules/{name}.yaml", path.read_text("utf-8"))
