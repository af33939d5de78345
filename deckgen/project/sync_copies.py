"""A file's name → which program left it there: copies that sync services make of a note that was edited in two places,
and files that an editor or a merge leaves for a while. Building them would make each of their notes twice, one of them
out of date.

Only names that a program writes are meant, not those that resemble them ("Conflict (1914).md", "note 2.md").
"""

from __future__ import annotations

import re
from collections.abc import Collection

from deckgen.markdown.lazy_regex import lazy_regex

_COUNT = r"(?: ?\(\d+\)| \d+)?"
_DATE = r"\d{4}-?\d{2}-?\d{2}"

_COPIES = [
    ("Syncthing", rf"\.sync-conflict-\d{{8}}-\d{{6}}(?:-[A-Z0-9]{{7}})?{_COUNT}"),
    ("a sync service", rf" ?\((?i:conflicted copy){_COUNT}\){_COUNT}"),
    ("a sync service", rf" ?\([^()]+['’]s (?i:conflicted copy)(?: {_DATE})?{_COUNT}\){_COUNT}"),
    ("a sync service", rf" ?\((?:[^()]+ )?(?i:conflicted copy) (?:[^()]* )?{_DATE}[^()]*{_COUNT}\){_COUNT}"),
    ("a sync service", rf" ?\((?:[^()]+['’]s )?[Cc]onflict(?:ed)?(?: on)? {_DATE}[^()]*\){_COUNT}"),
    ("Dropbox", rf" ?\((?:[^()]+['’]s )?(?:Unicode Encoding|Selective Sync|Whitespace) Conflict{_COUNT}\){_COUNT}"),
    ("Dropbox", rf" ?[(（](?:[^()（）]+的 ?)?(?:冲突的?副本|衝突的?複本)(?: ?{_DATE})?{_COUNT}[)）]{_COUNT}"),
    (
        "Dropbox",
        r" ?\((?:[^()]+ ?の競合コピー|[Ii]n Konflikt stehende Kopie von [^()]+|[Cc]opie en conflit de [^()]+|"
        rf"[Cc]opia en conflicto de [^()]+) {_DATE}{_COUNT}\){_COUNT}",
    ),
    ("Nextcloud", r"_conflict-(?:[^_/]+-)?\d{8}-\d{6}"),
    ("Seafile", r" ?\(SFConflict [^()]*\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2}\)"),
    ("pCloud", rf" ?\[conflicted\]{_COUNT}"),
]
# Of a form that a note's own name may have: only where the file that it is a copy of stands beside it.
_COPIES_OF_A_NEIGHBOUR = [
    ("OneDrive", r"-(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{4,12}(?:-\d+)?"),
    ("Dropbox", rf" ?\((?:[^()]+['’]s )?Case Conflict{_COUNT}\){_COUNT}"),
    ("git", r"_(?:BACKUP|BASE|LOCAL|REMOTE)_\d+"),
]
_SURE = [(program, lazy_regex(rf"(?P<stem>.*?){expression}$")) for program, expression in _COPIES]
_BESIDE = [(program, lazy_regex(rf"(?P<stem>.+?){expression}$")) for program, expression in _COPIES_OF_A_NEIGHBOUR]
_MAY_BE = lazy_regex(r"conflict|konflikt|conflit|~\$|\.#|冲突|衝突|競合|-[A-Z]+-[A-Z0-9]{4}|_[A-Z]+_\d", re.IGNORECASE)


def copied_by(name: str, neighbours: Collection[str]) -> str:
    """The program that a file of this name comes from; "" for a note. `neighbours`: the casefolded names beside it."""
    if not _MAY_BE.search(name):
        return ""
    if name.startswith("~$"):
        return "an editor"
    if name.startswith(".#"):
        return "Emacs"
    stem, dot, suffix = name.rpartition(".")
    for program, expression in _SURE:
        if expression.match(stem):
            return program
    for program, expression in _BESIDE:
        if (found := expression.match(stem)) and f"{found['stem']}{dot}{suffix}".casefold() in neighbours:
            return program
    return ""
