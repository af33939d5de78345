"""Real histories of English notes, replayed: what is kept of facts that an oracle of words takes for the same.

The oracle knows nothing of how deckgen pairs notes, and no rules: of neighbouring moments, a note is *verbatim* where
question and text are the same, and *edited* where question and answer share most of their words with one note alone.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from identity_factories import NOW, scope_of
from shared_notes import drafts_of, needed

from deckgen.identity.identify import identify
from deckgen.identity.lock import new_lock
from deckgen.model import Note

STEP = 12 if int(os.environ.get("IDENTITY_EXAMPLES", "1")) == 1 else 1  # of the moments every so many-th
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)*|[^\w\s]")
_NO_ARTICLE = frozenset({"a", "an", "the", "is", "are", "*", "_", "`", "(", ")", "[", "]", "<", ">", ".", ",", ":"})


def _words(text: str) -> Counter[str]:
    text = re.sub(r"\]\([^)]*\)|<[^>]+>|[\ue010-\ue012]", " ", text.lower())
    words = (word.rstrip("s") if len(word) > 3 else word for word in _WORD.findall(text))
    return Counter(word for word in words if word not in _NO_ARTICLE)


def _share(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _shown(note: Note) -> tuple[Counter[str], Counter[str]]:
    fields = note.draft.fields
    return _words(fields[0][1]), _words(fields[1][1] if len(fields) > 1 else "")


def _alike(one: Note, other: Note) -> float:
    """How sure the oracle is that two notes are one fact, 0 for another fact."""
    (question, answer), (asked, said) = _shown(one), _shown(other)
    is_exchanged = bool(question - asked) and bool(asked - question)
    if one.draft.kind != other.draft.kind or (is_exchanged and _share(question, asked) < 0.9):
        return 0.0
    asks, says = _share(question, asked), _share(answer, said)
    return asks + says if asks >= 0.6 and (says >= 0.6 or (asks == 1 and says >= 0.3)) else 0.0


def _oracle(before: Sequence[Note], after: Sequence[Note]) -> list[tuple[Note, Note]]:
    scores = {(i, j): _alike(one, other) for i, one in enumerate(before) for j, other in enumerate(after)}
    found = []
    for (i, j), score in scores.items():
        rivals = [scores[i, k] for k in range(len(after)) if k != j] + [
            scores[k, j] for k in range(len(before)) if k != i
        ]
        if score and max(rivals, default=0.0) < score - 0.2:
            found.append((before[i], after[j]))
    return found


@pytest.mark.parametrize("series", ["aws", "cell", "cncf", "hacker", "regex"])
def test_a_history_of_english_notes(series: str, tmp_path: Path) -> None:
    folder = needed(f"history/en/{series}")
    moments = sorted(path for path in folder.iterdir() if path.is_dir() and not _is_in_conflict(path))
    lock, before, kept, total = new_lock(series), list[Note](), Counter[str](), Counter[str]()
    for moment in moments[::STEP]:
        drafts = drafts_of(tmp_path / "p", [moment])
        made = identify(drafts, lock, scope_of(drafts), NOW + int(moment.name))
        lock, after = made.lock, list(made.notes)
        old = {(note.draft.rule, note.draft.origin.text, note.draft.fields[0]): note for note in before}
        new = {(note.draft.rule, note.draft.origin.text, note.draft.fields[0]): note for note in after}
        same = [(old[key], new[key]) for key in old.keys() & new.keys()]
        gone = [note for key, note in old.items() if key not in new]
        come = [note for key, note in new.items() if key not in old]
        for what, pairs in (("verbatim", same), ("edited", _oracle(gone, come))):
            total[what] += len(pairs)
            kept[what] += sum(one.guid == other.guid for one, other in pairs)
        guid_of = {note.guid: note for note in before}
        for note in come:
            if (one := guid_of.get(note.guid)) is not None:
                (question, _), (asked, _) = _shown(one), _shown(note)
                numbers = {word for word in (question - asked) + (asked - question) if word[0].isdigit()}
                is_list = note.draft.rule.endswith("/list")  # its question counts the items: one more is another number
                assert not numbers or is_list or _share(*map(_words, (one.draft.answer, note.draft.answer))) > 0.8, (
                    one,
                    note,
                )
        before = after
    print(series, {what: f"{kept[what]} of {total[what]}" for what in total})
    assert kept["verbatim"] == total["verbatim"]
    assert kept["edited"] >= 0.8 * total["edited"]


def _is_in_conflict(moment: Path) -> bool:
    return any("\n<<<<<<< " in path.read_text("utf-8") for path in moment.rglob("*.md"))
