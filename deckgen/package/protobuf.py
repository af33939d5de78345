"""Protocol buffers: as much of them as the settings of a note type need."""

from __future__ import annotations

from collections.abc import Iterator


def number_in(message: bytes, wanted: int) -> int:
    """A signed number of a message; 0 where it is not there. Raises ValueError when the message is none."""
    found = next((value for number, value in _parts(message) if number == wanted and isinstance(value, int)), 0)
    found &= (1 << 64) - 1
    return found - (1 << 64) if found >> 63 else found


def text_in(message: bytes, wanted: int) -> str:
    """A text of a message; empty where it is not there. Raises ValueError when the message is none."""
    values = (value for number, value in _parts(message) if number == wanted and isinstance(value, bytes))
    return next(values, b"").decode("utf-8", "replace")


def messages_in(message: bytes, wanted: int) -> Iterator[bytes]:
    """All messages, or bytes, of that number. Raises ValueError when the message is none."""
    return (value for number, value in _parts(message) if number == wanted and isinstance(value, bytes))


def _parts(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The numbered parts of a message."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(message, place)
            yield number, value
        elif kind == 2:
            length, place = _varint(message, place)
            yield number, message[place : place + length]
            place += length
        elif kind in (1, 5):
            place += 8 if kind == 1 else 4
        else:
            raise ValueError("a note type's settings are not readable")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message) and shift < 70:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ValueError("a note type's settings are not readable")
