"""`deckgen review` on a terminal: one card at a time, a key each. The only module that imports prompt_toolkit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style

from deckgen.reports.review.deciding import editable

if TYPE_CHECKING:
    from deckgen.reports.review.session import Session

_STYLE = Style.from_dict(
    {"head": "bold", "soft": "#888888", "strong": "bold", "key": "bold ansicyan", "warning": "ansiyellow"}
)
_WIDEST = 100


def run_screen(session: Session) -> None:
    """Show one card after the other until there is none, or `q` is pressed."""
    bindings = KeyBindings()

    def show_anew(event: KeyPressEvent) -> None:
        event.app.renderer.clear()  # whatever an editor, or a program behind, left on the screen
        event.app.invalidate()

    for key in ("k", "s", "n", "N", "a", "u", "b", "space"):

        @bindings.add(key)
        def _(event: KeyPressEvent, key: str = key) -> None:
            session.press(key)
            show_anew(event)

    @bindings.add("e")
    async def _(event: KeyPressEvent) -> None:
        if session.item is None or session.item.miss:
            return
        fields = editable(session.item.note)
        edited = await run_in_terminal(lambda: edit_in_editor(fields), in_executor=True)
        if isinstance(edited, str):
            session.said = edited
        else:
            session.edited(edited)
        show_anew(event)

    @bindings.add("q")
    @bindings.add("escape", eager=True)
    @bindings.add("c-c")
    @bindings.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit()

    def text() -> StyleAndTextTuples:
        width = min(application.output.get_size().columns, _WIDEST) - 1
        shown: StyleAndTextTuples = []
        for line in session.lines(width):
            shown.extend((f"class:{style}" if style else "", piece) for style, piece in line)
            shown.append(("", "\n"))
        return shown

    application: Application[None] = Application(
        layout=Layout(Window(FormattedTextControl(text), wrap_lines=False, always_hide_cursor=True)),
        key_bindings=bindings,
        style=_STYLE,
        color_depth=ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None,
        full_screen=True,
    )
    application.ttimeoutlen = 0.05
    application.run()


def edit_in_editor(fields: Mapping[str, str]) -> dict[str, str] | str:
    """The fields as they come out of $VISUAL or $EDITOR; else why there are none."""
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="deckgen-") as folder:
        path = Path(folder) / "note.md"
        path.write_text(format_fields(fields), "utf-8")
        try:
            ended = subprocess.run([*command, str(path)], check=False)  # noqa: S603 (the user's own editor)
            edited = path.read_text("utf-8")
        except (OSError, UnicodeError) as problem:
            return f"`{command[0]}` does not edit: {problem}"
    if ended.returncode:
        return f"`{command[0]}` ended with code {ended.returncode}: nothing is changed"
    return parse_fields(edited, fields)


def format_fields(fields: Mapping[str, str]) -> str:
    """What is edited: each field below a line with its name."""
    return "\n".join(f"<!-- {name} -->\n{text}\n" for name, text in fields.items())


def parse_fields(text: str, fields: Mapping[str, str]) -> dict[str, str] | str:
    """The fields of what was edited; else what is wrong with it."""
    names = "|".join(map(re.escape, fields))
    _, *parts = re.split(rf"^<!-- ({names}) -->$", text, flags=re.MULTILINE)
    found = dict(zip(parts[::2], (part.strip("\n") for part in parts[1::2]), strict=True))
    return found or "the lines with the names of the fields are gone: nothing is changed"
