r"""deck.lock as text ↔ `Lock`: the header and one line for every note that a project ever had.

The file is JSON lines, UTF-8, NFC, `\n`; the header comes first, then the notes sorted by GUID, compact, keys in the
order of `LockEntry`. Lines never leave, have no line numbers in them and are sorted by something that an edit does not
change: so git's `merge=union` merges two branches without a conflict and without losing anything. What it leaves is
several lines of one GUID, which are folded on reading (`fold`); `Lock.variants` keeps them as they stood, because
identity tries the keys and texts of all of them.

    {"deckgen_lock":1,"project":"dlss","rules":["structure"],"rendering":"1","note_types":{}}
    {"guid":"abcdefghijklmnop","id":1400000000000,"kind":"Basic","rule":"zh/facts/full-name","key":["DLSS"],…}

| key | holds |
| --- | --- |
| `guid`, `id` | what Anki knows the note by; `id` is its note id, in milliseconds |
| `kind`, `rule`, `key` | the fixed id of the note type, the rule's identity, the values that name the note |
| `was` | digests (`key_digest`) of former keys |
| `text`, `digest` | the text it was made of in its normal form, cut (`wording.cut`), and the digest of all of it |
| `question`, `answer` | in their normal forms, cut |
| `path`, `headings`, `deck` | where it stands |
| `decks` | absent, or the decks that it was made for before: a card still in one of them was not moved by hand |
| `hash`, `mod` | of its content, and the modified time in seconds that goes with it |
| `seen` | digest of what is seen of it, which an edit of the Markdown alone leaves as it is; absent where not known |
| `media` | absent, or the pictures and sounds that it was sent with: as it names them, and digests of their bytes |
| `missing` | absent, or the pictures and sounds that it was sent without, as they are written in the notes |
| `cloze` | number, deleted text, ten characters before and after; without these a deletion that is gone |
| `retired` | absent, or why it left: `gone`, `excluded`, `rule` |
| `another` | absent, or the GUIDs of notes that its author said are other ones |
| `pushed` | absent, or the note id with which a push added it to Anki, or `adopt` found it; a package gives it `id` |
| `declined` | absent, or the date on which the learner was seen to have deleted the note in Anki |
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.identity.normal_form import digest, written
from deckgen.model import GUID_LENGTH, LAST_NOTE_ID, LAST_SECOND, Guid

FORMAT = 1
"""Of the lock, and of the normal form (`wording`). The next one has to rewrite the keys of this one on reading."""

# The one place where a lock's numbers are checked: behind it all of them fit SQLite, and can be counted on from.
Seconds = Annotated[int, Meta(ge=0, le=LAST_SECOND)]
NoteId = Annotated[int, Meta(ge=1, le=LAST_NOTE_ID)]
DeletionNumber = Annotated[int, Meta(ge=0, le=2**31 - 1)]

Deletion = tuple[DeletionNumber, str, str, str]
"""Number, deleted text, ten characters before, ten characters after."""
Retired = Literal["", "gone", "excluded", "rule"]

define(
    "error",
    lock_conflict="deck.lock has the markers of a merge conflict.",
    lock_header="deck.lock has no header, so nothing says which project its notes belong to.",
    lock_line="A line of deck.lock is not a valid note.",
    lock_newer="deck.lock was written by a newer deckgen; an older one would lose what it does not know.",
    lock_older="deck.lock has a format that no version of deckgen ever wrote.",
    lock_projects="deck.lock has the headers of two projects.",
    lock_note_types="Two headers in deck.lock describe the same note type with different fields or templates.",
    lock_kinds="Two lines of deck.lock have the same GUID and different kinds; Anki would refuse the note.",
)


class LockedNoteType(Struct, frozen=True, forbid_unknown_fields=True):
    """What the header remembers of an own note type."""

    id: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    fields: list[str]
    templates: list[str]
    cloze: bool
    digest: str
    mod: Seconds


class Header(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What holds for all notes of a project."""

    deckgen_lock: int
    project: str
    rules: tuple[str, ...] = ()  # the packs, where they were chosen by the language of the notes
    rendering: str = ""  # version and options of what turned Markdown into HTML last
    note_types: dict[str, LockedNoteType] = {}
    words: str = ""  # the dictionary by which rules found the words of Chinese text last


def _format_header(header: Header) -> bytes:
    return msgspec.json.encode(header, order="deterministic")


class LockEntry(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False, kw_only=True):
    """One note."""

    guid: Annotated[str, Meta(min_length=1, max_length=GUID_LENGTH)]
    id: NoteId
    kind: str
    rule: str
    key: tuple[str, ...]
    was: tuple[str, ...] = ()
    text: str
    digest: str
    question: str
    answer: str
    path: str
    headings: tuple[str, ...]
    deck: str
    hash: str
    mod: Seconds
    cloze: tuple[Deletion, ...] = ()
    retired: Retired = ""
    declined: str = ""
    decks: tuple[str, ...] = ()
    seen: str = ""
    missing: tuple[str, ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    another: tuple[str, ...] = ()
    pushed: Annotated[int, Meta(ge=0, le=LAST_NOTE_ID)] = 0


class Lock(Struct, frozen=True):
    """One line for each GUID, sorted by it. `variants`: the lines as read of those GUIDs that had several."""

    header: Header
    lines: tuple[LockEntry, ...] = ()
    variants: Mapping[Guid, tuple[LockEntry, ...]] = field(default_factory=dict)


def new_lock(project: str) -> Lock:
    """The lock of a project that was never built."""
    return Lock(Header(FORMAT, project))


EMPTY_LOCK = new_lock("")


def key_digest(kind: str, rule: str, key: Iterable[str]) -> str:
    """What a key is remembered by once a note has another."""
    return digest(written([kind, rule, *key]))


def format_lock(lock: Lock) -> str:
    """The file, always the same for the same notes."""
    encode = msgspec.json.Encoder().encode
    text = bytearray(_format_header(lock.header))
    for line in sorted(lock.lines, key=lambda line: line.guid):
        for row in sorted(map(encode, lock.variants.get(Guid(line.guid), (line,)))):
            text += b"\n"
            text += row
    text += b"\n"
    return text.decode()


def _rows(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines, one after the other: a list of them would take as much memory once more."""
    start = number = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        number += 1
        yield number, data[start:end]
        start = end + 1


_REPEATED = ("kind", "rule", "path", "headings", "deck")  # kept once in memory, not once a line


def parse_lock(text: str | bytes, path: str) -> tuple[Lock, list[Diagnostic]]:
    """The lock, and what is wrong with it; every wrong line is reported. Bytes are UTF-8."""
    diagnostics: list[Diagnostic] = []
    headers: list[tuple[int, Header]] = []
    by_guid: dict[str, list[LockEntry]] = defaultdict(list)
    places: dict[str, int] = {}
    decode = msgspec.json.Decoder(LockEntry).decode
    shared: dict[Any, Any] = {}
    repeated, share, place = attrgetter(*_REPEATED), shared.setdefault, msgspec.structs.force_setattr
    for number, row in _rows(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")):
        if not row or row.isspace():
            continue
        if row.startswith(b'{"deckgen_lock"'):
            header = _header(_text(row), number, path, diagnostics)
            headers.extend([(number, header)] if header else [])
        elif _MARKER.match(row):
            diagnostics.append(_conflict(_text(row), number, path, diagnostics))
        else:
            try:
                line = decode(row)
                for name, value in zip(_REPEATED, repeated(line), strict=True):
                    if (known := share(value, value)) is not value:
                        place(line, name, known)
                by_guid[line.guid].append(line)
                places.setdefault(line.guid, number)
            except (msgspec.DecodeError, RecursionError) as error:
                diagnostics.append(_broken(_text(row), str(error), number, path))
    header = _one_header(headers, path, diagnostics)
    variants: dict[Guid, tuple[LockEntry, ...]] = {}
    lines: list[LockEntry] = []
    for guid in sorted(by_guid):
        found = by_guid[guid]
        if len(found) > 1:
            found = sorted(set(found), key=msgspec.json.encode)
            if len({line.kind for line in found}) > 1:
                diagnostics.append(_two_kinds(found, places[guid], path))
            if len(found) > 1:
                variants[Guid(guid)] = tuple(found)
        lines.append(fold(found) if len(found) > 1 else found[0])
    return Lock(header, tuple(_with_own_ids(lines, variants)), variants), list(dict.fromkeys(diagnostics))


def fold(variants: list[LockEntry] | tuple[LockEntry, ...]) -> LockEntry:
    """One line for several of one GUID: live beats retired, the newest says the rest, nothing that names it is lost."""
    head = min(variants, key=lambda line: (bool(line.retired), -line.mod, line.digest, msgspec.json.encode(line)))
    keys = {key_digest(line.kind, line.rule, line.key) for line in variants}
    was = keys.union(*(line.was for line in variants)) - {key_digest(head.kind, head.rule, head.key)}
    texts: dict[int, Deletion] = {}
    for deletion in sorted(deletion for line in variants for deletion in line.cloze):
        kept = texts.get(deletion[0])
        if kept is None or (kept[1] == deletion[1] and not any(kept[2:])):  # the smaller text; with its surroundings
            texts[deletion[0]] = deletion
    return msgspec.structs.replace(
        head,
        id=min(line.id for line in variants),
        mod=max(line.mod for line in variants),
        was=tuple(sorted(was)),
        cloze=tuple(texts[number] for number in sorted(texts)),
        declined=max(line.declined for line in variants),
        pushed=max(line.pushed for line in variants),
        another=tuple(sorted({guid for line in variants for guid in line.another})),
        decks=former_decks(head.deck, *(deck for line in variants for deck in (*line.decks, line.deck))),
    )


def former_decks(deck: str, *decks: str) -> tuple[str, ...]:
    """Those of the decks that are not the one in which a note is now."""
    return tuple(sorted({*decks} - {deck}))


def _with_own_ids(lines: list[LockEntry], variants: dict[Guid, tuple[LockEntry, ...]]) -> list[LockEntry]:
    """Two branches may have given one second to two new notes; the smaller GUID keeps it. Anki goes by the GUID."""
    taken = {line.id for line in lines}
    if len(taken) == len(lines):
        return lines
    seen: set[int] = set()
    for index, line in enumerate(lines):
        own = free_id(line.id, taken) if line.id in seen else line.id
        seen.add(own)
        taken.add(own)
        if own != line.id:
            lines[index] = msgspec.structs.replace(line, id=own)
            if (guid := Guid(line.guid)) in variants:
                variants[guid] = tuple(msgspec.structs.replace(one, id=own) for one in variants[guid])
    return lines


def free_id(wanted: int, taken: set[int]) -> int:
    """The note id, or the next whole second that no other note has; behind the last one, from the first on."""
    while wanted in taken:
        wanted = wanted + 1000 if wanted + 1000 <= LAST_NOTE_ID else 1000
    return wanted


def _text(row: bytes) -> str:
    return row.decode("utf-8", "surrogatepass")


_MARKER = re.compile(rb"(<{7}|\|{7}|>{7})( |$)|={7}$")


def _conflict(row: str, number: int, path: str, diagnostics: list[Diagnostic]) -> Diagnostic:
    """The first marker is reported; the others of a file are the same mistake."""
    for diagnostic in diagnostics:
        if diagnostic.kind == "lock-conflict":
            return diagnostic
    hint = "delete the marker lines (<<<<<<<, =======, >>>>>>>), keep the lines of both sides, build again\n"
    hint += "a line `deck.lock merge=union` in .gitattributes makes git do so by itself"
    return Diagnostic("lock-conflict", "merge conflict in the lock", Span(path, number), hint, row)


def _header(row: str, number: int, path: str, diagnostics: list[Diagnostic]) -> Header | None:
    span = Span(path, number)
    found = re.match(r'\{"deckgen_lock":\s*(\d{1,9})', row)
    version = int(found[1]) if found else 0
    if version > FORMAT:
        message = f"the lock has format {version}, this deckgen writes {FORMAT}"
        diagnostics.append(Diagnostic("lock-newer", message, span, "upgrade deckgen", row))
        return None
    if found and version < FORMAT:
        message = f"the lock has format {version}, the first one is {FORMAT}"
        diagnostics.append(Diagnostic("lock-older", message, span, _FROM_HISTORY, row))
        return None
    try:
        return msgspec.json.decode(row, type=Header)
    except (msgspec.DecodeError, RecursionError) as error:
        diagnostics.append(_broken(row, str(error), number, path))
        return None


_FROM_HISTORY = "take the line, or the file, back from version control"


def _one_header(headers: list[tuple[int, Header]], path: str, diagnostics: list[Diagnostic]) -> Header:
    if not headers:
        if not any(d.kind in ("lock-newer", "lock-older", "lock-line") for d in diagnostics):
            diagnostics.append(Diagnostic("lock-header", "the lock has no header", Span(path), _FROM_HISTORY))
        return EMPTY_LOCK.header
    numbered = sorted(headers, key=lambda entry: _format_header(entry[1]))
    first = numbered[0][1]
    for number, other in numbered[1:]:
        if other.project != first.project:
            message = f"headers of two projects, `{first.project}` and `{other.project}`"
            hint = "a lock belongs to one project: delete the header, and the notes, of the other"
            diagnostics.append(Diagnostic("lock-projects", message, Span(path, number), hint))
        for name in first.note_types.keys() & other.note_types.keys():
            if first.note_types[name] != other.note_types[name]:
                message = f"two headers know the note type `{name}` differently"
                hint = "keep the header that fits deck.yaml, delete the other"
                diagnostics.append(Diagnostic("lock-note-types", message, Span(path, number), hint))
        first = Header(
            FORMAT,
            first.project,
            tuple(dict.fromkeys([*first.rules, *other.rules])),
            max(first.rendering, other.rendering),
            {**other.note_types, **first.note_types},
        )
    return first


def _two_kinds(lines: list[LockEntry], number: int, path: str) -> Diagnostic:
    kinds = " and ".join(sorted({f"`{line.kind}`" for line in lines}))
    hint = "a GUID cannot change its kind: give the other line its own GUID again"
    return Diagnostic("lock-kinds", f"GUID {lines[0].guid} is {kinds}", Span(path, number), hint)


def _broken(row: str, error: str, number: int, path: str) -> Diagnostic:
    """What msgspec says, at the character that it means."""
    column = 1
    if (at := re.search(r" \(byte (\d+)\)$", error)) is not None:
        column = len(row.encode()[: int(at[1])].decode(errors="ignore")) + 1
        error = error[: at.start()]
    elif (name := re.search(r" - at `\$\.(\w+)[^`]*`$", error)) is not None:
        column = max(row.find(f'"{name[1]}":'), 0) + 1
        error = f"{error[: name.start()]} in `{name[1]}`"
    elif "truncated" in error:
        column = len(row) + 1
    elif (unknown := re.search(r"unknown field `(\w+)`", error)) is not None:
        column = max(row.find(f'"{unknown[1]}":'), 0) + 1
    message = "not a line of a lock: " + error[:1].lower() + error[1:]
    return Diagnostic("lock-line", message, Span(path, number, column), _FROM_HISTORY, row)
