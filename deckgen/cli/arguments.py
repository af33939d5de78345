"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from deckgen.cli.annotated_command import Argument, Option

Paths = Annotated[
    list[Path] | None,
    Argument(
        metavar="PATH",
        help="A deck project, a folder of notes, or notes. Default: this folder, in the project around it.",
    ),
]

BuiltPaths = Annotated[
    list[Path] | None,
    Argument(
        metavar="PATH",
        help="A deck project, a folder of notes, or notes. Default: the project around this folder.",
    ),
]
"""Those of a command that makes a package."""

LockPath = Annotated[
    Path | None,
    Option("--lock", metavar="FILE", help="The lock, if it is not deck.lock beside the notes."),
]
