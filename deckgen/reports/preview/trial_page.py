"""What a rule file makes of a note → a page of the preview that says so, loaded again while both are being written."""

from __future__ import annotations

import html
import threading
from pathlib import Path

from msgspec import Struct, field

from deckgen.diagnostics.paths import shown_path
from deckgen.reports.diff_text import Paint
from deckgen.reports.rule_trial import Trial, trial_lines, try_rules

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WIDTH = 120
_AGAIN = 2  # seconds
_STYLE = (
    "body{font:14px/1.5 ui-monospace,monospace;margin:1.5em;white-space:pre-wrap}"
    ".new{color:#1a7f37}.old{color:#c03030}.head{font-weight:bold}.soft{opacity:.65}"
    "@media(prefers-color-scheme:dark){body{background:#1e1e1e;color:#ddd}.new{color:#4ac26b}.old{color:#ff7b72}}"
)


class _Marked(Paint, frozen=True):
    """Colours as elements; the text between is HTML already."""

    def old(self, text: str) -> str:
        return self._as("old", text)

    def new(self, text: str) -> str:
        return self._as("new", text)

    def head(self, text: str) -> str:
        return self._as("head", text)

    def soft(self, text: str) -> str:
        return self._as("soft", text)

    def _as(self, name: str, text: str) -> str:
        return f"{_OPEN}{name}{_SEP}{text}{_CLOSE}" if text else text


_OPEN, _SEP, _CLOSE = "\x00", "\x01", "\x02"  # no text of a report has them: `harmless` takes them out


class TrialPage(Struct):
    """The page of one rule file and one note. Asked by the threads of the server."""

    rule_file: Path
    note: Path
    _stamp: tuple[int, ...] = ()
    _now: Trial | None = None
    _before: Trial | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self) -> str:
        """The page as the files are now; what changed is against what they were at the save before."""
        with self._lock:
            stamp = self._read_stamp()
            if stamp != self._stamp or self._now is None:
                now = try_rules(self.rule_file, self.note)
                self._stamp, self._before, self._now = stamp, self._now, now
            lines = trial_lines(self._now, self._before, _WIDTH, _Marked())
            return _page(f"{shown_path(self.rule_file)} on {shown_path(self.note)}", "\n".join(lines))

    def _read_stamp(self) -> tuple[int, ...]:
        found = []
        for path in (self.rule_file, self.note):
            try:
                status = path.stat()
            except OSError:
                found.append(0)
            else:
                found.extend((status.st_mtime_ns, status.st_size))
        return tuple(found)


def _page(title: str, body: str) -> str:
    shown = html.escape(body).replace(_OPEN, '<span class="').replace(_SEP, '">').replace(_CLOSE, "</span>")
    head = f'<meta charset="utf-8"><meta http-equiv="refresh" content="{_AGAIN}"><title>{html.escape(title)}</title>'
    heading = f'<span class="head">{html.escape(title)}</span>'
    return (
        f"<!doctype html>\n<html><head>{head}<style>{_STYLE}</style></head><body>{heading}\n\n{shown}</body></html>\n"
    )
