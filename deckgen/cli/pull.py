"""`deckgen pull`."""

from __future__ import annotations

import sys
from typing import Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.push import Profile, To, Url, compared


def pull(
    paths: Paths = None,
    to: To = "anki",
    url: Url = None,
    profile: Profile = "",
    yes: Annotated[bool, Option("--yes", help="Take all edits without asking.")] = False,
    skips: Annotated[
        bool, Option("--skips", help="Also skip what is suspended, deleted or tagged deckgen::skip in Anki.")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Write nothing; print what was edited.")] = False,
    lock: LockPath = None,
) -> None:
    """Take over what you edited in Anki: into deck.choices.yaml, never into the notes.

    Fields only, not tags. Builds, packages and pushes then have your words.
    """
    from deckgen.build.view import note_types_of
    from deckgen.reports.columns import counted
    from deckgen.reports.pull import pull_lines, pulled_from, unwanted_in, unwanted_lines
    from deckgen.reports.review.deciding import Deciding

    build, _, state, plan = compared(paths, to, url, profile, lock)
    types = {note_type.name: note_type for note_type in note_types_of(build)}
    pulled = pulled_from(plan, types, build.project.config.html)
    unwanted = unwanted_in(plan, build, state)
    terminal.write_lines([*pull_lines(pulled, terminal.width()), *unwanted_lines(unwanted, terminal.width())])
    if not pulled and not unwanted:
        terminal.write_lines(["nothing was edited in Anki that the notes do not say"])
        return
    if dry_run:
        terminal.write_lines([f"{counted(len(pulled), 'note')} edited in Anki (nothing is written)"])
        return
    if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("there is no terminal to ask in: `--yes` takes all, `--dry-run` shows them")
    deciding = Deciding(build.root, build.lock_path, build.project.choices)
    taken = 0
    for one in pulled:
        if yes or click.confirm(f"take {', '.join(one.fields)} of {one.note.note.guid}?", default=True):
            if problems := deciding.word(one.note, one.fields):
                terminal.exit_with(problems)
            taken += 1
    what = f"{counted(len(unwanted), 'note')} suspended, deleted or tagged in Anki"
    if unwanted and (skips or (not yes and click.confirm(f"{what}: skip them?", default=False))):
        if problems := deciding.all_of("skip", [rendered for rendered, _ in unwanted]):
            terminal.exit_with(problems)
        terminal.write_lines([f"{counted(len(unwanted), 'note')} skipped"])
    elif unwanted and yes:
        terminal.write_lines([f"{what}: `--skips` skips them"])
    terminal.write_lines([f"{counted(taken, 'note')} in your words in deck.choices.yaml", "next: `deckgen build`"])
