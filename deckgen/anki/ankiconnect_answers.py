"""An answer of AnkiConnect's, as bytes or as a value → one of the type that its action has.

Anything may listen at the address: what is behind this module never meets a value of another type.
"""

from __future__ import annotations

import time
from http.client import HTTPResponse
from typing import Annotated, Any

import msgspec
from msgspec import Meta

ANSWER_LIMIT = 256 * 1024**2
"""Bytes of one answer. A hundred thousand notes take about a hundred million."""

_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class FieldInfo(msgspec.Struct, frozen=True):
    """A field of a note in Anki."""

    value: str
    order: _Int64


class NoteInfo(msgspec.Struct, frozen=True):
    """A note in Anki."""

    noteId: _Int64  # noqa: N815 (AnkiConnect's name)
    modelName: str  # noqa: N815 (AnkiConnect's name)
    fields: dict[str, FieldInfo]
    tags: list[str]
    cards: list[_Int64]
    mod: _Int64 | None = None


class _Card(msgspec.Struct):
    cardId: _Int64  # noqa: N815 (AnkiConnect's name)
    lapses: _Int64
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
    "cardsInfo": list[_Card],
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
    "multi": list[Any],
    "notesInfo": list[NoteInfo],
    "retrieveMediaFile": str | bool | None,
}


class WrongAnswerError(Exception):
    """Not what AnkiConnect answers; says why."""


def checked(action: str, result: Any) -> Any:
    """The result of an action: notes as `NoteInfo`, all else as plain data of its type. Raises `WrongAnswerError`."""
    wanted = _TYPES.get(action)
    if wanted is None:  # of what changes something nothing is read but whether it was done
        return result
    if action in ("notesInfo", "cardsInfo") and isinstance(result, list):
        result = [one for one in result if one not in ({}, None)]  # what is not there any more
    try:
        found = msgspec.convert(result, wanted)
        if action != "notesInfo":
            found = msgspec.to_builtins(found)
    except (msgspec.ValidationError, RecursionError) as problem:
        raise WrongAnswerError(f"`{action}`: {problem}") from None
    if action == "modelFieldNames" and len(set(found)) < len(found):  # Anki's note types have none
        raise WrongAnswerError(f"`{action}`: two fields of one name")
    return found


def decoded(answer: bytes | bytearray) -> Any:
    """The JSON of an answer. Raises `WrongAnswerError`."""
    try:
        return msgspec.json.decode(answer)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise WrongAnswerError(str(problem)) from None


def read_answer(response: HTTPResponse, deadline: float) -> bytearray:
    """The body, all of it, by the deadline (of `time.monotonic`). Raises TimeoutError, `WrongAnswerError`, OSError."""
    answer = bytearray()
    while chunk := response.read1(1 << 20):
        answer += chunk
        if len(answer) > ANSWER_LIMIT:
            raise WrongAnswerError(f"an answer of more than {ANSWER_LIMIT >> 20} MiB")
        if time.monotonic() > deadline:
            break
    if time.monotonic() > deadline:  # also where the connection was shut down at that moment
        raise TimeoutError
    return answer
