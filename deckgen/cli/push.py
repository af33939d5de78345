"""`deckgen push`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.compiling import find_build

if TYPE_CHECKING:
    from deckgen.anki.actions import Target
    from deckgen.anki.anki_state import AnkiState
    from deckgen.anki.plan import Choice, Plan, PushOptions
    from deckgen.build.view import Build
    from deckgen.diagnostics import Diagnostic
    from deckgen.project.locate import Request
    from deckgen.reports.diff_text import Paint

To = Annotated[
    str,
    Option(
        "--to",
        metavar="anki|closed|FILE",
        help="A running Anki; the collection of --profile, with Anki closed; or a collection.anki2.",
    ),
]
Url = Annotated[
    str | None,
    Option(
        "--url",
        metavar="URL",
        help="Where AnkiConnect listens. Default: http://127.0.0.1:8765. Its API key: DECKGEN_ANKICONNECT_KEY.",
    ),
]
Profile = Annotated[
    str,
    Option("--profile", metavar="NAME", help="The profile that is meant. Stop if Anki has another one open."),
]
Conflicts = Annotated[
    Literal["skip", "ours", "theirs", "ask"],
    Option("--conflicts", help="What to do with a note that was edited both in the notes and in Anki."),
]
Retired = Annotated[
    Literal["suspend", "delete", "keep"],
    Option("--retired", help="What to do with notes that left the sources."),
]


def push(
    paths: Paths = None,
    to: To = "anki",
    url: Url = None,
    profile: Profile = "",
    conflicts: Conflicts = "skip",
    retired: Retired = "suspend",
    again: Annotated[bool, Option("--again", help="Add notes again that were deleted in Anki.")] = False,
    accept_deletions: Annotated[
        bool, Option("--accept-deletions", help="Allow a push to delete more than a fifth of the notes.")
    ] = False,
    change_note_types: Annotated[
        bool,
        Option(
            "--change-note-types",
            help="Give notes that were taken over from another tool deckgen's note types; their schedules stay.",
        ),
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Change nothing; print the plan.")] = False,
    json: Annotated[bool, Option("--json", help="Print the plan as JSON.")] = False,
    lock: LockPath = None,
) -> None:
    """Bring Anki itself up to date: add, update, move and retire notes, and leave what was done in Anki."""
    from deckgen.anki.plan import PushOptions
    from deckgen.project.locate import Request

    asks = conflicts == "ask"
    if asks and (json or not (sys.stdin.isatty() and sys.stdout.isatty())):
        raise click.BadParameter("`ask` needs a terminal", param_hint="--conflicts")
    options = PushOptions(
        "skip" if conflicts == "ask" else conflicts,
        {},
        retired,
        again,
        accept_deletions,
        names_profile=bool(profile) or to != "anki",
        changes_note_types=change_note_types,
    )
    target = open_target(to, url, profile, is_read_only=dry_run)
    try:
        request = Request(tuple(paths or ()), None, lock)
        is_asked = not json and sys.stdin.isatty() and sys.stdout.isatty()
        plan, backup = push_to(
            target, request, options, asks=asks, is_dry=dry_run, shows_bar=not json, asks_note_types=is_asked
        )
    finally:
        close(target)
    if json:
        terminal.write_json(_data(plan, is_done=not dry_run, backup=backup))
    else:
        from deckgen.reports.push import plan_lines

        terminal.write_lines(plan_lines(plan, target.name, terminal.width(), paint(), is_done=not dry_run))
        if backup:
            terminal.write_lines([f"a backup is in {backup}"])
    if plan.open_conflicts:
        raise click.exceptions.Exit(1)


def _data(plan: Plan, *, is_done: bool, backup: str) -> dict[str, object]:
    from deckgen.reports.push import plan_data

    return {**plan_data(plan), "pushed": is_done, "backup": backup or None}


def open_target(to: str, url: str | None, profile: str, *, is_read_only: bool) -> Target:
    """The way into Anki that the command line names; says what is wrong with it and ends."""
    from deckgen.anki.actions import TargetError

    try:
        if to == "anki":
            from deckgen.anki import ankiconnect

            address = url or ankiconnect.DEFAULT_URL
            if not ankiconnect.is_loopback(address):
                terminal.print_diagnostics([ankiconnect.remote_warning(address)])
            return ankiconnect.AnkiConnect(address, os.environ.get(ankiconnect.KEY_VARIABLE, ""), profile)
        from deckgen.anki.collection_engine import Collection

        if url:
            raise click.BadParameter("only for `--to anki`", param_hint="--url")
        if to == "closed":
            from deckgen.anki.profiles import closed_collection

            return Collection(closed_collection(profile), is_read_only=is_read_only)
        if profile:
            raise click.BadParameter("only for `--to anki` and `--to closed`", param_hint="--profile")
        return Collection(Path(to), is_read_only=is_read_only)
    except TargetError as problem:
        terminal.exit_with([problem.diagnostic])


def close(target: Target) -> None:
    """Let go of Anki. What goes wrong then is printed; nothing more can be done about it."""
    from deckgen.anki.actions import TargetError

    try:
        target.close()
    except TargetError as problem:
        terminal.print_diagnostics([problem.diagnostic])


def paint() -> Paint:
    """Colours, where somebody sees them."""
    from deckgen.reports.diff_text import Paint

    return Paint(terminal.is_colored(sys.stdout))


def push_to(
    target: Target,
    request: Request,
    options: PushOptions,
    *,
    asks: bool,
    is_dry: bool,
    shows_bar: bool,
    asks_note_types: bool = False,
) -> tuple[Plan, str]:
    """Build, plan, write the lock, carry out; once more from the start when the lock changed meanwhile."""
    from msgspec.structs import replace

    from deckgen.anki.actions import TargetError
    from deckgen.anki.planner import make_plan
    from deckgen.build.commit import LockChangedError
    from deckgen.diagnostics import Diagnostic

    is_first = True
    try:
        while True:
            build = run_checked(request, prints_diagnostics=is_first)
            state, plan = plan_for(build, target, options)
            if asks_note_types and not is_dry and plan.changeable and _wants_note_types(plan, target):
                options = replace(options, changes_note_types=True)
                plan, _ = make_plan(build, state, options, _now())
            if asks and plan.open_conflicts:
                _, plan = _with_answers(build, state, options, plan)
            if is_dry:
                return plan, ""
            try:
                problems = _write_lock(build, plan)
                break
            except LockChangedError:
                if not is_first:
                    hint = "wait for the other build to end, then push again"
                    problems = [Diagnostic("lock-changed", "deck.lock changed while this push ran, twice", hint=hint)]
                    break
                is_first = False
        if problems:
            terminal.exit_with(problems)
        if not plan.changes_anki:
            return plan, ""
        from deckgen.anki.execute import carry_out

        with terminal.progress("pushing", len(plan.new) + len(plan.notes) + len(plan.deletions), shows_bar) as step:
            return plan, carry_out(plan, target, build.files, step)
    except TargetError as problem:
        terminal.exit_with([problem.diagnostic])
    except OSError as problem:
        message = f"the disk refused: {problem.strerror or problem}"
        terminal.exit_with([Diagnostic("push-refused", message, hint="push again when that is mended")])


def run_checked(request: Request, *, prints_diagnostics: bool) -> Build:
    """A build without errors, or the end of the command; nothing is written."""
    from deckgen.build.preflight import check_surroundings
    from deckgen.diagnostics import has_errors
    from deckgen.diagnostics.paths import shown_path

    build, diagnostics = find_build(request)
    if build is None:
        terminal.exit_with(diagnostics)
    diagnostics = [*check_surroundings(build), *diagnostics]
    if has_errors(diagnostics):
        terminal.exit_with(diagnostics)
    if prints_diagnostics:
        terminal.print_diagnostics(diagnostics)
        if build.chosen is not None and not request.paths and not terminal.is_quiet():
            print(f"of this folder only; for all notes, name the project: {shown_path(build.root)}", file=sys.stderr)
    return build


def plan_for(build: Build, target: Target, options: PushOptions, *, is_status: bool = False) -> tuple[AnkiState, Plan]:
    """Read Anki and plan; a plan that may not be carried out ends the command. Raises `TargetError`."""
    from deckgen.anki.planner import make_plan, query_of

    state = target.read(query_of(build, with_lapses=is_status))
    plan, problems = make_plan(build, state, options, _now())
    if problems and not is_status:
        terminal.exit_with(problems)
    terminal.print_diagnostics(problems)
    return state, plan


def compared(
    paths: Sequence[Path] | None, to: str, url: str | None, profile: str, lock: Path | None
) -> tuple[Build, Target, AnkiState, Plan]:
    """What the notes and Anki say, for a command that changes nothing in Anki; what is wrong ends the command."""
    from deckgen.anki.actions import TargetError
    from deckgen.anki.plan import PushOptions
    from deckgen.project.locate import Request

    build = run_checked(Request(tuple(paths or ()), None, lock), prints_diagnostics=True)
    target = open_target(to, url, profile, is_read_only=True)
    try:
        state, plan = plan_for(build, target, PushOptions(), is_status=True)
    except TargetError as problem:
        terminal.exit_with([problem.diagnostic])
    finally:
        close(target)
    return build, target, state, plan


def _now() -> int:
    return int(datetime.now(tz=UTC).timestamp())


def _wants_note_types(plan: Plan, target: Target) -> bool:
    """Ask whether notes of another tool get deckgen's note types: a closed Anki synchronises all of itself then."""
    from deckgen.reports.columns import counted

    said = (
        f"{counted(len(plan.changeable), 'note')} that another tool made can get deckgen's note types. Their schedules"
    )
    print(f"{said} and tags stay, and what else stands on their cards.")
    if target.syncs_fully:
        print("Anki will then want a full sync: choose Upload there.")
    print("Change the note types? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _with_answers(build: Build, state: AnkiState, options: PushOptions, plan: Plan) -> tuple[AnkiState, Plan]:
    """Ask about each conflict, and plan anew with the answers."""
    from msgspec.structs import replace

    from deckgen.anki.planner import make_plan
    from deckgen.reports.push import conflict_lines

    answers: dict[str, Choice] = {}
    for one in plan.open_conflicts:
        terminal.write_lines(conflict_lines([one], terminal.width(), paint()))
        print("Anki's on the left, the notes' on the right. Keep [a]nki's, write the [n]otes', [s]kip? ", end="")
        sys.stdout.flush()
        answer = sys.stdin.readline().strip().lower()[:1]
        answers[one.in_anki.guid] = "theirs" if answer == "a" else "ours" if answer == "n" else "skip"
    answered, _ = make_plan(build, state, replace(options, choices=answers), _now())
    return state, answered


def _write_lock(build: Build, plan: Plan) -> list[Diagnostic]:
    from msgspec.structs import replace

    from deckgen.build.commit import write_lock
    from deckgen.identity.lock import format_lock

    lock = build.identified.lock
    text = build.lock_text
    if plan.lines:
        lines = tuple(plan.lines.get(line.guid, line) for line in lock.lines)
        variants = {guid: found for guid, found in lock.variants.items() if guid not in plan.lines}
        text = format_lock(replace(lock, lines=lines, variants=variants))
    project = build.project
    return write_lock(project.lock_path, project.lock_text, text)
