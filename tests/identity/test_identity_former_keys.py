"""Notes that a lock knows by the key of an older rule, or by their label as another class: what they keep, what is another's."""

from __future__ import annotations

import pytest
from identity_factories import Project, fact

from deckgen.model import Draft, MediaFile, Note

OLDER = "facts/item"
PLACE = ("Tides", "Estuaries")


def now(label: str, answer: str, *, owner: str = "", path: str = "a.md", headings: tuple[str, ...] = PLACE) -> Draft:
    """An entry, which an older rule knew by its label alone."""
    key = (owner, label) if owner else (label,)
    former = tuple(
        (rule, one) for rule in ("facts/entry", OLDER) for one in {key, (label,)} if (rule, one) != ("facts/entry", key)
    )
    question = "\n".join(key)
    return fact(question, answer, rule="facts/entry", key=key, former=former, path=path, headings=headings)


def before(label: str, answer: str, *, headings: tuple[str, ...] = PLACE, rule: str = OLDER) -> Draft:
    return fact(label, answer, rule=rule, headings=headings)


def kept(old: list[Draft], new: list[Draft]) -> list[bool]:
    """Of the first notes built from each, whether they are one."""
    project = Project()
    known: tuple[Note, ...] = project.build(*old).notes
    found = project.build(*new).notes
    return [one.guid == other.guid for one, other in zip(known, found, strict=False)]


@pytest.mark.parametrize(
    "answer",
    [
        "a funnel of salt water",
        "a funnel of salt water\n\n- wide\n- shallow",
        "a funnel of salt water, wide at its mouth",
    ],
)
def test_a_note_of_an_older_rule_keeps_its_place_whatever_its_answer_gained(answer: str) -> None:
    assert kept([before("Ria", "a funnel of salt water")], [now("Ria", answer)]) == [True]


def test_a_short_answer_that_gained_its_children() -> None:
    assert kept([before("Bore", "a wave")], [now("Bore", "a wave\n\n- upstream\n- at spring tide")]) == [True]


def test_the_same_key_of_an_older_rule_with_another_answer_is_another_note() -> None:
    assert kept([before("Depth", "40 m")], [now("Depth", "of a keel, measured at anchor")]) == [False]


def test_a_label_below_another_owner_is_another_note() -> None:
    """It was known by its label alone until the second owner came; the first one is gone."""
    old = [now("Depth", "forty metres at low water")]
    new = [now("Depth", "nine metres behind the bar", owner="Ems"), now("Depth", "as deep as a house", owner="Weser")]
    assert kept(old, new) == [False]


def test_a_label_that_becomes_a_role_keeps_its_note() -> None:
    old = [now("Depth", "forty metres at low water")]
    new = [now("Depth", "forty metres at low water", owner="Elbe"), now("Depth", "as deep as a house", owner="Weser")]
    assert kept(old, new) == [True]


def test_two_notes_of_one_former_key_in_one_place_go_by_the_beginning_of_their_answers() -> None:
    old = [before("Verse", "The tide turned", headings=PLACE), before("Verse", "A gull cried out", headings=PLACE)]
    new = [now("Verse", "The tide turned. The mud shone."), now("Verse", "A gull cried out. Nobody answered.")]
    assert kept(old, new) == [True, True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("Emma - Jane Austen", "a novel of 1815"), ("Emma", "Jane Austen - a novel of 1815")),
        (("Emma - Jane Austen", "a novel of 1815"), ("Emma", "Jane Austen https://example.org/e - a novel of 1815")),
        (("公理四", "简记:若 a∥b,b∥c,则 a∥c"), ("公理四\n简记", "若 a∥b,b∥c,则 a∥c")),
        (("测光 - 点测", "只量画面正中的一小块"), ("测光", "点测:只量画面正中的一小块")),
    ],
)
def test_more_or_fewer_of_the_same_words_are_the_question(old: tuple[str, str], new: tuple[str, str]) -> None:
    first = fact(*old, rule=OLDER, text="- the line", key=(old[0],))
    second = fact(*new, rule="facts/entry", text="- the line", key=tuple(new[0].split("\n")))
    assert kept([first], [second]) == [True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("Root of the bar", "-1 metre at ebb"), ("Root of the", "bar 1 metre at ebb")),
        (("Gate 1", "23 metres in width"), ("Gate 12", "3 metres in width")),
    ],
)
def test_signs_and_numbers_are_not_the_same_words(old: tuple[str, str], new: tuple[str, str]) -> None:
    assert kept([fact(*old, rule=OLDER)], [fact(*new, rule="facts/entry")]) == [False]


def test_another_rule_whose_answer_begins_with_the_question() -> None:
    old = fact("Ebb", "the fall of the water after high tide", rule="facts/label")
    new = fact(
        "Ebb", "Ebb: the fall of the water after high tide, faster in a funnel", "## Ebb\nmore", rule="facts/section"
    )
    assert kept([old], [new]) == [True]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_table_that_is_asked_the_other_way_round(is_kept: bool) -> None:
    old = fact("SLACK()\nMeaning", "no current either way", rule="tables/cell", key=("SLACK()", "Meaning"))
    answer = "no current either way" if is_kept else "a rope that hangs loose"
    new = fact("Meaning\nSLACK()", answer, rule="tables/glossary", key=("Meaning", "SLACK()"))
    assert kept([old], [new]) == [is_kept]


@pytest.mark.parametrize(
    ("headings", "answer", "now_headings", "now_answer", "is_kept"),
    [
        # a heading above was reworded, the answer written anew
        (("Harbours", "Dues"), "paid by the day", ("Harbours", "Dues and fees"), "nothing below five metres", True),
        (("分片", "遇到的难题"), "事务难以保证", ("分片", "数据分片遇到的难题"), "用两阶段提交", True),
        # the answer goes on
        (("Redis",), "把热点数据放进内存", ("常用场景",), "把热点数据放进内存,设定上限与淘汰策略", True),
        # another section of the same form
        (("GAN",), "训练很慢,而且不稳定", ("VAE",), "图像模糊,而且不清晰", False),
        (("心脏", "左心室"), "壁较厚,收缩有力,泵血到全身", ("心脏", "右心室"), "壁较薄,收缩较弱,泵血到肺里", False),
        (("Nets", "GAN"), "slow to train", ("Nets", "VAE"), "blurred", False),
    ],
)
def test_a_question_that_nothing_else_asks_below_other_headings(
    headings: tuple[str, ...], answer: str, now_headings: tuple[str, ...], now_answer: str, is_kept: bool
) -> None:
    old, new = fact("缺点", answer, headings=headings), fact("缺点", now_answer, headings=now_headings)
    assert kept([old], [new]) == [is_kept]


def test_a_section_whose_heading_was_reworded_together_with_an_answer() -> None:
    def section(heading: str, *answers: str) -> list[Draft]:
        return [fact(f"Use {n}", answer, headings=(heading,)) for n, answer in enumerate(answers)]

    as_they_were = ("a counter in memory", "a cache of hot rows")
    old = section("Where Redis fits", "a list is doubly linked and makes a queue", *as_they_were)
    assert kept(old, section("What for", "push and pop at both ends", *as_they_were)) == [True, True, True]
    assert kept(old, section("What for", "push and pop at both ends", *as_they_were[:1])) == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "is_kept"),
    [
        ("寻路", "寻路-靠化学信号-靠表面分子", True),
        ("pathfinding", "- chemical signals - surface molecules pathfinding", True),
        ("Small cells, in layers 3", "Small cells. In layers 3 - and input from one eye", True),
        ("4 m", "40 m", False),
        ("4 m", "as deep as 4 m", False),
    ],
)
def test_what_an_answer_gains_with_its_rule(old: str, new: str, is_kept: bool) -> None:
    assert kept([before("Growth cone", old)], [now("Growth cone", new)]) == [is_kept]


@pytest.mark.parametrize(
    ("question", "answer", "now_answer", "is_kept"),
    [
        ("Which bone is this? ![](bone.png)", "the shin bone", "the collar bone", False),
        ("Which bone is this? ![](bone.png)", "the shin bone", "the shin bone", True),
        ("Where is the shin?", "![](bone.png) above the ankle", "![](bone.png) below the knee", True),
    ],
)
def test_other_bytes_behind_the_name_of_a_picture(question: str, answer: str, now_answer: str, is_kept: bool) -> None:
    first, second = (MediaFile("bone.png", "bone.png", digit * 64, f"bone-{digit}.png") for digit in "12")
    assert kept([fact(question, answer, media=(first,))], [fact(question, now_answer, media=(second,))]) == [is_kept]


def test_a_sign_that_loses_its_markup() -> None:
    """A normal form has no punctuation at its end, so that a sign without its tags is no part of the question."""

    def cells(signs: list[str]) -> list[Draft]:
        meanings = {
            "?": "what stands before may be missing",
            ".": "any character but a line break",
            "+": "as often as it can, once at least",
        }
        return [
            fact(f"Symbol\n{sign}", meanings[sign.strip("<b>/")], f"| {sign} | {meanings[sign.strip('<b>/')]} |")
            for sign in signs
        ]

    assert kept(cells(["<b>?</b>", "<b>.</b>", "<b>+</b>"]), cells(["?", ".", "+"])) == [True, True, True]
    assert kept(cells(["<b>?</b>"]), cells(["."])) == [False]


@pytest.mark.parametrize(
    ("owner", "now_owner", "answer", "is_kept"),
    [
        ("Ems", "Weser", "9 m at ebb", False),  # it may be another harbour's
        ("Ems", "Weser", "nine metres behind the bar, four above it", True),
        ("Ems", "the Ems", "9 m at ebb", True),
        ("埃姆斯", "威悉", "浅滩、泥岸", False),
    ],
)
def test_a_short_answer_does_not_say_whose_it_is(owner: str, now_owner: str, answer: str, is_kept: bool) -> None:
    def side(of: str) -> Draft:
        return fact(f"{of}\nDepth", answer, rule="facts/entry", key=("Depth",), headings=(of,))

    assert kept([side(owner)], [side(now_owner)]) == [is_kept]
