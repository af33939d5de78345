"""`deckgen lsp`."""

from __future__ import annotations

import gc
import sys
from importlib.util import find_spec
from typing import Annotated

import click

from deckgen.cli.annotated_command import Option


def lsp(
    stdio: Annotated[bool, Option("--stdio", help="Speak over standard input and output, as it always does.")] = True,
) -> None:
    """Serve an editor: cards, findings and words of rules where the cursor is (the Language Server Protocol)."""
    if find_spec("pygls") is None:
        hint = "`pip install '.[lsp]'` in deckgen's folder installs it"
        print(f"deckgen: the language server needs pygls, which is not installed: {hint}", file=sys.stderr)
        raise click.exceptions.Exit(2)
    assert stdio
    from deckgen.reports.language_server.server import run

    if sys.stdin.isatty():
        print("deckgen lsp speaks to an editor, which starts it; Ctrl-C ends it", file=sys.stderr)

    gc.enable()
    run()
