"""The profiles of the Anki of this user → the collection of one of them, for a push into a closed Anki."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deckgen.anki.actions import TargetError


def base_folder() -> Path:
    """Where Anki keeps its profiles: `ANKI_BASE`, else what its manual says for each system."""
    if chosen := os.environ.get("ANKI_BASE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "Anki2"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Anki2"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "Anki2"


def profile_names(base: Path) -> list[str]:
    """The profiles in Anki's folder that have a collection."""
    try:
        return sorted(entry.name for entry in base.iterdir() if (entry / "collection.anki2").is_file())
    except OSError:
        return []


def closed_collection(profile: str) -> Path:
    """The collection of a profile; of the only one where no name is given. Raises `TargetError`."""
    base = base_folder()
    names = profile_names(base)
    if profile in names:
        return base / profile / "collection.anki2"
    if not profile and len(names) == 1:
        return base / names[0] / "collection.anki2"
    known = f"it has {', '.join(f'`{name}`' for name in names)}" if names else "it has none"
    message = f"no profile of Anki is named `{profile}`: {known}" if profile else f"which profile of Anki? {known}"
    raise TargetError("no-profile", message, f"`--profile NAME`, or `--to FILE`; Anki's folder is {base}")
