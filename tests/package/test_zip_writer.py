"""The ZIP files of packages: the bytes that `zipfile` writes, and readable where they are large."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pytest

from deckgen.package.zip_writer import ZipWriter

CONTENTS = {"collection.anki2": b"rows " * 5000, "media": b"{}", "0": b"", "1": b"\x89PNG" + bytes(range(256))}


def deflating() -> object:
    return zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)


def written_by_zipfile(announced: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compresslevel=1) as package:
        for name, content in CONTENTS.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if name == "1" else zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr, info.file_size = 3, 0o100644 << 16, announced
            setattr(info, "compress_level" if hasattr(info, "compress_level") else "_compresslevel", 1)
            with package.open(info, "w") as entry:
                entry.write(content)
    return file.getvalue()


@pytest.mark.parametrize("announced", [0, 3 << 30])
def test_the_bytes_are_those_of_zipfile(announced: int) -> None:
    """Also of entries that were announced as large, whose headers then have room for it."""
    file = io.BytesIO()
    package = ZipWriter(file)
    for name, content in CONTENTS.items():
        pieces = [content[:7], content[7:]]
        start = package.add(name, pieces, None if name == "1" else deflating(), announced)  # type: ignore[arg-type]
        assert name != "1" or file.getvalue()[start:] == content
    package.finish()
    assert file.getvalue() == written_by_zipfile(announced)


def test_what_stands_behind_two_gibibytes(tmp_path: Path) -> None:
    path = tmp_path / "大.zip"
    with path.open("wb") as file:
        file.seek(5 << 30)  # a hole, which takes no room
        package = ZipWriter(file)
        package.add("a", [b"content"], deflating())  # type: ignore[arg-type]
        package.finish()
    with zipfile.ZipFile(path) as found:
        assert found.read("a") == b"content"


def test_more_entries_than_sixteen_bits_count() -> None:
    file = io.BytesIO()
    package = ZipWriter(file)
    for number in range(70_000):
        package.add(str(number), [b"x"])
    package.finish()
    with zipfile.ZipFile(file) as found:
        assert len(found.namelist()) == 70_000
        assert found.read("69999") == b"x"
