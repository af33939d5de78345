"""Arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="A deck project, a folder of notes, or notes. Default: the project around this folder.",
        show_default=False,
    ),
]

LockPath = Annotated[
    Path | None,
    typer.Option(
        "--lock", metavar="FILE", help="The lock, where it is not deck.lock beside the notes.", show_default=False
    ),
]
