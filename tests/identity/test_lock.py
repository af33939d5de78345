"""deck.lock: what is written is read again, and what is wrong with a file is told."""

from __future__ import annotations

import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_factories import Project, cloze, fact, merged

from deckgen.diagnostics import KINDS, has_errors
from deckgen.identity.lock import FORMAT, Header, Lock, LockEntry, fold, format_lock, key_digest, new_lock, parse_lock

HEADER = '{"deckgen_lock":1,"project":"p"}'
LINE = LockEntry(
    guid="aaaaaaaaaaaaaaaa",
    id=1_400_000_000_000,
    kind="Basic",
    rule="facts/is",
    key=("池化",),
    text="池化:降低分辨率",
    digest="d1",
    question="池化",
    answer="降低分辨率",
    path="a.md",
    headings=("网络",),
    deck="Deck",
    hash="h1",
    mod=1_400_000_000,
)


def row(**changes: object) -> str:
    return msgspec.json.encode(msgspec.structs.replace(LINE, **changes)).decode()


def read(*rows: str) -> tuple[Lock, list[str]]:
    lock, diagnostics = parse_lock("\n".join([HEADER, *rows, ""]), "deck.lock")
    assert all(d.kind in KINDS and d.span for d in diagnostics)
    return lock, [d.kind for d in diagnostics]


def test_the_format() -> None:
    """Frozen: another one is another number in the header."""
    text = format_lock(Lock(Header(FORMAT, "p", ("structure",), "1"), (LINE,)))
    assert text == (
        '{"deckgen_lock":1,"project":"p","rules":["structure"],"rendering":"1"}\n'
        '{"guid":"aaaaaaaaaaaaaaaa","id":1400000000000,"kind":"Basic","rule":"facts/is","key":["池化"],'
        '"text":"池化:降低分辨率","digest":"d1","question":"池化","answer":"降低分辨率","path":"a.md",'
        '"headings":["网络"],"deck":"Deck","hash":"h1","mod":1400000000}\n'
    )
    assert parse_lock(text, "deck.lock") == (Lock(Header(FORMAT, "p", ("structure",), "1"), (LINE,)), [])
    assert key_digest("Basic", "facts/is", ("池化",)) == "627f1c5fd106ce2db5ab2ac0e94a7397"


def test_what_is_written_is_read_again() -> None:
    project = Project()
    project.build(
        fact('引号"和\\', "换\n行\t与\u2028", headings=("一", "二")), cloze("由⟦甲⟧和⟦乙⟧组成"), fact("é", "🙂")
    )
    for text in (project.text(), project.text().replace("\n", "\r\n")):
        lock, problems = parse_lock(text, "deck.lock")
        assert not problems
        assert format_lock(lock) == project.text()


def test_lines_in_any_order_are_written_sorted() -> None:
    rows = [row(guid=f"{letter * 16}", id=1_400_000_000_000 + 1000 * i) for i, letter in enumerate("bcadx")]
    expected = format_lock(read(*sorted(rows))[0])
    random.Random(3).shuffle(rows)
    assert format_lock(read(*rows)[0]) == expected


def test_an_empty_lock_is_its_header() -> None:
    assert format_lock(new_lock("p")) == HEADER + "\n"
    assert parse_lock(HEADER, "deck.lock") == (new_lock("p"), [])


def test_conflict_markers_are_one_error_with_the_way_out() -> None:
    text = "\n".join([HEADER, "<<<<<<< HEAD", row(mod=5), "=======", row(mod=6), ">>>>>>> other", ""])
    _, (diagnostic,) = parse_lock(text, "deck.lock")
    assert diagnostic.kind == "lock-conflict"
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.line_text) == (2, "<<<<<<< HEAD")
    assert "delete the marker lines" in diagnostic.hint
    lines = [line for line in text.splitlines() if line[0] not in "<=>"]
    assert not parse_lock("\n".join(lines), "deck.lock")[1]


@pytest.mark.parametrize(
    ("wrong", "column", "message"),
    [
        (row()[:-1], len(row()), "truncated"),
        (row().replace('"id":1400000000000', '"id":"x"'), row().index('"id"') + 1, "expected `int`, got `str` in `id`"),
        (row().replace('"key":["池化"]', '"key":[池化]'), row().index('["池化"]') + 2, "malformed"),
        (row().replace('"hash"', '"hush"'), row().index('"hash"') + 1, "unknown field `hush`"),
        (row().replace('"mod":1400000000}', '"mod":1400000000,"retired":"lost"}'), None, "retired"),
        ("[]", 1, "expected `object`"),
    ],
)
def test_a_broken_line_is_told_with_its_place(wrong: str, column: int | None, message: str) -> None:
    _, diagnostics = parse_lock("\n".join([HEADER, row(guid="b" * 16, id=5000), wrong]), "deck.lock")
    (diagnostic,) = diagnostics
    assert diagnostic.kind == "lock-line"
    assert diagnostic.span is not None
    assert diagnostic.span.line == 3
    assert column is None or diagnostic.span.column == column
    assert message in diagnostic.message


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ('{"deckgen_lock":2,"project":"p","shape":"new"}', "lock-newer"),
        ('{"deckgen_lock":0,"project":"p"}', "lock-older"),
        ('{"deckgen_lock":1}', "lock-line"),
        ("", "lock-header"),
    ],
)
def test_headers_that_cannot_be_read(header: str, kind: str) -> None:
    _, diagnostics = parse_lock(f"{header}\n{row()}\n", "deck.lock")
    assert [d.kind for d in diagnostics] == [kind]
    assert has_errors(diagnostics)
    assert all(d.hint for d in diagnostics)


def test_two_headers_of_one_project_unite_their_packs_in_either_order() -> None:
    one = '{"deckgen_lock":1,"project":"p","rules":["structure","zh/facts"],"rendering":"1"}'
    two = '{"deckgen_lock":1,"project":"p","rules":["structure","en/facts"],"rendering":"2"}'
    first, _ = parse_lock(f"{one}\n{two}\n", "deck.lock")
    second, _ = parse_lock(f"{two}\n{one}\n", "deck.lock")
    assert first == second
    assert set(first.header.rules) == {"structure", "zh/facts", "en/facts"}


def test_headers_of_two_projects_are_refused() -> None:
    _, diagnostics = parse_lock(f'{HEADER}\n{{"deckgen_lock":1,"project":"q"}}\n', "deck.lock")
    assert [d.kind for d in diagnostics] == ["lock-projects"]


WORD = {"id": 1, "templates": ["Card"], "cloze": False, "digest": "0", "mod": 1}


def test_two_schemas_of_one_note_type_are_refused() -> None:
    rows = [
        json.dumps(
            {"deckgen_lock": 1, "project": "p", "note_types": {"Word": {**WORD, "fields": [name]}}},
            separators=(",", ":"),
        )
        for name in ("A", "B")
    ]
    _, diagnostics = parse_lock("\n".join(rows), "deck.lock")
    assert [d.kind for d in diagnostics] == ["lock-note-types"]


def test_one_guid_of_two_kinds_is_refused() -> None:
    assert read(row(), row(kind="Cloze"))[1] == ["lock-kinds"]


def test_lines_of_one_guid_are_folded() -> None:
    older = row(key=("下采样",), mod=5, id=9000, retired="gone", cloze=((1, "b", "", ""), (2, "x", "l", "r")))
    newer = row(mod=7, hash="h2", was=("w",), cloze=((1, "a", "l", "r"),))
    for rows in ((older, newer), (newer, older), (newer, older, newer)):
        lock, problems = read(*rows)
        assert not problems
        (line,) = lock.lines
        assert (line.key, line.mod, line.id, line.hash, line.retired) == (("池化",), 7, 9000, "h2", "")
        assert set(line.was) == {"w", key_digest("Basic", "facts/is", ("下采样",))}
        assert line.cloze == ((1, "a", "l", "r"), (2, "x", "l", "r"))
        assert len(lock.variants[lock.lines[0].guid]) == 2  # type: ignore[index]


def test_two_notes_with_one_id_get_their_own() -> None:
    lock, problems = read(row(), row(guid="b" * 16), row(guid="c" * 16, id=LINE.id + 1000))
    assert not problems
    assert [line.id - LINE.id for line in lock.lines] == [0, 2000, 1000]
    assert parse_lock(format_lock(lock), "deck.lock")[0] == lock


def test_a_declined_note_stays_declined_when_merged() -> None:
    assert read(row(declined="2026-01-01"), row())[0].lines[0].declined == "2026-01-01"


@given(
    st.lists(
        st.builds(
            lambda m, r, k: {"mod": m, "retired": r, "key": (k,)},
            st.integers(1, 5),
            st.sampled_from(["", "gone"]),
            st.sampled_from("ab"),
        ),
        min_size=1,
        max_size=5,
    ),
    st.randoms(),
)  # type: ignore[no-untyped-call]
def test_folding_knows_no_order(changes: list[dict[str, object]], rnd: random.Random) -> None:
    lines = [msgspec.structs.replace(LINE, **change) for change in changes]
    shuffled = lines[:]
    rnd.shuffle(shuffled)
    assert fold(lines) == fold(shuffled)
    rows = [msgspec.json.encode(line).decode() for line in shuffled]
    assert read(*rows)[0] == read(*sorted(rows))[0]


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parse_lock(text, "deck.lock")
    parse_lock(f"{HEADER}\n{text}", "deck.lock")


def test_a_truncated_file_at_any_place_is_told_or_read() -> None:
    project = Project()
    project.build(fact("池化", "降低分辨率"), fact("卷积", "滑动的窗口"))
    text = project.text()
    for end in range(len(text)):
        lock, diagnostics = parse_lock(text[:end], "deck.lock")
        assert has_errors(diagnostics) or len(lock.lines) == text[:end].count('"guid"')
    assert merged(text, text) == text
