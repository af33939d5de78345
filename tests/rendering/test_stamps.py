"""What a note carries of what deckgen wrote into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendering_factories import make_draft, make_note

from deckgen.model import RenderedNote
from deckgen.rendering.baseline import (
    FIELD,
    SyncBaseline,
    baseline_of,
    digest,
    fields_with_baseline,
    format_baseline,
    name_digest,
    parse_baseline,
)
from deckgen.rendering.note import RenderOptions, render_note
from deckgen.rendering.note_types import BASIC, own_note_type


def rendered_note(options: RenderOptions | None = None, note_type: str = "Basic", **fields: str) -> RenderedNote:
    result, _ = render_note(make_note(make_draft(note_type, **fields)), options or RenderOptions())
    assert result is not None
    return result


DIGEST = st.just("") | st.integers(0, 2**32 - 1).map(lambda number: f"{number:08x}")
STAMPS = st.builds(
    SyncBaseline,
    st.none() | st.lists(DIGEST, min_size=3, max_size=3).map(tuple),
    st.frozensets(DIGEST.filter(bool), max_size=4),
    DIGEST,
    st.booleans(),
    st.none() | st.lists(st.integers(0, 2**43), max_size=3).map(tuple),
    st.booleans(),
)


@given(STAMPS)
def test_a_stamp_reads_as_it_was_written(stamp: SyncBaseline) -> None:
    assert parse_baseline(format_baseline(stamp), "abc") == stamp


@given(st.text(alphabet="1 ftdpr=,0a9<", max_size=30))
def test_any_text_of_a_learner_is_read_or_refused(text: str) -> None:
    stamp = parse_baseline(text, "abc")
    assert stamp is None or parse_baseline(format_baseline(stamp), "abc") == stamp


@pytest.mark.parametrize("text", ["", "2 f=", "1 f=xyz", "1 f=00000000,,,,00000000", "1 r=x", "mine"])
def test_what_is_no_stamp(text: str) -> None:
    assert parse_baseline(text, "abc") is None


def test_a_stamp_says_nothing_of_itself() -> None:
    rendered = rendered_note(Front="question", Back="answer")
    fields = fields_with_baseline(rendered, BASIC)
    place = BASIC.field_names.index(FIELD)
    stamp = parse_baseline(fields[place], BASIC.field_names)
    assert stamp == baseline_of(rendered, BASIC)
    assert stamp is not None
    assert stamp.fields is not None
    assert stamp.fields[:2] == (digest("question"), digest("answer"))
    assert stamp.fields[place] == ""
    assert fields[:place] + fields[place + 1 :] == rendered.fields[:place] + rendered.fields[place + 1 :]


def test_an_own_note_type_has_no_field_to_spare() -> None:
    own = own_note_type("p", "Word", ["Word", FIELD], [("Card 1", "{{Word}}", "b")])
    rendered = rendered_note(RenderOptions(note_types={"Word": own}), "Word", Word="der Hund")
    assert fields_with_baseline(rendered, own) == rendered.fields


def test_digests_are_of_what_anki_stores() -> None:
    assert digest("e\u0301") == digest("\u00e9")
    assert name_digest("Math::Algebra") == name_digest("math::algebra")
    assert digest("") == ""
