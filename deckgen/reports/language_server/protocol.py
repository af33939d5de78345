"""What the editor sends → messages of the protocol: whatever it is, it is answered or left out, within bounds."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcInvalidRequest
from pygls.protocol import LanguageServerProtocol, default_converter

LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes: the longest text that is looked at, escaped."""
_LONGEST_HEADER, _PIECE = 4096, 1 << 20
_TOO_LARGE = b"null"
_ANSWERED = object()


class Protocol(LanguageServerProtocol):
    """The protocol, and how many messages came."""

    received = 0

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message of its type. A request that has none is answered with what is wrong: its sender waits."""
        try:
            return super().structure_message(data)
        except JsonRpcException as problem:
            number = data.get("id")
            if "method" not in data or isinstance(number, bool) or not isinstance(number, int | str):
                raise
            why = str(problem.__cause__ or problem)[:200]
            message = f"the parameters of `{str(data['method'])[:100]}` have other types: {why}"
            self._send_response(number, error=JsonRpcInvalidParams(message).to_response_error())
            return _ANSWERED

    def handle_message(self, message: Any) -> None:
        """Carry a message out, or answer it."""
        self.received += 1
        if message is _ANSWERED:
            return
        if message is None:
            raise JsonRpcInvalidRequest(f"it is larger than {LARGEST_MESSAGE >> 20} MiB")
        if not hasattr(message, "jsonrpc"):
            raise JsonRpcInvalidRequest("it is no request of the language server protocol")
        super().handle_message(message)


class _BoundedInput:
    """An input of which no header and no message fills the memory: what is too long is read, and left out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readline(self) -> bytes:
        """A header."""
        line = self._stream.readline(_LONGEST_HEADER)
        if len(line) < _LONGEST_HEADER or line.endswith(b"\n"):
            return line
        while line and not line.endswith(b"\n"):
            line = self._stream.readline(_LONGEST_HEADER)
        return b"-\r\n" if line else b""

    def read(self, size: int) -> bytes:
        """The message behind the headers."""
        if size <= LARGEST_MESSAGE:
            return self._stream.read(size)
        while size and (piece := self._stream.read(min(size, _PIECE))):
            size -= len(piece)
        return b"" if size else _TOO_LARGE


def fast_converter() -> Any:
    """The library's, which ends with the first mistake: to tell of all takes minutes where there are thousands."""
    converter = default_converter()  # type: ignore[no-untyped-call]
    converter.detailed_validation = False
    return converter


def bounded(stream: BinaryIO) -> BinaryIO:
    """Such an input, for the library, which calls no other method."""
    return cast("BinaryIO", _BoundedInput(stream))
