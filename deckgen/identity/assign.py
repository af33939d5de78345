"""Pairs → notes and the next lock: GUIDs, note ids, modified times, what moved, what is retired."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.cloze_numbers import MOST, number_gaps
from deckgen.identity.context import ALONE, Context
from deckgen.identity.decisions import Decisions, reworded
from deckgen.identity.facts import Fact, Key, Place, digest_of_key, key_of, make_guid, place_of
from deckgen.identity.lock import Deletion, Lock, LockEntry, Retired, fold, former_decks
from deckgen.identity.normal_form import LONGEST, digest, normalise
from deckgen.model import Change, Draft, Guid, MediaFile, Note, next_modified

_DAY = 24 * 60 * 60
NOT_CONTENT = frozenset({"Context", "Source", "ID"})
"""Fields of the built-in note types that say where a note stands; Anki gets them with the next real change."""

define(
    "error",
    too_many_deletions="A cloze number is over 500, the last that Anki makes cards of; the note is left out.",
)
define(
    "warning",
    picture_kept="A picture that a note was sent with is missing. The note stays out of the package, so that Anki "
    "keeps the picture it has.",
    clock_ahead="A note that changed has a modified time more than a day ahead: some build ran with a wrong clock. "
    "Until then every import of that note overwrites what was edited in Anki.",
    made_on_two_branches="Two branches made notes with the same GUID of two facts, and both facts are in the notes "
    "now. One keeps the GUID and its schedule, the other is a new note.",
)


def content_hash(draft: Draft, numbers: tuple[int, ...]) -> str:
    """Of what the learner sees: the filled fields as Markdown, switches, tags, media. When it changes, the mod rises.

    Not of Context, Source and ID, nor of anything rendered: a renamed heading or a newer renderer must not overwrite
    what was written in Anki.
    """
    is_own = draft.kind not in ("Basic", "Cloze", "Cloze together")
    parts = [draft.note_type]
    for name, text in draft.fields:
        if is_own or name not in NOT_CONTENT:
            parts += (name, text)
    counts = f"{len(parts)},{len(numbers)},{len(draft.tags)}"
    if numbers:
        parts += map(str, numbers)
    if draft.tags:
        parts += sorted(draft.tags)
    if draft.media:
        parts += sorted(file.digest for file in draft.media)
    content = counts + "".join([f";{len(part)}:{part}" for part in parts])
    return digest(content if content.isascii() else unicodedata.normalize("NFC", content))


def _content(fact: Fact, numbers: tuple[int, ...]) -> str:
    return fact.content or content_hash(fact.draft, numbers)


def new_guids(
    project: str,
    lock: Lock,
    facts: Sequence[Fact],
    fresh: Sequence[int],
    keys_now: set[Key],
    context: Context,
) -> dict[int, Guid]:
    """The GUIDs of the facts without a line.

    A key that something else has or had, or that two of them have, is salted with the answer: so the order in which
    facts came to be plays no part, and no fact gets what another one left.
    """
    if not fresh:
        return {}
    taken = {line.guid for line in lock.lines}
    held = {digest for line in lock.lines for digest in line.was}
    known = {key_of(line) for line in lock.lines} | keys_now
    for variants in lock.variants.values():
        known.update(key_of(line) for line in variants)
    by_key: dict[Key, list[int]] = defaultdict(list)
    for index in fresh:
        by_key[facts[index].key].append(index)
    guids: dict[int, Guid] = {}
    for key in sorted(by_key):
        asking = by_key[key]
        plain = make_guid(project, key, "")
        is_free = plain not in taken and not context.has_guid(plain) and key not in known and not context.has_key(key)
        if len(asking) == 1 and is_free and (of := digest_of_key(key)) not in held and not context.had_key(of):
            guids[asking[0]] = plain
            taken.add(plain)
            continue
        order = sorted(asking, key=lambda i: (facts[i].digest, facts[i].answer, facts[i].question, facts[i].place))
        for index in order:
            salt = digest(facts[index].answer)
            guid, count = make_guid(project, key, salt), 1
            while guid in taken or context.has_guid(guid):
                count += 1
                guid = make_guid(project, key, f"{salt}-{count}")
            guids[index] = guid
            taken.add(guid)
    return guids


class Built(Struct, frozen=True):
    """A note and its line in the next lock."""

    note: Note
    line: LockEntry
    old: LockEntry | None  # folded, as it was


class Clock(Struct, frozen=True):
    """`now` in seconds; `refresh`: a glob of paths whose notes are sent again."""

    now: int
    refresh: str | None = None

    def refreshes(self, path: str) -> bool:
        """Whether a note of that source is bumped by request."""
        return self.refresh is not None and (self.refresh in ("", "**") or fnmatchcase(path, self.refresh))


def build_new(fact: Fact, guid: Guid, note_id: int, clock: Clock, decisions: Decisions) -> Built:
    """A note that was not there: its mod is its id's second, so that it never overwrites anything in Anki."""
    decided = decisions.on(guid, fact)
    numbers, cloze = _numbers_in_words(fact.draft, decided.draft, ())
    fact = reworded(fact, decided)
    mod = note_id // 1000
    if clock.refreshes(fact.place[0]):
        mod = next_modified(mod, clock.now)
    line = _line(fact, guid, note_id, (), cloze, _content(fact, numbers), mod, "")
    line = _with_media(line, fact.draft.missing_media, media_of(fact.draft.media))
    skipped = decided.is_skipped
    note = Note(fact.draft, guid, note_id, mod, "new", numbers, fact.origins, is_held_back=skipped, is_skipped=skipped)
    return Built(note, line, None)


def build_known(
    fact: Fact,
    old: LockEntry,
    variants: Sequence[LockEntry],
    reason: str,
    clock: Clock,
    decisions: Decisions,
) -> Built:
    """A note that has a line. `variants`: the lines of its GUID, one unless two branches were merged."""
    guid = Guid(old.guid)
    decided = decisions.on(guid, fact)
    numbers, cloze = _numbers_in_words(fact.draft, decided.draft, [line.cloze for line in variants])
    fact = reworded(fact, decided)
    draft = fact.draft
    new_hash = _content(fact, numbers)
    lost = lost_pictures(fact, old, new_hash)
    is_held_back = bool(lost)
    mod = old.mod
    if is_held_back:
        new_hash, cloze = old.hash, old.cloze
    else:
        is_changed = old.hash != new_hash
        if len(variants) > 1:  # kept only if the content is that of the newest line, and of no other as new
            is_changed = {line.hash for line in variants if line.mod == old.mod} != {new_hash}
        if is_changed or clock.refreshes(fact.place[0]):
            mod = next_modified(old.mod, clock.now)
    was = old.was
    if key_of(old) != fact.key or len(variants) > 1:
        formers = {digest_of_key(key_of(line)) for line in variants}.union(old.was)
        was = tuple(sorted(formers - {digest_of_key(fact.key)}))
    place = place_of(old) if place_of(old) in fact.places else None  # a copy elsewhere is no move
    line = _line(fact, guid, old.id, was, cloze, new_hash, mod, old.declined, place)
    if old.seen or old.another or old.pushed:
        line = msgspec.structs.replace(line, seen=old.seen, another=old.another, pushed=old.pushed)
    if is_held_back:  # the line says what was sent, and its text what was not
        line = _with_media(line, {*old.missing, *draft.missing_media}.difference(lost), old.media)
    elif new_hash != old.hash:
        line = _with_media(line, draft.missing_media, media_of(draft.media))
    else:
        line = _with_media(line, old.missing, old.media)
    if is_held_back:
        line = msgspec.structs.replace(line, deck=old.deck)
    if line.deck != old.deck or old.decks:
        line = msgspec.structs.replace(line, decks=former_decks(line.deck, old.deck, *old.decks))
    if line == old:
        line = old
    change: Change = "unchanged"
    if old.retired:
        change = "restored"
    elif mod != old.mod:
        change = "updated"
    elif line.deck != old.deck:
        change = "moved"
    is_declined, is_skipped = bool(old.declined), decided.is_skipped
    held = is_held_back or is_declined or is_skipped
    note = Note(draft, guid, old.id, mod, change, numbers, fact.origins, reason, held, is_declined, is_skipped)
    return Built(note, line, old)


def _with_media(line: LockEntry, missing: Iterable[str], media: tuple[tuple[str, str], ...]) -> LockEntry:
    absent = tuple(sorted(missing))
    return msgspec.structs.replace(line, missing=absent, media=media) if absent or media else line


def media_of(media: Iterable[MediaFile]) -> tuple[tuple[str, str], ...]:
    """What a line remembers: each picture as the note names it, and the first digits of its bytes' digest."""
    return tuple(sorted({(file.reference, file.digest[:16]) for file in media}))


def lost_pictures(fact: Fact, old: LockEntry, content: str) -> tuple[str, ...]:
    """The pictures and sounds that the note was sent with, and that are missing now.

    Anki would lose them, so that the note has to wait; not for one that it was sent without, or that an edit brought.
    """
    missing = fact.draft.missing_media
    if not missing or content == old.hash:
        return ()
    return tuple(name for name in missing if name not in old.missing and not _is_added(name, fact, old))


def _is_added(name: str, fact: Fact, old: LockEntry) -> bool:
    """Whether the text names a file now, and did not: a text that the lock has not all of may have."""
    written = normalise(f"`{unquote(name).rpartition('/')[2]}`")
    if len(old.text) >= LONGEST or not written:
        return False
    return written in unquote(fact.text) and written not in unquote(old.text)


def build_asleep(fact: Fact, old: LockEntry, reason: str, decisions: Decisions) -> Note:
    """A note whose line sleeps, found in another source: its line is left alone, so nothing about it changes."""
    decided = decisions.on(Guid(old.guid), fact)
    numbers, _ = _numbers_in_words(fact.draft, decided.draft, [old.cloze])
    fact = reworded(fact, decided)
    is_declined = bool(old.declined)
    is_skipped = decided.is_skipped
    held = is_declined or is_skipped or bool(lost_pictures(fact, old, _content(fact, numbers)))
    guid = Guid(old.guid)
    return Note(
        fact.draft, guid, old.id, old.mod, "unchanged", numbers, fact.origins, reason, held, is_declined, is_skipped
    )


def first_numbers(draft: Draft) -> tuple[int, ...]:
    """The numbers of the deletions of a draft that has no line."""
    return _numbers(draft, ())[0]


def _numbers(draft: Draft, known: Sequence[Sequence[Deletion]]) -> tuple[tuple[int, ...], tuple[Deletion, ...]]:
    if draft.kind == "Basic":
        return (), ()
    numbers, cloze = number_gaps(draft, known)
    if draft.kind == "Cloze together":
        return (1,) * len(numbers), ()
    return numbers, cloze


def _numbers_in_words(
    source: Draft, shown: Draft, known: Sequence[Sequence[Deletion]]
) -> tuple[tuple[int, ...], tuple[Deletion, ...]]:
    """The numbers as shown, and the deletions that the line remembers: those of the source, which come back when the
    learner's words are taken back, and those that only the words have.
    """
    numbers, cloze = _numbers(source, known)
    if shown is source:
        return numbers, cloze
    in_source = set(numbers)
    numbers, in_words = _numbers(shown, ())
    words = {deletion[0]: deletion for deletion in in_words if deletion[0] not in in_source}
    kept = [deletion for deletion in cloze if deletion[0] not in words]  # else one of the words is gone at every build
    return numbers, tuple(sorted([*kept, *words.values()]))


def _line(
    fact: Fact,
    guid: Guid,
    note_id: int,
    was: tuple[str, ...],
    cloze: tuple[Deletion, ...],
    content: str,
    mod: int,
    declined: str,
    place: Place | None = None,
) -> LockEntry:
    kind, rule, key = fact.key
    path, headings = place or fact.place
    return LockEntry(
        guid=guid,
        id=note_id,
        kind=kind,
        rule=rule,
        key=key,
        was=was,
        text=fact.text,
        digest=fact.digest,
        question=fact.question,
        answer=fact.answer,
        path=path,
        headings=headings,
        deck=deck if (deck := fact.draft.deck).isascii() else unicodedata.normalize("NFC", deck),
        hash=content,
        mod=mod,
        cloze=cloze,
        declined=declined,
    )


def note_ids(lock: Lock, guids: Mapping[int, Guid], context: Context = ALONE) -> dict[int, int]:
    """Note ids for new notes, given in the order of their GUIDs."""
    if not guids:
        return {}
    found = context.note_ids(guids.values(), {line.id for line in lock.lines})
    return {index: found[guid] for index, guid in guids.items()}


def retire(line: LockEntry, variants: Sequence[LockEntry], reason: Retired) -> LockEntry:
    """The line of a note that left the notes."""
    return msgspec.structs.replace(fold(list(variants)), id=line.id, retired=reason)


def check_note(note: Note) -> list[Diagnostic]:
    """What a build has to tell about a note."""
    diagnostics: list[Diagnostic] = []
    draft = note.draft
    span, line = draft.origin.span, draft.origin.text.partition("\n")[0]
    if max(note.cloze, default=0) > MOST:
        message = f"the deletion numbered {max(note.cloze)} would have no card: Anki's last number is {MOST}"
        diagnostics.append(Diagnostic("too-many-deletions", message, span, "make several notes of it", line))
    if note.is_held_back and draft.is_missing_media and not note.is_declined:
        message = "this note was sent with a picture that is missing now, so it stays out of the package"
        diagnostics.append(Diagnostic("picture-kept", message, span, "", line))
    return diagnostics


def check_displaced(built: Sequence[Note], displaced: Mapping[Guid, Guid]) -> list[Diagnostic]:
    """What a build has to tell about notes whose GUID another one keeps."""
    diagnostics: list[Diagnostic] = []
    for note in built:
        if note.guid in displaced:
            message = f"two branches made a note {displaced[note.guid]} of two facts; this one is now {note.guid}"
            origin = note.draft.origin
            line = origin.text.partition("\n")[0]
            diagnostics.append(Diagnostic("made-on-two-branches", message, origin.span, "", line))
    return diagnostics


def is_ahead(note: Note, now: int) -> bool:
    """Whether a note changed, and its modified time lies in the future. A change puts the time yet further ahead;
    unchanged notes are not looked at by every build.
    """
    return note.mod > now + _DAY and note.change in ("updated", "restored")


def check_clock(ahead: Sequence[int], now: int) -> list[Diagnostic]:
    """What a build has to tell about modified times in the future."""
    if not ahead:
        return []
    notes = "1 note was" if len(ahead) == 1 else f"{len(ahead):,} notes were"
    message = f"{notes} modified in the future, {(max(ahead) - now) // _DAY:,} days from now at most"
    hint = "set the clock right; a modified time cannot be lowered, or Anki would take no update before it"
    return [Diagnostic("clock-ahead", message, None, hint)]


def check_unique(lines: Sequence[LockEntry]) -> None:
    """No GUID and no note id stands for two notes."""
    for name, values in (("GUID", [line.guid for line in lines]), ("note id", [line.id for line in lines])):
        if len(set(values)) != len(values):
            doubled = [value for value, count in Counter(values).items() if count > 1]
            raise AssertionError(f"{name} for two notes: {doubled[:5]}")
