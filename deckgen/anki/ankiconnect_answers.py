"""An answer of AnkiConnect's → a value of the type that its action has.

Anything may listen at the address: what is behind this module never meets a value of another type.
"""

from __future__ import annotations

import time
from http.client import HTTPResponse
from typing import Annotated, Any, Generic, Optional, TypeVar

import msgspec
from msgspec import Meta

ANSWER_LIMIT = 256 * 1024**2
"""Bytes of one answer. A hundred thousand notes take about a hundred million."""

Result = TypeVar("Result")
_CHUNK = 1 << 16  # bytes: larger ones take new memory from the system each time
_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Reply(msgspec.Struct, Generic[Result], frozen=True, forbid_unknown_fields=True):
    """What comes back for an action: its result, or what is wrong."""

    result: Result
    error: Any


class FieldInfo(msgspec.Struct, frozen=True, gc=False):
    """A field of a note in Anki."""

    value: str
    order: _Int64


class NoteInfo(msgspec.Struct, frozen=True):
    """A note in Anki; nothing at all of one that is not there any more."""

    noteId: _Int64 = 0  # noqa: N815 (AnkiConnect's name)
    modelName: str = ""  # noqa: N815 (AnkiConnect's name)
    fields: dict[str, FieldInfo] = {}
    tags: list[str] = []
    cards: list[_Int64] = []
    mod: _Int64 | None = None


class _Card(msgspec.Struct):
    cardId: _Int64 = 0  # noqa: N815 (AnkiConnect's name)
    lapses: _Int64 = 0
    ord: _Int64 = -1


class _Sides(msgspec.Struct):
    Front: str
    Back: str


class _Styling(msgspec.Struct):
    css: str


class _Actions(msgspec.Struct):
    actions: list[str]


_TYPES: dict[str, Any] = {
    "apiReflect": _Actions,
    "cardsInfo": list[_Card | None],
    "deckNamesAndIds": dict[str, int],
    "findCards": list[_Int64],
    "findNotes": list[_Int64],
    "getActiveProfile": str | None,
    "getDecks": dict[str, list[_Int64]],
    "getMediaDirPath": str,
    "getMediaFilesNames": list[str],
    "modelFieldNames": Annotated[list[str], Meta(min_length=1)],
    "modelNamesAndIds": dict[str, _Int64],
    "modelStyling": _Styling,
    "modelTemplates": Annotated[dict[str, _Sides], Meta(min_length=1)],
    "multi": list[msgspec.Raw],  # replies
    "notesInfo": list[NoteInfo | None],
    "retrieveMediaFile": str | bool | None,
}


class WrongAnswerError(Exception):
    """Not what AnkiConnect answers; says why."""


_MAY_BE_NONE = frozenset({"getActiveProfile", "retrieveMediaFile"})


def decode_reply(answer: bytearray | msgspec.Raw, action: str) -> Reply[Any]:
    """The JSON of an answer, with a result of the type that the action has. Raises `WrongAnswerError`."""
    wanted = _TYPES.get(action, Any)  # of what changes something nothing is read but whether it was done
    try:
        return msgspec.json.decode(answer, type=Reply[Optional[wanted]])  # type: ignore[valid-type]  # noqa: UP045
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise WrongAnswerError(f"`{action}`: {problem}") from None


def result_of(reply: Reply[Any], action: str) -> Any:
    """The result of an action: notes as such, replies as they came, all else plain data. Raises `WrongAnswerError`."""
    found = reply.result
    if found is None and action in _TYPES.keys() - _MAY_BE_NONE:
        raise WrongAnswerError(f"`{action}`: nothing")
    if action == "modelFieldNames" and len(set(found)) < len(found):  # Anki's note types have none
        raise WrongAnswerError(f"`{action}`: two fields of one name")
    if action == "notesInfo":
        return [note for note in found if note is not None and note.noteId]
    if action == "cardsInfo":
        found = [card for card in found if card is not None and card.cardId]
    return found if action == "multi" else msgspec.to_builtins(found)


def read_answer(response: HTTPResponse, deadline: float) -> bytearray:
    """The body, all of it, by the deadline (of `time.monotonic`). Raises TimeoutError, `WrongAnswerError`, OSError."""
    answer = bytearray()
    while chunk := response.read1(_CHUNK):
        answer += chunk
        if len(answer) > ANSWER_LIMIT:
            raise WrongAnswerError(f"an answer of more than {ANSWER_LIMIT >> 20} MiB")
        if time.monotonic() > deadline:
            break
    if time.monotonic() > deadline:  # also where the connection was shut down at that moment
        raise TimeoutError
    return answer
