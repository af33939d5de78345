"""A build × the notes of a package or a collection → which of them are one fact, and the lock that says so.

Two uses. A deck made by hand, or by another tool, has schedules, but GUIDs that no rule of deckgen's would give: its
notes are paired with those of the project by what they say, and the lock takes their GUIDs. And a project that lost its
lock finds it again in the last package: its notes have field ID, so that GUID, note id, modified time and cloze numbers
are restored, and the next build makes the same bytes.

A GUID is a schedule, so a pair has to be the only one possible; what could be two things is left to the author. Only
notes that no lock knows yet are paired: a lock that stands is never overruled.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from deckgen.anki.adoption_matching import Found, NoteText, match_notes
from deckgen.anki.adoption_media import ReadDigests, digests_in, same_media
from deckgen.anki.three_way import OF_LEARNING
from deckgen.build.view import Build, note_type_of
from deckgen.identity.assign import content_hash
from deckgen.identity.cloze_numbers import number_gaps
from deckgen.identity.facts import natural_id
from deckgen.identity.guid_field import search_id
from deckgen.identity.lock import Deletion, Lock, LockedNoteType, LockEntry, format_lock, free_id
from deckgen.identity.normal_form import normalise
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import LAST_NOTE_ID, Guid, RenderedNote, is_at_least
from deckgen.package.anki_notes import AnkiNote, AnkiNotes, AnkiNoteType
from deckgen.package.field_text import deletions_in, shown_text
from deckgen.package.template_fields import asking_field
from deckgen.rendering import baseline
from deckgen.rendering.note_types import BUILT_IN, NoteType

_UNCOMPARED = frozenset({"Context", "Source", "ID", baseline.FIELD})
_SWITCHES = frozenset({"Reverse", "Typed"})
_BUILT_IN = frozenset(kind.id for kind in BUILT_IN.values())
_MOST_ANSWERS = 60  # fields of a note that are compared


class Pair(Struct, frozen=True):
    """A note of the project, and the note in Anki that it is."""

    note: RenderedNote
    anki: AnkiNote
    reason: str  # of `adoption_pairing.REASONS`
    is_same: bool  # fields and tags are what the next build would send
    is_kept: bool  # they are not, and Anki keeps its own until the source changes
    fits: bool  # Anki would update it: its note type is the one that deckgen sends


class Adoption(Struct, frozen=True):
    """What can be taken over. `lock_text` is the lock with it."""

    pairs: tuple[Pair, ...]
    unclear: tuple[tuple[RenderedNote, tuple[AnkiNote, ...]], ...]  # several could be meant
    left: tuple[RenderedNote, ...]  # of the project: nothing in Anki is like them
    unused: tuple[AnkiNote, ...]  # the other way round
    known: int  # notes in Anki whose GUID the lock has already
    looked_at: int  # all notes in Anki, but for those with one GUID
    lock_text: str
    present: Mapping[tuple[int, str], int]  # how many notes in Anki are of a note type and in a deck


def adopt(build: Build, found: AnkiNotes, read: ReadDigests = lambda *_: {}) -> Adoption:
    """Pair the notes of a build that are new with those found in Anki, and write a lock that knows the pairs.

    Suggestions among them are notes where they are found. `read`: digests of pictures and sounds in Anki.
    """
    least = build.project.config.confidence
    known = {line.guid for line in build.lock_before.lines}
    duplicated = {guid for guid, count in Counter(note.guid for note in found.notes).items() if count > 1}
    notes = [note for note in build.notes if note.note.change == "new"]
    others = [note for note in found.notes if note.guid not in known and note.guid not in duplicated and note.guid]
    media = same_media(notes, others, build.files, read)
    result = match_notes(
        [_face_of_note(build, note, media.ours) for note in notes],
        [_face_of_anki(build, note, media.theirs) for note in others],
    )
    pairs = tuple(
        _pair(build, notes[index], others[paired.other], paired, is_from_anki=found.is_from_anki)
        for index, paired in sorted(result.pairs.items())
    )
    # Thousands of notes may share one question, and so one tuple of those that it could be.
    meant = {id(several): tuple(others[j] for j in several) for several in result.unclear.values()}
    unclear = tuple((notes[i], meant[id(several)]) for i, several in sorted(result.unclear.items()))
    left = (note for i, note in enumerate(notes) if i not in result.pairs and i not in result.unclear)
    used = {paired.other for paired in result.pairs.values()}
    used.update(*{id(several): several for several in result.unclear.values()}.values())
    return Adoption(
        pairs,
        unclear,
        tuple(note for note in left if is_at_least(note.note.draft.confidence, least)),
        tuple(other for j, other in enumerate(others) if j not in used),
        (count := sum(note.guid in known for note in found.notes)),
        len(others) + count,
        format_lock(_next_lock(build, pairs, found)),
        Counter((note.note_type.id, note.deck) for note in found.notes),
    )


# ---- what is compared


def _is_own(build: Build, note: AnkiNote) -> bool:
    """Whether deckgen made a note: its field ID holds its GUID, or what stands for it; or the project made its type."""
    if "ID" in note.note_type.fields:
        return note.field("ID") == search_id(note.guid)
    return any(note.note_type.id == ours.id for ours in build.own_note_types.values())


def _face_of_note(build: Build, rendered: RenderedNote, media: Mapping[str, str]) -> NoteText:
    note_type = note_type_of(build, rendered.note.draft.note_type)
    said = {
        name: value
        for name, value in zip(note_type.field_names, rendered.fields, strict=True)
        if name not in _UNCOMPARED and name not in _SWITCHES
    }
    face = _face(said, note_type.field_names[0], rendered.note.guid, media, is_cloze=note_type.is_cloze)
    return replace(face, names=frozenset(rendered.note.draft.other_ids))


def _face_of_anki(build: Build, note: AnkiNote, media: Mapping[str, str]) -> NoteText:
    kind, said = note.note_type, dict(zip(note.note_type.fields, note.fields, strict=True))
    is_own = _is_own(build, note)
    if is_own:
        said = {name: value for name, value in said.items() if name not in _UNCOMPARED and name not in _SWITCHES}
    face = _face(said, _asking_field(kind), note.guid if is_own else "", media, is_cloze=kind.is_cloze)
    keys = (field for field in note.fields if _KEY.fullmatch(field))  # where a tool keeps its own ids
    return replace(face, names=frozenset([str(note.id), note.guid, *keys]))


def _face(said: Mapping[str, str], asking: str, guid: str, media: Mapping[str, str], *, is_cloze: bool) -> NoteText:
    answers = [normalise(text) for name, value in said.items() if name != asking and (text := shown_text(value))]
    answers = answers[:_MOST_ANSWERS]
    if is_cloze:
        answers = [normalise(" ".join(inner for _, inner, _, _ in _deletions(said.get(asking, "")))), *answers]
    asked = digests_in([said.get(asking, "")], media)
    behind = frozenset(digests_in((value for name, value in said.items() if name != asking), media))
    return NoteText(
        normalise(shown_text(said.get(asking, ""))), tuple(answers), is_cloze, guid, frozenset(), asked, behind
    )


_KEY = lazy_regex(r"[\w-]{8,64}")


def _asking_field(kind: AnkiNoteType) -> str:
    """The field that the front of the first card shows first."""
    return asking_field(kind.templates[0].front if kind.templates else "", kind.fields)


_WINDOW = 1_000  # characters of HTML beside a deletion that are looked at, for the ten that a lock remembers


def _deletions(field: str) -> list[Deletion]:
    """The deletions of a field in Anki, as a lock would remember them."""
    return [
        (
            found.number,
            normalise(shown_text(field[found.text : found.text_end])),
            normalise(shown_text(field[max(found.start - _WINDOW, 0) : found.start])[-60:])[-10:],
            normalise(shown_text(field[found.end : found.end + _WINDOW])[:60])[:10],
        )
        for found in deletions_in(field)
    ]


# ---- what a pair means


def _pair(build: Build, rendered: RenderedNote, anki: AnkiNote, paired: Found, *, is_from_anki: bool) -> Pair:
    note_type = note_type_of(build, rendered.note.draft.note_type)
    fits = _is_same_schema(note_type, anki.note_type)
    is_same = fits and _is_own(build, anki) and _says_the_same(rendered, anki, note_type)
    return Pair(
        rendered, anki, paired.reason, is_same, fits and _is_own(build, anki) and is_from_anki and not is_same, fits
    )


def _is_same_schema(ours: NoteType, theirs: AnkiNoteType) -> bool:
    """Whether Anki takes the two for one note type: its `equal_schema`."""
    if ours.id != theirs.id or ours.is_cloze != theirs.is_cloze:
        return False
    fields = [(f.id, f.name) for f in ours.fields], list(zip(theirs.field_ids, theirs.fields, strict=True))
    templates = [(t.id, t.name) for t in ours.templates], [(t.id, t.name) for t in theirs.templates]
    return all(
        len(one) == len(other) and all(a[0] == b[0] if b[0] else a[1] == b[1] for a, b in zip(one, other, strict=True))
        for one, other in (fields, templates)
    )


def _says_the_same(rendered: RenderedNote, anki: AnkiNote, note_type: NoteType) -> bool:
    numbers, _ = _cloze(rendered, anki)
    renumbered = dict(zip(rendered.note.cloze, numbers, strict=True))
    compared = _UNCOMPARED if note_type.id in _BUILT_IN else frozenset[str]()
    for name, ours, theirs in zip(note_type.field_names, rendered.fields, anki.fields, strict=True):
        text = unicodedata.normalize("NFC", _with_numbers(ours, renumbered))
        if name not in compared and name != "ID" and text != theirs:
            return False
    return _tags(rendered.note.draft.tags) == _tags(anki.tags)


def _tags(tags: Iterable[str]) -> set[str]:
    names = {unicodedata.normalize("NFC", "_".join(tag.split())) for tag in tags}
    return names - OF_LEARNING - {""}


def _with_numbers(field: str, numbers: Mapping[int, int]) -> str:
    if all(old == new for old, new in numbers.items()):
        return field
    return re.sub(r"\{\{c(\d+)::", lambda found: f"{{{{c{numbers.get(int(found[1]), int(found[1]))}::", field)


def _cloze(rendered: RenderedNote, anki: AnkiNote) -> tuple[tuple[int, ...], tuple[Deletion, ...]]:
    """The numbers that the deletions have in Anki; new ones for those that it has not."""
    draft = rendered.note.draft
    if not rendered.note.cloze:
        return (), ()
    if draft.kind == "Cloze together":
        return rendered.note.cloze, ()
    return number_gaps(draft, [[d for field in anki.fields for d in _deletions(field)]])


# ---- the lock


def _next_lock(build: Build, pairs: Sequence[Pair], found: AnkiNotes) -> Lock:
    made = {line.guid: line for line in build.identified.lock.lines}
    taken = {line.id for line in build.lock_before.lines}
    lines: list[LockEntry] = []
    kept: list[Pair] = []
    given: list[Pair] = []
    for pair in sorted(pairs, key=lambda pair: pair.anki.guid):
        wanted = pair.anki.id
        is_usable = (
            _is_own(build, pair.anki) and wanted % 1000 == 0 and 0 < wanted <= LAST_NOTE_ID and wanted not in taken
        )
        (kept if is_usable else given).append(pair)
        taken.update([wanted] if is_usable else [])
    own_ids = {pair.anki.guid for pair in kept}
    for pair in [*kept, *given]:
        # A note id is a whole second, so that no two notes of a package have one card id. Anki goes by the GUID.
        note_id = pair.anki.id if pair.anki.guid in own_ids else free_id(natural_id(Guid(pair.anki.guid)), taken)
        taken.add(note_id)
        lines.append(_line(made[pair.note.note.guid], pair, note_id, is_own=_is_own(build, pair.anki)))
    before = build.lock_before
    header = build.identified.lock.header if build.is_lock_new else before.header
    if build.is_lock_new:
        header = replace(header, note_types=_note_types(build, header.note_types, found))
    return Lock(header, tuple(sorted([*before.lines, *lines], key=lambda line: line.guid)), before.variants)


def _line(made: LockEntry, pair: Pair, note_id: int, *, is_own: bool) -> LockEntry:
    """As the build would write it, of the note in Anki. Without a hash the next build sends the note. A note of another
    tool has no field ID: a push finds it by its number.
    """
    numbers, cloze = _cloze(pair.note, pair.anki)
    is_sent = not (pair.is_same or pair.is_kept)
    return msgspec.structs.replace(
        made,
        guid=pair.anki.guid,
        id=note_id,
        mod=max(pair.anki.mod, 1),
        hash="" if is_sent else content_hash(pair.note.note.draft, numbers),
        seen="" if is_sent else made.seen,
        cloze=cloze,
        pushed=0 if is_own else pair.anki.id,
    )


def _note_types(build: Build, remembered: Mapping[str, LockedNoteType], found: AnkiNotes) -> dict[str, LockedNoteType]:
    """Own note types go on from the modified time that they have in Anki."""
    theirs = {kind.id: kind for kind in found.note_types}
    result = dict(remembered)
    for name, ours in build.own_note_types.items():
        kind = theirs.get(ours.id)
        if kind is None or name not in result:
            continue
        shown = [(t.name, t.front, t.back) for t in ours.templates], [(t.name, t.front, t.back) for t in kind.templates]
        is_same = ours.css == kind.css and shown[0] == shown[1]
        result[name] = replace(result[name], mod=max(kind.mod, 1), digest=result[name].digest if is_same else "")
    return result
