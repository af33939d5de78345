"""Pieces that are packed side by side are one stream, the same on every machine, whether packed now or before."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

from deckgen.package import deflate as deflating
from deckgen.package.deflate import PIECE, Deflate, PieceCache, piece_digests

CONTENT = b"".join(random.Random(1).choice((b"one ", b"two ", b"three ")) for _ in range(PIECE)) + b"the end"


def packed(content: bytes, shelf: PieceCache | None = None, step: int = 1 << 20) -> tuple[bytes, Deflate]:
    with Deflate(shelf) as deflate:
        found = b"".join(deflate.compress(content[i : i + step]) for i in range(0, len(content), step))
        return found + deflate.flush(), deflate


def test_it_unpacks() -> None:
    for content in (b"", b"a", CONTENT[:PIECE], CONTENT):
        assert zlib.decompress(packed(content)[0], -zlib.MAX_WBITS) == content


@pytest.mark.parametrize("cores", [1, 2, 64])
def test_the_number_of_cores_changes_nothing(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    expected, _ = packed(CONTENT)
    monkeypatch.setattr(deflating.os, "cpu_count", lambda: cores)
    assert packed(CONTENT, step=777_777)[0] == expected


def test_what_was_packed_before_is_taken_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "packed"
    first, deflate = packed(CONTENT)
    file.write_bytes(first)
    shelf = PieceCache(file, deflate.pieces)
    edited = CONTENT[:PIECE] + b"x" + CONTENT[PIECE + 1 :]
    expected, _ = packed(edited)
    packers: list[object] = []
    real = zlib.compressobj
    monkeypatch.setattr(deflating.zlib, "compressobj", lambda *how: packers.append(how) or real(*how))
    assert packed(edited, shelf)[0] == expected
    assert len(packers) == 2  # the piece with the edit, and the end
    file.write_bytes(first[: len(first) // 2] + b"damage" + first[len(first) // 2 + 6 :])
    assert packed(edited, shelf)[0] == expected
    file.unlink()
    assert packed(edited, shelf)[0] == expected


def test_digests_are_those_of_the_pieces(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    _, deflate = packed(CONTENT)
    assert [piece[0] for piece in deflate.pieces] == piece_digests(tmp_path / "file")[:-1]
