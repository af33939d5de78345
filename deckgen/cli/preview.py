"""`deckgen preview`."""

from __future__ import annotations

import gc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.compiling import find_build, read_now

if TYPE_CHECKING:
    from deckgen.project.locate import Request


def preview(
    paths: Paths = None,
    page: Annotated[
        Path | None,
        Option("--html", metavar="FILE", help="Write one page that needs no network, and serve nothing."),
    ] = None,
    port: Annotated[
        int, Option("--port", metavar="PORT", help="Serve on this port of 127.0.0.1.", min=0, max=65535)
    ] = 8025,
    no_browser: Annotated[bool, Option("--no-browser", help="Do not open the browser.")] = False,
    editor: Annotated[
        str,
        Option(
            "--editor",
            metavar="NAME",
            envvar="DECKGEN_EDITOR",
            help="What opens a source: vscode, vscodium, cursor, zed, idea, obsidian, file, none, or an address with "
            "{path}, {line} and {column}.",
        ),
    ] = "vscode",
    rules: Annotated[
        Path | None,
        Option("--rules", metavar="FILE", help="Show at /rules what a rule file makes of the note that PATH names."),
    ] = None,
    lock: LockPath = None,
) -> None:
    """Show every card in the browser as Anki will, and follow every change of a note or a rule."""
    from deckgen.diagnostics.paths import shown_path
    from deckgen.project.locate import Request

    address = _editor(editor)
    if page is not None and not terminal.may_be_replaced(page):
        raise click.BadParameter(f"{shown_path(page)} is there, and is no page: it stays", param_hint="--html")
    read_now()  # a clock that is set wrongly ends the command here
    request = Request(tuple(paths or ()), None, lock)
    if rules is not None and (page is not None or len(request.paths) != 1 or not request.paths[0].is_file()):
        raise click.BadParameter("name the one note that the rule file is tried on", param_hint="--rules")
    if page is None:
        _serve(request, address, port, rules, opens_browser=not no_browser)
    else:
        _write(request, address, page)


def _serve(request: Request, address: str, port: int, rules: Path | None, *, opens_browser: bool) -> None:
    from deckgen.reports.preview.server import serve
    from deckgen.reports.preview.trial_page import TrialPage

    gc.enable()
    trial = TrialPage(rules, request.paths[0]) if rules is not None else None
    run = partial(find_build, request)
    terminal.print_diagnostics(serve(request, run, address, port, opens_browser=opens_browser, trial=trial))


def _write(request: Request, address: str, page: Path) -> None:
    """One page with all that it shows in it."""
    from deckgen.diagnostics.paths import shown_path
    from deckgen.reports.columns import counted
    from deckgen.reports.preview.cards import page_data
    from deckgen.reports.preview.media import embedded
    from deckgen.reports.preview.page import make_page

    build, diagnostics = find_build(request)
    if build is None:
        terminal.exit_with(diagnostics)
    terminal.print_diagnostics(diagnostics)
    data = page_data(build) | {"editor": address}
    if not address:
        data["root"] = ""  # nobody's business
    media, left_out = embedded(build)
    terminal.print_diagnostics(left_out)
    try:
        terminal.write_page(page, make_page(data | {"media": media}))
    except OSError as problem:
        terminal.exit_with([terminal.unwritable(page, problem)])
    terminal.write_lines([f"wrote {shown_path(page)}: {counted(len(data['cards']), 'card')}"])


def _editor(name: str) -> str:
    """The address that opens a source."""
    import re

    from deckgen.reports.preview.page import EDITORS

    if name in EDITORS:
        return EDITORS[name]
    if "{path}" in name and re.match(r"(?!(?:javascript|data|vbscript):)[a-z][a-z0-9+.-]*:", name, re.IGNORECASE):
        return name
    hint = f"one of {', '.join(EDITORS)}; or an address such as `vscode://file{{path}}:{{line}}`"
    raise click.BadParameter(f"no editor is known as `{name}`: {hint}", param_hint="--editor")
