"""A few lines of a lock, found and exchanged in its bytes, are those that reading all of it finds."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from deckgen.identity.lock import Header, Lock, LockLine, format_lock, key_digest, parse_lock
from deckgen.identity.lock_file import LockText

TEXTS = st.sampled_from(["", "a", 'b"c', "d\\e", ',"retired":"gone"', '"path":"x.md"', "中文", "\u2028", "é", "z" * 40])
PATHS = st.sampled_from(["x.md", "y.md", 'q"uote.md', "中.md"])


def line(guid: str, key: str, path: str, retired: bool, number: int) -> LockLine:
    return LockLine(
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
def locks(draw: st.DrawFn) -> list[LockLine]:
    guids = draw(st.lists(st.text(st.sampled_from('ab"\\é中0'), min_size=1, max_size=4), max_size=8, unique=True))
    return [
        line(guid, draw(TEXTS), draw(PATHS), draw(st.booleans()), number) for number, guid in enumerate(sorted(guids))
    ]


def text_of(lines: list[LockLine]) -> LockText:
    return LockText(format_lock(Lock(Header(1, "p"), tuple(lines))).encode())


@given(locks(), PATHS, TEXTS)
def test_what_is_found(lines: list[LockLine], path: str, key: str) -> None:
    text = text_of(lines)
    assert text.is_plain
    assert parse_lock(text.header.decode(), "")[0].header.project == "p"
    assert text.of_paths([path]) == [line for line in lines if line.path == path]
    assert text.retired() == [line for line in lines if line.retired]
    assert text.of_key("Basic", "zh/facts/full-name", (key,)) == [line for line in lines if line.key == (key,)]
    assert text.may_remember(key_digest("Basic", "r", (key,))) == any(line.key == (key,) for line in lines)
    for one in lines:
        assert text.has_guid(one.guid)
        assert text.has_id(one.id)
    assert not text.has_guid("none")
    assert not text.has_id(7)


@given(locks(), locks())
def test_what_is_exchanged(lines: list[LockLine], others: list[LockLine]) -> None:
    new = {line.guid: msgspec.structs.replace(line, answer="another") for line in others}
    merged = {line.guid: line for line in lines} | new
    expected = format_lock(Lock(Header(1, "p"), tuple(merged[guid] for guid in sorted(merged)))).encode()
    assert b"".join(text_of(lines).exchanged(new)) == expected


def test_what_an_editor_left_is_not_plain() -> None:
    data = text_of([line("a", "k", "x.md", retired=False, number=1)]).data
    assert LockText(data).is_plain
    for left in (data[:-1], data.replace(b"\n", b"\r\n"), b"", b"\n" + data):
        assert not LockText(left).is_plain
