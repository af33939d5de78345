"""The deletions of a cloze note × the numbers that its deletions had → a number for each, for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from deckgen.identity.lock import Deletion
from deckgen.identity.normal_form import normalise, similar
from deckgen.identity.same_subject import is_exchanged
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN, Draft

MOST = 500
"""Anki makes no card of a deletion with a greater number (anki_facts, section 7)."""

_WINDOW, _BESIDE = 60, 10
_TEXT = f"[^{DELETION_OPEN}{DELETION_CLOSE}{DELETION_HINT}]*"
_DELETION = lazy_regex(f"{DELETION_OPEN}({_TEXT})(?:{DELETION_HINT}{_TEXT})?{DELETION_CLOSE}")


class Gap(Struct, frozen=True):
    """A deletion as it stands now: its text and ten characters on both sides, normalised."""

    text: str
    before: str
    after: str


def gaps_of(draft: Draft) -> list[Gap]:
    """The deletions of a draft in the order in which they stand in its fields."""
    gaps: list[Gap] = []
    for _, markdown in draft.fields:
        if DELETION_OPEN not in markdown:
            continue
        pieces: list[str] = []  # text, deletion, text, deletion, …, text
        end = 0
        for found in _DELETION.finditer(markdown):
            pieces += [markdown[end : found.start()], found[1]]
            end = found.end()
        pieces.append(markdown[end:])
        for index in range(1, len(pieces), 2):
            before, after = _around(pieces, index, -1), _around(pieces, index, 1)
            gaps.append(Gap(normalise(pieces[index]), normalise(before)[-_BESIDE:], normalise(after)[:_BESIDE]))
    return gaps


def _around(pieces: list[str], index: int, step: int) -> str:
    """What stands beside a piece, as far as it matters."""
    text = ""
    index += step
    while 0 <= index < len(pieces) and len(text) < _WINDOW:
        text = pieces[index] + text if step < 0 else text + pieces[index]
        index += step
    return text[-_WINDOW:] if step < 0 else text[:_WINDOW]


def number_gaps(draft: Draft, known: Iterable[Sequence[Deletion]]) -> tuple[tuple[int, ...], tuple[Deletion, ...]]:
    """The number of each deletion, and what the lock keeps. `known`: the deletions of each line of the note's GUID.

    Over `MOST` deletions nothing is paired; the greatest number tells that the note is refused.
    """
    gaps, as_written = gaps_of(draft), draft.cloze_numbers
    if len(gaps) > MOST:
        return tuple(range(1, len(gaps) + 1)), ()
    entries = sorted({(deletion, which) for which, line in enumerate(known) for deletion in line})
    deletions = [deletion for deletion, _ in entries]
    numbers: dict[int, int]
    if as_written and len(as_written) == len(gaps):
        numbers = dict(enumerate(as_written))
        kept = {gap.text for gap in gaps}
        gone = [d for d in deletions if d[1] not in kept]
    else:
        of_gap = _paired(gaps, deletions, _shown(draft))
        numbers = _own_numbers(gaps, of_gap, entries)
        unused = set(range(len(deletions))) - set(of_gap.values())
        gone = [deletions[index] for index in sorted(unused)]
        greatest = max([0, *(deletion[0] for deletion in deletions)])
        for index in range(len(gaps)):
            if index not in numbers:
                greatest += 1
                numbers[index] = greatest
    result = tuple(numbers[index] for index in range(len(gaps)))
    present = [(number, gap.text, gap.before, gap.after) for number, gap in zip(result, gaps, strict=True)]
    lost: dict[int, str] = {}
    for deletion in gone:
        if deletion[0] not in result:
            lost[deletion[0]] = min(lost.get(deletion[0], deletion[1]), deletion[1])
    return result, tuple(sorted([*present, *((number, text, "", "") for number, text in lost.items())]))


def _shown(draft: Draft) -> str:
    """What stands in the note without its deletions."""
    return normalise("\n".join(_DELETION.sub(" … ", markdown) for _, markdown in draft.fields))


def _own_numbers(gaps: Sequence[Gap], of_gap: dict[int, int], entries: list[tuple[Deletion, int]]) -> dict[int, int]:
    """The numbers of the gaps that were there; one that two branches gave away stays with the smaller text."""
    numbers: dict[int, int] = {}
    holders: dict[int, list[int]] = {}
    for index, entry in of_gap.items():
        holders.setdefault(entries[entry][0][0], []).append(index)
    for number, indices in holders.items():
        lines = {entries[of_gap[index]][1] for index in indices}
        if len(indices) > 1 and len(lines) > 1:
            numbers[min(indices, key=lambda index: (gaps[index].text, index))] = number
        else:
            numbers.update(dict.fromkeys(indices, number))
    return numbers


def _paired(gaps: Sequence[Gap], deletions: list[Deletion], shown: str) -> dict[int, int]:
    """Which deletion of the lock each gap is: by its text, by what stands beside it, as the last one left.

    `shown`: one whose text still stands in the note, but is no gap any more, was not edited into another.
    """
    of_gap: dict[int, int] = {}
    used: set[int] = set()
    by_text: dict[str, list[int]] = {}
    by_sides: dict[tuple[str, str], list[int]] = {}
    for index, (_, text, before, after) in enumerate(deletions):
        by_text.setdefault(text, []).append(index)
        if before or after:
            by_sides.setdefault((before, after), []).append(index)

    def pair(gap: int, deletion: int) -> None:
        of_gap[gap] = deletion
        used.add(deletion)

    for with_before, with_after in ((True, True), (True, False), (False, True), (False, False)):
        for index, gap in enumerate(gaps):  # equals in order, after those that stand where they stood
            if index in of_gap:
                continue
            for entry in by_text.get(gap.text, ()):
                _, _, before, after = deletions[entry]
                same_before = before == gap.before or not with_before
                if entry not in used and same_before and (after == gap.after or not with_after):
                    pair(index, entry)
                    break
    for index, gap in enumerate(gaps):
        if index not in of_gap:
            open_entries = [entry for entry in by_sides.get((gap.before, gap.after), ()) if entry not in used]
            rivals = [
                g for i, g in enumerate(gaps) if i not in of_gap and (g.before, g.after) == (gap.before, gap.after)
            ]
            if len(open_entries) == 1 and len(rivals) == 1:
                pair(index, open_entries[0])
    gaps_left = [index for index in range(len(gaps)) if index not in of_gap]
    numbers_used = {deletions[entry][0] for entry in used}
    left = [i for i, d in enumerate(deletions) if i not in used and any(d[2:]) and d[0] not in numbers_used]
    if len(gaps_left) == 1 and len({deletions[index][0] for index in left}) == 1:
        gap, entry = gaps[gaps_left[0]], max(left, key=lambda i: similar(gaps[gaps_left[0]].text, deletions[i][1]))
        text = deletions[entry][1]
        if text not in shown and similar(gap.text, text) >= 70 and not is_exchanged(gap.text, text):
            pair(gaps_left[0], entry)
    return of_gap
