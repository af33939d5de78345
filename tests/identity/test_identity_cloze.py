"""Cloze numbers: each stays with its deletion."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_factories import Project, cloze, deletions
from msgspec.structs import replace

from deckgen.identity.cloze_numbers import number_gaps
from deckgen.identity.match_cloze import unmarked
from deckgen.identity.normal_form import normalise


def numbers(project: Project, *texts: str) -> list[tuple[int, ...]]:
    return [project.build(cloze(text)).notes[0].cloze for text in texts]


def test_cloze_numbers_stay_with_their_deletions() -> None:
    project = Project()
    assert numbers(
        project,
        "卷积网络由⟦卷积层⟧、⟦池化层⟧和⟦全连接层⟧依次组成",
        "卷积网络由卷积层、⟦池化层⟧和⟦全连接层⟧依次组成",
        "卷积网络由⟦卷积层⟧、⟦池化层⟧和全连接层依次组成",
        "卷积网络由⟦卷积层⟧、⟦池化层⟧和⟦全连接层⟧⟦依次⟧组成",
    ) == [(1, 2, 3), (2, 3), (1, 2), (1, 2, 3, 4)]
    assert len(project.lock.lines) == 1


def test_a_deletion_removed_and_another_added_do_not_share_a_number() -> None:
    project = Project()
    assert numbers(
        project,
        "奇异值分解得到⟦左奇异向量⟧、奇异值和右奇异向量三个部分",
        "奇异值分解得到左奇异向量、奇异值和⟦右奇异向量⟧三个部分",
    ) == [(1,), (2,)]
    assert len(project.lock.lines) == 1


def test_an_edited_deletion_keeps_its_number() -> None:
    project = Project()
    assert numbers(
        project,
        "最早的深度卷积网络之一是⟦LeNet⟧，它能识别手写数字",
        "最早的深度卷积网络之一是⟦LeNet-5⟧，它能识别手写数字",
    ) == [(1,), (1,)]


def test_equal_deletions_by_what_stands_beside_them() -> None:
    project = Project()
    assert numbers(
        project,
        "第一步求⟦梯度⟧，第二步按学习率把参数沿负的⟦梯度⟧方向更新",
        "第一步求梯度，第二步按学习率把参数沿负的⟦梯度⟧方向更新",
    ) == [(1, 2), (2,)]


def test_together_and_as_written() -> None:
    project = Project()
    (together,) = project.build(cloze("由⟦生成器⟧和⟦判别器⟧组成的模型", kind="Cloze together")).notes
    assert together.cloze == (1, 1)
    (each,) = project.build(cloze("由⟦生成器⟧和⟦判别器⟧组成的模型")).notes
    assert each.cloze == (1, 2)
    assert each.guid != together.guid
    (written,) = project.build(cloze("由⟦生成器⟧和⟦判别器⟧组成的模型", numbers=(7, 7))).notes
    assert (written.cloze, written.guid, written.change) == ((7, 7), each.guid, "updated")
    (back,) = project.build(cloze("由⟦生成器⟧和⟦判别器⟧组成的模型")).notes
    assert back.cloze == (7, 7)


def test_over_500_deletions_are_refused() -> None:
    text = "".join(f"⟦词{i}⟧和" for i in range(501))
    result = Project().build(cloze(text))
    assert [d.kind for d in result.diagnostics] == ["too-many-deletions"]


def test_hints_are_no_part_of_a_deletion() -> None:
    project = Project()
    (before,) = project.build(cloze("由⟦生成器¦一个网络⟧和判别器组成")).notes
    (after,) = project.build(cloze("由⟦生成器¦另一个提示⟧和判别器组成")).notes
    assert (after.guid, after.cloze, after.change) == (before.guid, (1,), "updated")
    assert deletions("⟦a¦b⟧") != "⟦a¦b⟧"


def test_a_deletion_with_a_name_is_removed_and_another_added() -> None:
    """The marks `{{c1::…}}` stand in the text, so that it is another one; its names are the same."""
    project = Project()
    (guid,) = project.guids(cloze("动量法和⟦Adam⟧都是常见的优化算法，后者还会自适应地调整学习率"))
    text = "动量法和Adam都是常见的⟦优化算法⟧，后者还会自适应地调整⟦学习率⟧"
    (note,) = project.build(cloze(text)).notes
    assert (note.guid, note.cloze) == (guid, (2, 3))


def test_the_last_one_left_is_no_sibling_of_the_one_that_is_gone() -> None:
    """Alike, and the only one left on each side, but another word."""
    first, second = "⟦左奇异向量⟧和⟦奇异值⟧都由分解得到", "⟦奇异值⟧和⟦右奇异向量⟧都由分解得到"
    numbers_before, known = number_gaps(cloze(first), [])
    assert numbers_before == (1, 2)
    assert number_gaps(cloze(second), [known])[0] == (2, 3)
    edited = "⟦奇异值⟧和⟦左边的奇异向量⟧都由分解得到"
    assert number_gaps(cloze(edited), [known])[0] == (2, 1)


WORDS = ["左心室", "右心室", "左心房", "右心房", "主动脉", "肺动脉", "上腔静脉", "下腔静脉"]
covered = st.lists(st.sampled_from(range(len(WORDS))), unique=True, min_size=1)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(covered, st.booleans()), min_size=2, max_size=8))
def test_a_number_never_stands_for_two_deletions(history: list[tuple[list[int], bool]]) -> None:
    """Property 14: deletions come, go and come back, and the sentence around them grows and shrinks."""
    project = Project()
    number_of: dict[tuple[str, int], int] = {}
    word_of: dict[tuple[str, int], int] = {}
    for words, is_long in history:
        pieces = [f"⟦{word}⟧" if place in words else word for place, word in enumerate(WORDS)]
        text = "血流依次经过" + "、".join(pieces) + ("，如此循环往复" if is_long else "")
        (note,) = project.build(cloze(text)).notes
        for place, number in zip(sorted(words), note.cloze, strict=True):
            assert number_of.setdefault((note.guid, place), number) == number
            assert word_of.setdefault((note.guid, number), place) == place


SKIN = "The ⟦epidermis⟧ is the outermost layer of the skin of a vertebrate"
KEPT = {
    "a deletion more": "The ⟦epidermis⟧ is the ⟦outermost⟧ layer of the skin of a vertebrate",
    "another deletion alone": "The epidermis is the ⟦outermost⟧ layer of the skin of a vertebrate",
    "a slip mended outside of it": "The ⟦epidermis⟧ is the outrmost layer of the skin of a vertebrate",
    "a sentence added": SKIN + ". It has no blood vessels of its own.",
    "a sentence added before": "Skin has three layers. " + SKIN,
}


@pytest.mark.parametrize("name", KEPT)
def test_an_edit_around_a_deletion_keeps_the_note_and_its_numbers(name: str) -> None:
    for before, after in ((SKIN, KEPT[name]), (KEPT[name], SKIN)):
        project = Project()
        first = project.build(cloze(before), cloze("A ⟦lever⟧ is a bar that turns")).notes[0]
        then = project.build(cloze(after), cloze("A ⟦lever⟧ is a bar that turns")).notes[0]
        assert then.guid == first.guid
        number = dict(zip(first.draft.answer.split("\n"), first.cloze, strict=True))
        for text, now in zip(then.draft.answer.split("\n"), then.cloze, strict=True):
            assert now == number.get(text, now)
            assert text in number or now not in number.values()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The {epidermis} is an outer layer", "The {{c1::epidermis}} is an outer layer"),
        ("The {epidermis} is an outer layer", "The ==epidermis== is an outer layer"),
        ("The {1:epidermis} is an outer layer", "The {c1::epidermis} is an outer layer"),
        ("The {{c2::epidermis::layer}} is an outer layer", "The epidermis is an outer layer"),
    ],
)
def test_the_marks_of_a_deletion_are_no_part_of_the_text(one: str, other: str) -> None:
    assert unmarked(normalise(one)) == unmarked(normalise(other))
    draft = cloze("The ⟦epidermis⟧ is an outer layer")
    project = Project()
    (guid,) = project.guids(replace(draft, text=one, rule="a", identity="a"))
    assert project.guids(replace(draft, text=other, rule="b", identity="b", key=("another",))) == [guid]


@pytest.mark.parametrize(
    "after",
    [
        "The ⟦epidermis⟧ is the innermost layer of the skin of a vertebrate",
        "The ⟦epidermis⟧ is not the outermost layer of the skin of a vertebrate",
        "The ⟦epidermis⟧ is the outermost layer of the skin of an invertebrate",
    ],
)
def test_another_cloze_in_its_place(after: str) -> None:
    project = Project()
    (guid,) = project.guids(cloze(SKIN))
    (note,) = project.build(cloze(after)).notes
    assert note.guid != guid or set(note.cloze).isdisjoint([1])
