"""The command line: arguments in, one function called, the result printed.

Exit codes: 0 fine, 1 findings, 2 the input or the command line is wrong. Nothing of the pipeline is imported before a
command needs it.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from deckgen import __version__
from deckgen.cli import adopt, build, coverage, diff, explain, init, lint, listing, preview, push, rules, status, watch

app = typer.Typer(
    name="deckgen",
    help="Compiles ordinary Markdown notes into Anki decks, and keeps what you learned when the notes change.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.command("build")(build.build)
app.command("list")(listing.list_notes)
app.command("diff")(diff.diff)
app.command("explain")(explain.explain)
app.command("lint")(lint.lint)
app.command("coverage")(coverage.coverage)
app.command("preview")(preview.preview)
app.command("watch")(watch.watch)
app.command("push")(push.push)
app.command("status")(status.status)
app.command("adopt")(adopt.adopt)
app.add_typer(rules.app, name="rules")


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"deckgen {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; what goes wrong in deckgen itself is told in two lines."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace" if stream is sys.stderr else "surrogateescape")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        if os.environ.get("DECKGEN_DEBUG"):
            raise
        print(f"deckgen: this is a bug in deckgen: {type(problem).__name__}: {problem}", file=sys.stderr)
        print("please report it, with what the same command prints under DECKGEN_DEBUG=1", file=sys.stderr)
        sys.exit(2)
