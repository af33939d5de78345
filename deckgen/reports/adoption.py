"""What `deckgen adopt` would take over: as data, as text to approve, and what is left to do in Anki."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deckgen.anki.adoption import Adoption, Pair
from deckgen.anki.adoption_matching import REASONS
from deckgen.anki.searches import deck_search, escaped
from deckgen.model import RenderedNote
from deckgen.package.anki_notes import AnkiNote
from deckgen.package.field_text import shown_text
from deckgen.reports.columns import counted, cut, harmless
from deckgen.reports.drafts import plain

_EXAMPLES = 10
_IDS_IN_A_SEARCH = 500
_DECKS_IN_A_SEARCH = 8
_MEANT = 20  # of the notes that one could be


def adoption_data(adoption: Adoption) -> dict[str, Any]:
    """All of it for programs."""
    return {
        "pairs": [
            {
                "guid": pair.anki.guid,
                "reason": pair.reason,
                "is_same": pair.is_same,
                "next_build": "unchanged" if pair.is_same or pair.is_kept else "updated",
                "note_type": pair.anki.note_type.name,
                "is_note_type_right": pair.fits,
                "anki": _in_anki(pair.anki),
                "note": _in_notes(pair.note),
                "source": {
                    "path": pair.note.note.draft.origin.span.path,
                    "line": pair.note.note.draft.origin.span.line,
                },
            }
            for pair in adoption.pairs
        ],
        "unclear": [
            {
                "note": _in_notes(note),
                "anki": [{"guid": one.guid, "deck": one.deck, **_in_anki(one)} for one in several[:_MEANT]],
                "anki_count": len(several),
            }
            for note, several in adoption.unclear
        ],
        "left": [_in_notes(note) for note in adoption.left],
        "unused": len(adoption.unused),
        "known": adoption.known,
    }


def _in_anki(note: AnkiNote) -> dict[str, str]:
    texts = [text for field in note.fields if (text := shown_text(field))]
    return {"question": texts[0] if texts else "", "answer": texts[1] if len(texts) > 1 else ""}


def _in_notes(rendered: RenderedNote) -> dict[str, str]:
    fields = [plain(value) for _, value in rendered.note.draft.fields]
    return {"question": fields[0], "answer": fields[1] if len(fields) > 1 else ""}


def text_lines(adoption: Adoption, shown: str, width: int) -> Iterator[str]:
    """What would be taken over, every pair that is not word for word the same, and what is left out."""
    pairs = adoption.pairs
    yield f"{shown}: {counted(adoption.looked_at, 'note')}, {len(pairs):,} of them in the notes"
    counts = Counter(pair.reason for pair in pairs)
    yield from (f"{counts[reason]:9,}  {words}" for reason, words in REASONS.items() if counts[reason])
    doubtful = [pair for pair in pairs if pair.reason != "same"]
    if doubtful:
        yield ""
        yield "Are these the same facts? Each would get the schedule of the note in Anki:"
        for pair in doubtful:
            yield from _pair_lines(pair, width)
    yield from _unclear_lines(adoption, width)
    yield from _left_lines(adoption, width)


def _pair_lines(pair: Pair, width: int) -> Iterator[str]:
    span = pair.note.note.draft.origin.span
    yield cut(f"  {span.path}:{span.line}  {REASONS[pair.reason]}", width)
    for place, said in (("Anki ", _in_anki(pair.anki)), ("notes", _in_notes(pair.note))):
        yield cut(f"    {place}  {_one_line(said)}", width)


def _one_line(said: dict[str, str]) -> str:
    return harmless(f"{said['question']} → {said['answer']}" if said["answer"] else said["question"])


def _unclear_lines(adoption: Adoption, width: int) -> Iterator[str]:
    if not adoption.unclear:
        return
    yield ""
    yield f"{counted(len(adoption.unclear), 'note')} could be one of several in Anki, so it is left to you:"
    for rendered, several in adoption.unclear[:_EXAMPLES]:
        yield cut(f"  {_one_line(_in_notes(rendered))}", width)
        yield from (cut(f"    {note.deck}: {_one_line(_in_anki(note))}", width) for note in several[:4])
    yield from _more(len(adoption.unclear))
    yield "  delete those that you do not want in Anki, then export and adopt again"


def _left_lines(adoption: Adoption, width: int) -> Iterator[str]:
    if adoption.left:
        yield ""
        yield f"{counted(len(adoption.left), 'note')} like nothing there; the next build makes them new:"
        yield from (cut(f"  {_one_line(_in_notes(note))}", width) for note in adoption.left[:_EXAMPLES])
        yield from _more(len(adoption.left))
    if adoption.unused:
        yield ""
        yield f"{counted(len(adoption.unused), 'note')} there like nothing in the notes; Anki keeps them as they are:"
        yield from (cut(f"  {_one_line(_in_anki(note))}", width) for note in adoption.unused[:_EXAMPLES])
        yield from _more(len(adoption.unused))
    if adoption.known:
        yield ""
        yield f"{counted(adoption.known, 'note')} there: the lock knows the GUID already"


def _more(count: int) -> list[str]:
    return [f"  and {count - _EXAMPLES:,} more: `--json` has them all"] if count > _EXAMPLES else []


def consequence_lines(adoption: Adoption, width: int) -> Iterator[str]:
    """What the next build and the next import will do to these notes, and what only the learner can do."""
    pairs = adoption.pairs
    fitting = [pair for pair in pairs if pair.fits]
    sent = [pair for pair in fitting if not (pair.is_same or pair.is_kept)]
    kept = [pair for pair in fitting if pair.is_kept]
    if sent:
        yield ""
        yield f"The next build and import give {counted(len(sent), 'note')} the wording and the tags of the notes."
        yield from _tag_lines(sent, width)
    if kept:
        yield ""
        yield f"{counted(len(kept), 'note')} read differently in Anki, and stay so until their source changes;"
        yield "`deckgen build --refresh ''` sends the wording of the notes at once."
    yield from _note_type_lines(adoption, width)


def _tag_lines(pairs: Sequence[Pair], width: int) -> Iterator[str]:
    tags = Counter(tag for pair in pairs for tag in set(pair.anki.tags) - set(pair.note.note.draft.tags))
    if tags:
        names = ", ".join(tag for tag, _ in tags.most_common(8)) + (", …" if len(tags) > 8 else "")
        yield cut(f"Tags that go with it, unless the notes or deck.yaml have them: {harmless(names)}", width)


def _note_type_lines(adoption: Adoption, width: int) -> Iterator[str]:
    pairs = [pair for pair in adoption.pairs if not pair.fits]
    if not pairs:
        return
    groups: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair.anki.note_type.name, _wanted(pair)), []).append(pair)
    yield ""
    yield f"{counted(len(pairs), 'note')} cannot be carried over as they are: Anki has them with another note type."
    yield "`deckgen push --change-note-types` gives them deckgen's: their schedules and tags stay. Without it their"
    yield "schedules are safe, but Anki takes no update for them (it calls them conflicting) until you change the"
    yield "note type, once:"
    yield "  1. `deckgen build`, and import the package: so Anki gets to know the note type"
    yield "  2. in Anki's browser, for each of these: search, select all, then Notes › Change Note Type"
    for (name, wanted), some in groups.items():
        yield cut(f"     {harmless(name)} → {wanted} ({len(some):,})", width)
        yield from (f"       {search}" for search in _searches(some, adoption.present))
    yield "  3. `deckgen build --refresh ''`, and import again: now they are updated"
    yield from _tag_lines(pairs, width)


def _wanted(pair: Pair) -> str:
    same = (
        " (as deckgen has it: without added or removed fields)" if pair.anki.note_type.name == pair.note.model else ""
    )
    return pair.note.model + same


def _searches(pairs: Sequence[Pair], present: Mapping[tuple[int, str], int]) -> Iterator[str]:
    """What finds these notes of one note type: by note type and decks where all of those are meant, else by their
    numbers, since they have no field ID yet.
    """
    here = Counter((pair.anki.note_type.id, pair.anki.deck) for pair in pairs)
    if len(here) <= _DECKS_IN_A_SEARCH and all(number == present.get(key) for key, number in here.items()):
        decks = " or ".join(deck_search(deck) for _, deck in sorted(here))
        name = escaped(pairs[0].anki.note_type.name)
        yield harmless(f'"note:{name}" ({decks})')
        return
    ordered = sorted(pair.anki.id for pair in pairs)
    for start in range(0, len(ordered), _IDS_IN_A_SEARCH):
        yield "nid:" + ",".join(map(str, ordered[start : start + _IDS_IN_A_SEARCH]))
