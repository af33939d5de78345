"""A closed Anki: its collection on disk, through Anki's own engine (the package `anki`, an optional extra).

What is only looked at is a copy, so that looking changes nothing, not even the format of an older collection. Before
the first change Anki's engine makes one of its own backups, which Anki's File › Switch Profile › Open Backup restores.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deckgen.anki.actions import (
    Action,
    ChangeNoteType,
    ChangeTags,
    DeleteNotes,
    MoveCards,
    RenameDeck,
    SuspendCards,
    TargetError,
    UpdateFields,
    UpdateStyling,
    UpdateTemplates,
)
from deckgen.anki.anki_state import AnkiCard, AnkiNote, AnkiNoteType, AnkiQuery, AnkiState, AnkiTemplate
from deckgen.anki.collection_proof import why_no_collection
from deckgen.anki.searches import by_field_id
from deckgen.diagnostics import define
from deckgen.diagnostics.paths import shown_path
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.package.reading import why_in_use

if TYPE_CHECKING:
    from anki.collection import Collection as AnkiCollection

define(
    "error",
    no_anki_engine="A collection was named, but Anki's engine is not installed, or too old.",
    no_collection="What was named is no collection of Anki's, or one that this engine cannot read.",
)

_WITH_SCHEDULES = "withScheduling"  # where Anki remembers what its import dialog is to propose
_MEDIA = lazy_regex(r"[a-z0-9-]+-[0-9a-f]{12}\.[a-z0-9]+")


class Collection:
    """A collection that nobody else has open, by its path or that of its profile's folder. `is_read_only`: only `read`
    will be called.
    """

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        path = path / "collection.anki2" if path.is_dir() else path
        self._path = path
        self._leaving = contextlib.ExitStack()
        opened = path
        _check(path)
        if is_read_only:
            folder = Path(self._leaving.enter_context(tempfile.TemporaryDirectory(prefix="deckgen-")))
            opened = folder / "collection.anki2"
            try:
                shutil.copyfile(path, opened)
            except OSError as problem:
                raise _unreadable(path, problem) from None
        try:
            self._collection = _open(opened, path)
        except BaseException:
            self._leaving.close()
            raise

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return shown_path(self._path)

    @property
    def syncs_fully(self) -> bool:
        """Anki's own change of note types asks for it."""
        return True

    def close(self) -> None:
        """Close the collection; Anki can be started again."""
        with _quietly(self.name):
            self._collection.close()
        self._leaving.close()

    def begin(self) -> str:
        """Make a backup beside those of Anki."""
        folder = self._path.parent / "backups"
        with _quietly(self.name):
            folder.mkdir(exist_ok=True)
            self._collection.create_backup(backup_folder=str(folder), force=True, wait_for_completion=True)
        found = sorted(folder.glob("*.colpkg"), key=lambda file: file.stat().st_mtime)
        return shown_path(found[-1]) if found else ""

    def deck_ids(self) -> dict[str, int]:
        """The decks that are there now, with their ids."""
        with _quietly(self.name):
            return {deck.name: int(deck.id) for deck in self._collection.decks.all_names_and_ids()}

    def refresh(self) -> None:
        """No window is open."""

    # ---- reading

    def read(self, asked: AnkiQuery) -> AnkiState:
        """What Anki has of a project; changes nothing."""
        with _quietly(self.name):
            return self._read(asked)

    def _read(self, asked: AnkiQuery) -> AnkiState:
        database: Any = self._collection.db
        wanted = {*asked.ids.values(), *asked.by_number.values()}
        decks = {deck.id: deck.name for deck in self._collection.decks.all_names_and_ids()}
        filtered = {deck for deck in decks if self._collection.decks.is_filtered(deck)}  # type: ignore[arg-type]
        rows = database.execute("select id, guid, mid, mod, tags, flds from notes")
        rows = [row for row in rows if row[1] in wanted]
        numbers = {row[0] for row in rows}
        cards: dict[int, list[AnkiCard]] = {}
        counts = dict.fromkeys(decks.values(), 0)
        query = "select id, nid, did, odid, queue, lapses, ord from cards order by nid, ord"
        for card, note, deck, home, queue, lapses, ordinal in database.execute(query):
            name = decks.get(home or deck, "")
            counts[name] = counts.get(name, 0) + 1
            if note in numbers:
                anki_card = AnkiCard(card, name, queue == -1, deck in filtered, lapses, ordinal)
                cards.setdefault(note, []).append(anki_card)
        note_types = self._note_types({row[2] for row in rows} | asked.note_types)
        notes: dict[str, AnkiNote] = {}
        for note, guid, kind, mod, tags, fields in rows:
            values = fields.split("\x1f")
            names = note_types[kind].fields if kind in note_types else ()
            if len(values) == len(names):
                named = dict(zip(names, values, strict=True))
                notes[guid] = AnkiNote(note, guid, kind, named, tuple(tags.split()), mod, tuple(cards.get(note, ())))
        record = self._media_folder / asked.record
        return AnkiState(
            notes,
            note_types,
            {name: count for name, count in counts.items() if name},
            {name: int(number) for number, name in decks.items()},
            frozenset(self._media()),
            record.read_text("utf-8", "replace") if record.is_file() else "",
        )

    @property
    def _media_folder(self) -> Path:
        return self._path.with_suffix(".media")

    def _media(self) -> Iterator[str]:
        with contextlib.suppress(FileNotFoundError):
            for path in self._media_folder.iterdir():
                if _MEDIA.fullmatch(path.name):
                    yield path.name

    def _note_types(self, numbers: set[int] | frozenset[int]) -> dict[int, AnkiNoteType]:
        found = {}
        for number in numbers:
            model = self._collection.models.get(number)  # type: ignore[arg-type]
            if model is not None:
                sides = tuple(AnkiTemplate(t["name"], t["qfmt"], t["afmt"]) for t in model["tmpls"])
                names = tuple(field["name"] for field in model["flds"])
                found[number] = AnkiNoteType(number, model["name"], names, sides, model["css"])
        return found

    # ---- writing

    def carry_out(self, actions: Sequence[Action]) -> None:
        """Do these in order."""
        with _quietly(self.name):
            for kind, some in groupby(actions, type):
                if kind is UpdateFields:
                    self._update([action for action in some if isinstance(action, UpdateFields)])
                elif kind is ChangeNoteType:
                    self._change_note_types([action for action in some if isinstance(action, ChangeNoteType)])
                else:
                    for action in some:
                        self._do(action)

    def import_package(self, path: Path, *, with_schedules: bool = False) -> None:
        """Import a package with Anki's default options. Anki remembers them for its next dialog: these it forgets."""
        from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

        with _quietly(self.name):
            before = self._collection.get_config(_WITH_SCHEDULES)
            options = ImportAnkiPackageOptions(with_scheduling=with_schedules)
            self._collection.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=options))
            if with_schedules and before is None:
                self._collection.remove_config(_WITH_SCHEDULES)
            elif with_schedules:
                self._collection.set_config(_WITH_SCHEDULES, before)

    def delete_by_field_id(self, values: Sequence[str]) -> None:
        """Delete the notes whose field ID is one of these."""
        with _quietly(self.name):
            self._collection.remove_notes(self._collection.find_notes(by_field_id(values)))

    def store_media(self, name: str, path: Path) -> None:
        """Put a file into the media folder, instead of one that has the name."""
        with _quietly(self.name):
            if self._collection.media.have(name):
                self._collection.media.trash_files([name])
            self._collection.media.write_data(name, path.read_bytes())

    def _update(self, updates: Sequence[UpdateFields]) -> None:
        notes = []
        for update in updates:
            note = self._collection.get_note(update.note)  # type: ignore[arg-type]
            for name, text in update.fields.items():
                note[name] = text
            notes.append(note)
        self._collection.update_notes(notes)

    def _change_note_types(self, changes: Sequence[ChangeNoteType]) -> None:
        """As Anki's Change Note Type does it: each card stays with its ordinal. Then the fields are written."""
        models = self._collection.models
        together: dict[tuple[int, int], list[ChangeNoteType]] = {}
        for change in changes:
            together.setdefault((change.old, change.new), []).append(change)
        for (old, new), some in together.items():
            # The engine has a type of its own for ids, which are numbers all the same.
            info = models.change_notetype_info(old_notetype_id=old, new_notetype_id=new)  # type: ignore[arg-type]
            request = info.input
            request.note_ids.extend(change.note for change in some)
            if request.new_templates:
                known, wanted = len(models.get(old)["tmpls"]), len(request.new_templates)  # type: ignore[arg-type,index]
                del request.new_templates[:]
                request.new_templates.extend(place if place < known else -1 for place in range(wanted))
            models.change_notetype_of_notes(request)
        self._update([UpdateFields(change.note, change.fields) for change in changes])

    def _do(self, action: Action) -> None:
        collection: Any = self._collection
        match action:
            case ChangeTags(notes, tags, is_removal):
                change = collection.tags.bulk_remove if is_removal else collection.tags.bulk_add
                change(list(notes), " ".join(tags))
            case MoveCards(cards, deck):
                collection.set_deck(list(cards), collection.decks.id(deck))
            case RenameDeck(old, new, _):
                if (deck := collection.decks.id_for_name(old)) is not None:  # else it went along with the one above
                    collection.decks.rename(deck, new)
            case SuspendCards(cards, is_release):
                change = collection.sched.unsuspend_cards if is_release else collection.sched.suspend_cards
                change(list(cards))
            case DeleteNotes(notes):
                collection.remove_notes(list(notes))
            case UpdateTemplates(number, _, fronts, backs):
                model = collection.models.get(number)
                for template in model["tmpls"]:
                    template["qfmt"] = fronts.get(template["name"], template["qfmt"])
                    template["afmt"] = backs.get(template["name"], template["afmt"])
                collection.models.update_dict(model)
            case UpdateStyling(number, _, css):
                model = collection.models.get(number)
                model["css"] = css
                collection.models.update_dict(model)


# ---- opening


def _check(path: Path) -> None:
    """That it is a collection, and that nobody has it open; nothing is written, also not beside it."""
    shown = shown_path(path)
    hint = "name the collection.anki2 in the folder of a profile (Anki's base folder is shown by Tools › Add-ons › …)"
    try:
        path.stat()
    except OSError as problem:
        raise _unreadable(path, problem) from None
    # While it is open, part of it is in another file, so that it cannot be proven.
    if path.is_file() and (reason := why_in_use(path)) is not None:
        raise TargetError(reason.kind, reason.message, f"{reason.hint}\n`--to anki` pushes into a running Anki")
    if why := why_no_collection(path):
        raise TargetError("no-collection", f"{shown} is no collection of Anki's: {why}", hint)


def _unreadable(path: Path, problem: OSError) -> TargetError:
    message = f"{shown_path(path)} cannot be read: {problem.strerror or problem}"
    return TargetError("no-collection", message, "name the collection.anki2 in the folder of a profile")


def _open(path: Path, named: Path) -> AnkiCollection:
    shown = shown_path(named)
    hint = "`pip install 'deckgen-notes[anki]'`; or start Anki and push with `--to anki`, through AnkiConnect"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from anki.collection import Collection
            from anki.errors import DBError
            from anki.import_export_pb2 import ImportAnkiPackageOptions  # noqa: F401 (since 23.10)
    except ImportError as problem:
        is_missing = isinstance(problem, ModuleNotFoundError) and problem.name == "anki"
        message = "Anki's engine is not installed" if is_missing else "Anki's engine is older than 23.10"
        raise TargetError("no-anki-engine", message, hint) from None
    try:
        with _silence():
            return Collection(str(path))
    except DBError as problem:
        said = " ".join(str(problem).split())
        if "already open" in said or "locked" in said:
            hint = "close Anki, then push again; `--to anki` pushes into a running Anki"
            raise TargetError("collection-in-use", f"{shown} is open in Anki", hint) from None
        hint = "in Anki, Tools › Check Database; a collection of a newer Anki needs `pip install --upgrade anki`"
        raise TargetError("no-collection", f"Anki's engine cannot open {shown}: {said}", hint) from None
    except Exception as problem:  # whatever the engine trips over in a broken file
        said = " ".join(str(problem).split()) or type(problem).__name__
        hint = "in Anki, Tools › Check Database; a collection of a newer Anki needs `pip install --upgrade anki`"
        raise TargetError("no-collection", f"Anki's engine cannot open {shown}: {said}", hint) from None


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """The engine prints to standard output when something takes long."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


@contextlib.contextmanager
def _quietly(name: str) -> Iterator[None]:
    """What the engine refuses is a `TargetError`."""
    from anki.errors import AnkiException

    with _silence():
        try:
            yield
        except (AnkiException, OSError) as problem:
            said = " ".join(str(problem).split()) or type(problem).__name__
            raise TargetError("push-refused", f"{name}: {said}", "push again when that is mended") from None
