"""The command line: arguments in, one function called, the result printed.

Exit codes: 0 fine, 1 findings, 2 the input or the command line is wrong. Nothing of the pipeline is imported before a
command needs it.
"""

from __future__ import annotations

import gc
import os
import sys

import click

from deckgen import __version__
from deckgen.cli import (
    adopt,
    build,
    coverage,
    diff,
    explain,
    init,
    lint,
    listing,
    lsp,
    preview,
    pull,
    push,
    review,
    rules,
    status,
    terminal,
    watch,
)
from deckgen.cli.annotated_command import Commands


def _install_completion(context: click.Context, _parameter: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        from deckgen.cli.completion import install_completion

        install_completion(context)


COMMANDS = (  # in the order of a day's work; the lines of `deckgen --help`, which cuts none at 80 columns
    ("init", init.init, "Write a deck.yaml that fits a folder of notes."),
    ("build", build.build, "Build the Anki package and the lock."),
    ("list", listing.list_notes, "List the notes that a build would make."),
    ("diff", diff.diff, "Show what a build would change, and why."),
    ("explain", explain.explain, "Show what each rule made of a line of a note."),
    ("lint", lint.lint, "Find cards that will be hard to learn."),
    ("coverage", coverage.coverage, "Show how much of the notes became cards."),
    ("review", review.review, "Decide on notes one by one: keep, skip, edit."),
    ("preview", preview.preview, "Show the cards in the browser, as Anki will."),
    ("watch", watch.watch, "Build on every save."),
    ("push", push.push, "Bring Anki itself up to date."),
    ("pull", pull.pull, "Take over what you edited in Anki."),
    ("status", status.status, "Show what differs between the notes and Anki."),
    ("adopt", adopt.adopt, "Take over a deck that is in Anki already."),
    ("lsp", lsp.lsp, "Serve an editor: what each text of a note becomes."),
    ("rules", rules.app, "Show the rule packs, and run their examples."),
)
app = Commands(
    "deckgen",
    {name: (function, line) for name, function, line in COMMANDS},
    help="Compiles ordinary Markdown notes into Anki decks, and keeps what you learned when the notes change.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    is_eager=True,
    expose_value=False,
    callback=terminal.choose_color,
    help="When to print in colours.",
)(app)
click.option(
    "-q",
    "--quiet",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=terminal.be_quiet,
    help="Print only errors and data.",
)(app)
click.option(
    "-v",
    "--verbose",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=terminal.be_verbose,
    help="Shorten no list of warnings or notes.",
)(app)
click.option(
    "--install-completion",
    is_flag=True,
    expose_value=False,
    callback=_install_completion,
    help="Let the shell complete commands and options, and exit.",
)(app)
click.version_option(__version__, prog_name="deckgen", message="%(prog)s %(version)s", help="Print the version.")(app)


def run() -> None:
    """`main` as a program: it ends at once. To take apart all that a command read takes a tenth of its time."""
    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise
        try:
            for stream in filter(None, (sys.stdout, sys.stderr)):  # none where the shell closed it
                stream.flush()
        except (OSError, ValueError):  # nobody reads it any more: Python has its own way to end then
            raise end from None
        os._exit(end.code or 0)


def main() -> None:
    """Run the command line; a bug in deckgen itself is reported in two lines."""
    terminal.be_normal()
    gc.disable()  # what a command reads is there until it ends; those that go on and on collect again
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace" if stream is sys.stderr else "surrogateescape")
    try:
        sys.exit(app.main(prog_name="deckgen", standalone_mode=False))
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except Exception as problem:
        if os.environ.get("DECKGEN_DEBUG"):
            raise
        print(f"deckgen: this is a bug in deckgen: {type(problem).__name__}: {problem}", file=sys.stderr)
        print("please report it, with what the same command prints under DECKGEN_DEBUG=1", file=sys.stderr)
        sys.exit(2)
