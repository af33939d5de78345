"""A few lines of a lock, found and exchanged in its bytes, are those that reading all of it finds."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckgen.build.lock_writer import NextLock, RowChanges
from deckgen.identity.lock import Header, Lock, LockEntry, format_lock, key_digest, parse_lock
from deckgen.identity.lock_file import LockFile

TEXTS = st.sampled_from(["", "a", 'b"c', "d\\e", ',"retired":"gone"', '"path":"x.md"', "中文", "\u2028", "é", "z" * 40])
PATHS = st.sampled_from(["x.md", "y.md", 'q"uote.md', "中.md"])


def line(guid: str, key: str, path: str, retired: bool, number: int) -> LockEntry:
    return LockEntry(
        guid=guid,
        id=1_400_000_000_000 + 1000 * number,
        kind="Basic",
        rule="zh/facts/full-name",
        key=(key,),
        text=f"{key} {path}",
        digest="0" * 32,
        question=key,
        answer='an "answer"',
        path=path,
        headings=(key,),
        deck="A",
        hash="1" * 32,
        mod=1_400_000_000 + number,
        was=(key_digest("Basic", "r", (key,)),),
        retired="gone" if retired else "",
    )


LINES = st.lists(st.tuples(TEXTS, PATHS, st.booleans()), max_size=8)


@st.composite
def locks(draw: st.DrawFn) -> list[LockEntry]:
    guids = draw(st.lists(st.text(st.sampled_from('ab"\\é中0'), min_size=1, max_size=4), max_size=8, unique=True))
    return [
        line(guid, draw(TEXTS), draw(PATHS), draw(st.booleans()), number) for number, guid in enumerate(sorted(guids))
    ]


def written(folder: Path, lines: list[LockEntry]) -> LockFile:
    path = folder / "deck.lock"
    path.write_text(format_lock(Lock(Header(1, "p"), tuple(lines))), "utf-8", newline="\n")
    return LockFile(path)


@given(locks(), TEXTS)
def test_what_is_found(tmp_path_factory: pytest.TempPathFactory, lines: list[LockEntry], rule: str) -> None:
    lines = [msgspec.structs.replace(one, rule=rule if number % 2 else "r") for number, one in enumerate(lines)]
    with written(tmp_path_factory.mktemp("lock"), lines) as lock:
        assert parse_lock(lock.header.decode(), "")[0].header.project == "p"
        assert [lock.read(row) for row in lock.rows()] == lines
        for one in lines:
            assert lock.read(lock.row(one.guid)) == one
        assert not lock.row("none")
        of_rule = [one for one in lines if one.rule == rule and not one.retired]
        assert [text for some in lock.texts("Basic", rule, frozenset()) for text in some] == [o.text for o in of_rule]
        passed_over = frozenset(one.guid for one in of_rule)
        assert not [text for some in lock.texts("Basic", rule, passed_over) for text in some]


@given(locks(), locks())
def test_what_is_exchanged(
    tmp_path_factory: pytest.TempPathFactory, lines: list[LockEntry], others: list[LockEntry]
) -> None:
    new = {line.guid: msgspec.structs.replace(line, answer="another") for line in others}
    merged = {line.guid: line for line in lines} | new
    expected = format_lock(Lock(Header(1, "q"), tuple(merged[guid] for guid in sorted(merged)))).encode()
    with written(tmp_path_factory.mktemp("lock"), lines) as lock:
        rows, out = RowChanges(BytesIO()), BytesIO()
        for one in new.values():
            rows.add(one)
        following = NextLock(lock, format_lock(Lock(Header(1, "q"))).encode(), rows, 0)
        following.write_to(out)
        assert out.getvalue() == expected
        assert (following.size, following.digest) == (len(expected), sha256(expected).hexdigest())
        assert [line for line, _ in rows.all()] == [new[guid] for guid in sorted(new)]


def test_what_an_editor_left_is_refused(tmp_path: Path) -> None:
    with written(tmp_path, [line("a", "k", "x.md", retired=False, number=1)]) as lock:
        data = b"".join(lock.pieces(0, lock.size))
        spaced = lock.row("a").replace(b',"mod":', b', "mod": ')
        with pytest.raises(ValueError, match="not as deckgen writes it"):
            lock.read(spaced)
    for left in (data[:-1], b"\n" + data, b""):
        (tmp_path / "deck.lock").write_bytes(left)
        with pytest.raises(ValueError, match=r"not as deckgen|empty file"):
            LockFile(tmp_path / "deck.lock")
