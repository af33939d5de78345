"""Anki while it runs, through its add-on AnkiConnect: JSON over HTTP, version 6 of its protocol.

The add-on reads a request a kilobyte at a time, forty times a second, so what is sent is kept small: notes are asked
for by a search, packages and media are handed over as paths where Anki runs on this machine. It knows no GUIDs: a note
is known by its field `ID`, or, of a note type without one, by its note id.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from deckgen.anki import ankiconnect_reading as reading
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
from deckgen.anki.anki_state import AnkiQuery, AnkiState
from deckgen.anki.ankiconnect_answers import Reply, WrongAnswerError, decode_reply, read_answer, result_of
from deckgen.anki.searches import by_field_id
from deckgen.diagnostics import Diagnostic, define

define(
    "error",
    anki_not_running="AnkiConnect does not answer at its address: Anki is not running, or the add-on is not installed.",
    no_ankiconnect="Something other than AnkiConnect answers at its address.",
    ankiconnect_key="AnkiConnect requires an API key and did not get the right one.",
    ankiconnect_too_old="The add-on lacks something that a push needs.",
    no_profile="Anki runs, but no profile is open, or not the one that was named.",
    anki_silent="Anki does not answer, or stopped answering during a push. What was done stays done.",
    bad_url="The address of AnkiConnect is not a valid URL.",
)
define(
    "warning",
    remote_anki="AnkiConnect is on another machine: notes and the API key are sent over the network.",
)

DEFAULT_URL = "http://127.0.0.1:8765"
KEY_VARIABLE = "DECKGEN_ANKICONNECT_KEY"
ADDON = "2055492159"
_PACKAGE = "_deckgen-new.apkg"
FIRST_PATIENCE = 15.0  # seconds for the first answer: Anki may be starting, or synchronising
_PATIENCE = 600.0  # seconds for one answer: an import of a large package, a window that waits for a click
_NEEDED = (
    "addTags",
    "changeDeck",
    "deckNamesAndIds",
    "deleteMediaFile",
    "deleteNotes",
    "findCards",
    "findNotes",
    "getDecks",
    "getMediaDirPath",
    "getMediaFilesNames",
    "importPackage",
    "modelFieldNames",
    "modelNamesAndIds",
    "modelStyling",
    "modelTemplates",
    "multi",
    "notesInfo",
    "removeTags",
    "retrieveMediaFile",
    "storeMediaFile",
    "suspend",
    "unsuspend",
    "updateModelStyling",
    "updateModelTemplates",
    "updateNoteFields",
)
_CHANGES_NOTE_TYPE = "updateNoteModel"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine, or none at all."""
    try:
        return (urlsplit(url).hostname or "localhost") in LOOPBACK
    except ValueError:
        return True


def remote_warning(url: str) -> Diagnostic:
    """What to say of an address elsewhere."""
    message = f"AnkiConnect at {urlsplit(url).hostname} is on another machine"
    return Diagnostic("remote-anki", message, hint="a tunnel keeps both to yourself: `ssh -L 8765:127.0.0.1:8765 HOST`")


class AnkiConnect:
    """A running Anki. `key` is never part of a message."""

    def __init__(self, url: str = DEFAULT_URL, key: str = "", profile: str = "") -> None:
        try:
            parts = urlsplit(url)
            self._host, self._port = parts.hostname or "", parts.port or 8765
        except ValueError:
            self._host = ""
        if not self._host or parts.scheme not in ("http", "https") or parts.username or parts.query:
            message = "the address of AnkiConnect is not of the form http://HOST:PORT"
            raise TargetError("bad-url", message, f"`--url {DEFAULT_URL}` is the default")
        self._is_secure, self._path = parts.scheme == "https", parts.path or "/"
        self._key = key
        self._profile = profile
        self._is_here = is_loopback(url)
        self._has_answered = False

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"Anki at {self._host}:{self._port}"

    @property
    def syncs_fully(self) -> bool:
        """The add-on writes notes with their new type one by one, as any other edit."""
        return False

    def read(self, asked: AnkiQuery) -> AnkiState:
        """What Anki has of a project; changes nothing."""
        known = self._check()
        state = reading.read(asked, self.ask, self.ask_all)
        return replace(state, changes_note_types=_CHANGES_NOTE_TYPE in known)

    def begin(self) -> str:
        """Anki makes its own backups while it runs."""
        return ""

    def deck_ids(self) -> Mapping[str, int]:
        """The decks that are there now, with their ids."""
        return dict(self.ask("deckNamesAndIds"))

    def refresh(self) -> None:
        """The add-on resets Anki's windows before a change, not after it: tags for no note reset them once more."""
        self.ask("addTags", notes=[], tags="")

    def close(self) -> None:
        """Every request has a connection of its own."""

    def carry_out(self, actions: Sequence[Action]) -> None:
        """Do these in one request."""
        self.ask_all([request for action in actions for request in _requests(action)])

    def import_package(self, path: Path, *, with_schedules: bool = False) -> None:  # noqa: ARG002 (it always takes them)
        """Import a package, by its path or through the media folder of an Anki that sees other files."""
        if self._sees("importPackage", path=str(path.resolve())):
            return
        self.store_media(_PACKAGE, path)
        try:
            is_done = self.ask("importPackage", path=f"{self.ask('getMediaDirPath')}/{_PACKAGE}")
        finally:
            self.ask("deleteMediaFile", filename=_PACKAGE)
        if not is_done:
            raise TargetError("push-refused", "Anki did not import the new notes", "push again")

    def delete_by_field_id(self, values: Sequence[str]) -> None:
        """Delete the notes whose field ID is one of these."""
        if found := self.ask("findNotes", query=by_field_id(values)):
            self.ask("deleteNotes", notes=found)

    def store_media(self, name: str, path: Path) -> None:
        """Hand a file over, by its path where Anki can read that."""
        if not self._sees("storeMediaFile", filename=name, path=str(path.resolve())):
            data = base64.b64encode(path.read_bytes()).decode("ascii")
            self.ask("storeMediaFile", filename=name, data=data)

    def _sees(self, action: str, **parameters: str) -> bool:
        """Whether Anki did something with a file of this disk. In a Flatpak, or outside of WSL, it sees another one."""
        if self._is_here:
            try:
                return bool(self.ask(action, **parameters))
            except TargetError as problem:
                if problem.diagnostic.kind != "push-refused":
                    raise
            self._is_here = False
        return False

    def _check(self) -> frozenset[str]:
        """That it is AnkiConnect, new enough, with a profile open; its actions. Raises `TargetError`."""
        if (version := self.ask("version")) != 6:
            raise TargetError("ankiconnect-too-old", f"AnkiConnect speaks version {version}, not 6", _UPDATE)
        wanted = [*_NEEDED, *(["getActiveProfile"] if self._profile else [])]
        found = self.ask("apiReflect", scopes=["actions"], actions=[*wanted, _CHANGES_NOTE_TYPE])
        if missing := sorted(set(wanted) - set(found["actions"])):
            raise TargetError("ankiconnect-too-old", f"AnkiConnect lacks {', '.join(missing)}", _UPDATE)
        if self._profile and (profile := self.ask("getActiveProfile")) != self._profile:
            message = f"Anki has the profile `{profile}` open, not `{self._profile}`"
            raise TargetError("no-profile", message, "in Anki, File › Switch Profile")
        return frozenset(found["actions"])

    # ---- the protocol

    def ask(self, action: str, **parameters: Any) -> Any:
        """One action's result."""
        return self._result(self._post(action, parameters), action)

    def ask_all(self, requests: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Any]:
        """The results of several actions, carried out in one go. Every one is done even if one before it fails."""
        if not requests:
            return []
        inner = [self._request(action, parameters) for action, parameters in requests]
        replies = self._result(self._post("multi", {"actions": inner}), "multi")
        if len(replies) != len(requests):
            raise self._is_another(WrongAnswerError("`multi`: another number of replies"))
        answers = zip(replies, (action for action, _ in requests), strict=True)
        return [self._result(self._decoded(reply, action), action) for reply, action in answers]

    def _request(self, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        request = {"action": action, "version": 6, "params": parameters}
        return {**request, "key": self._key} if self._key else request

    def _decoded(self, answer: bytearray | msgspec.Raw, action: str) -> Reply[Any]:
        try:
            return decode_reply(answer, action)
        except WrongAnswerError as problem:
            raise self._is_another(problem) from None

    def _result(self, reply: Reply[Any], action: str) -> Any:
        if reply.error is None:
            try:
                result = result_of(reply, action)
            except WrongAnswerError as problem:
                raise self._is_another(problem) from None
            self._has_answered = True
            return result
        said = str(reply.error)
        if "api key" in said:
            hint = f"set {KEY_VARIABLE} to the `apiKey` of AnkiConnect's configuration (Tools › Add-ons › Config)"
            raise TargetError("ankiconnect-key", "AnkiConnect wants an API key, and this is not it", hint)
        if "unsupported action" in said:
            raise TargetError("ankiconnect-too-old", f"AnkiConnect has no action `{action}`", _UPDATE)
        if "collection is not available" in said or "'NoneType' object has no attribute" in said:
            raise TargetError("no-profile", "Anki runs, but no profile is open", "open the profile with your cards")
        said = said.replace(self._key, "…") if self._key else said
        raise TargetError("push-refused", f"Anki refused `{action}`: {said}", "push again when that is mended")

    def _post(self, action: str, parameters: Mapping[str, Any]) -> Reply[Any]:
        kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        patience = _PATIENCE if self._has_answered else FIRST_PATIENCE
        deadline = time.monotonic() + patience
        connection = kind(self._host, self._port, timeout=patience)
        body = json.dumps(self._request(action, parameters), ensure_ascii=False).encode("utf-8", "surrogatepass")
        try:
            connection.connect()
            with _cut_off_after(connection.sock, patience):  # whatever comes, and however slowly
                connection.request(
                    "POST", self._path, body, {"Content-Type": "application/json", "Connection": "close"}
                )
                answer = read_answer(connection.getresponse(), deadline)
        except WrongAnswerError as problem:
            raise self._is_another(problem) from None
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise self._unreachable(TimeoutError() if time.monotonic() >= deadline else problem) from None
        finally:
            connection.close()
        return self._decoded(answer, action)

    def _is_another(self, problem: WrongAnswerError) -> TargetError:
        message = f"what answers at {self._host}:{self._port} is not AnkiConnect: {problem}"
        return TargetError("no-ankiconnect", message, _INSTALL)

    def _unreachable(self, problem: Exception) -> TargetError:
        if self._has_answered:
            hint = "push again once it does: what was done stays done, the rest follows"
            return TargetError("anki-silent", f"{self.name} stopped answering ({type(problem).__name__})", hint)
        if isinstance(problem, TimeoutError):
            message = f"{self.name} is there, but does not answer"
            return TargetError("anki-silent", message, "does one of its windows wait for a click, or for AnkiWeb?")
        hint = f"start Anki; the add-on AnkiConnect is number {ADDON} in Tools › Add-ons › Get Add-ons\n"
        hint += "`--to PROFILE/collection.anki2` pushes into a closed Anki, without the add-on"
        said = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        return TargetError("anki-not-running", f"could not connect to Anki at {self._host}:{self._port}: {said}", hint)


@contextlib.contextmanager
def _cut_off_after(connected: socket.socket, seconds: float) -> Iterator[None]:
    """Shut a connection down once so much time is over: its own timeout begins anew with every byte."""

    def cut_off() -> None:
        with contextlib.suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


_UPDATE = "update the add-on: Tools › Add-ons › Check for Updates"
_INSTALL = f"AnkiConnect is add-on {ADDON}: Tools › Add-ons › Get Add-ons; `--url` is where it listens"


def _requests(action: Action) -> Iterator[tuple[str, dict[str, Any]]]:
    match action:
        case UpdateFields(note, fields):
            yield "updateNoteFields", {"note": {"id": note, "fields": dict(fields)}}
        case ChangeNoteType(note, _, _, name, fields, tags):  # it drops the tags that it is not given
            changed = {"id": note, "modelName": name, "fields": dict(fields), "tags": list(tags)}
            yield "updateNoteModel", {"note": changed}
        case ChangeTags(notes, tags, is_removal):
            yield "removeTags" if is_removal else "addTags", {"notes": list(notes), "tags": " ".join(tags)}
        case MoveCards(cards, deck):
            yield "changeDeck", {"cards": list(cards), "deck": deck}
        case RenameDeck(_, new, cards):  # there is no action for it: the old one stays behind, empty
            yield "changeDeck", {"cards": list(cards), "deck": new}
        case SuspendCards(cards, is_release):
            yield "unsuspend" if is_release else "suspend", {"cards": list(cards)}
        case DeleteNotes(notes):
            yield "deleteNotes", {"notes": list(notes)}
        case UpdateTemplates(_, name, fronts, backs):
            sides: dict[str, dict[str, str]] = {}
            for key, texts in (("Front", fronts), ("Back", backs)):
                for template, text in texts.items():
                    sides.setdefault(template, {})[key] = text
            yield "updateModelTemplates", {"model": {"name": name, "templates": sides}}
        case UpdateStyling(_, name, css):
            yield "updateModelStyling", {"model": {"name": name, "css": css}}
