"""Entries: marks in every place and language, ways to ask, owners, lists, tables (`cases/entries*.md`)."""

from __future__ import annotations

import itertools

import pytest
from case_files import Case, read_cases, write_expected

from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import read_shipped


def shipped(*names: str) -> RuleSet:
    packs = [pack for name in names if (pack := read_shipped(name)) is not None]
    rules, problems = load_rules(packs)
    assert not problems
    return rules


STRUCTURE = shipped("structure")


def drafts_of(text: str, rules: RuleSet = STRUCTURE) -> list[Draft]:
    document, _ = read_document(Source("notes/a.md", text))
    return list(extract([document], rules, Settings("Deck")).drafts)


def cards(text: str, rules: RuleSet = STRUCTURE) -> list[tuple[str, str]]:
    """Front and back of each note."""
    return [(draft.fields[0][1], draft.fields[1][1]) for draft in drafts_of(text, rules)]


@pytest.mark.parametrize(
    "case",
    [*read_cases("entries"), *read_cases("entries_forms"), *read_cases("entries_shapes")],
    ids=lambda case: case.name,
)
def test_entries(case: Case, request: pytest.FixtureRequest) -> None:
    found = "\n".join(f"{front!r} => {back!r}" for front, back in cards(case.given))
    if request.config.getoption("update_cases") and found != case.expected:
        write_expected(case, found)
        return
    assert found == case.expected


WORDS = {
    "en": (("Fetch", "the distance over which the wind blows"), ("Swash", "water that runs up a beach")),
    "zh": (("风区", "风吹过的那段距离"), ("冲流", "涌上沙滩的水")),
    "de": (("Brandung", "Wellen, die am Ufer brechen"), ("Dünung", "Wellen, die der Wind nicht mehr treibt")),
}
MARKS = {
    "en": (": ", " - ", " – ", " — ", " = ", " -> ", " → ", " => ", " == ", " :: "),
    "de": (": ", " - ", " – ", " — ", " = ", " -> ", " → ", " => "),
    "zh": ("：", "——", " - ", " = ", " -> ", " → ", "：："[:1] + " "),
}
PLACES = {
    "item": "- {0}{m}{1}\n- {2}{m}{3}\n",
    "numbered item": "1. {0}{m}{1}\n2. {2}{m}{3}\n",
    "bold item": "- **{0}**{m}{1}\n- **{2}**{m}{3}\n",
    "run of lines": "{0}{m}{1}\n{2}{m}{3}\n",
    "run with hard breaks": "{0}{m}{1}  \n{2}{m}{3}\n",
    "run of paragraphs": "{0}{m}{1}\n\n{2}{m}{3}\n",
    "quote": "> - {0}{m}{1}\n> - {2}{m}{3}\n",
    "callout": "> [!note] Sea\n> - {0}{m}{1}\n> - {2}{m}{3}\n",
    "below an item": "- Sea state\n  - {0}{m}{1}\n  - {2}{m}{3}\n",
    "highlighted item": "- =={0}== {m} {1}\n- =={2}== {m} {3}\n",
    "italic item": "- *{0}*{m}{1}\n- *{2}*{m}{3}\n",
    "linked item": "- [[{0}]]{m}{1}\n- [[{2}]]{m}{3}\n",
    "check box": "- [ ] {0}{m}{1}\n- [x] {2}{m}{3}\n",
    "bold line alone": "**{0}**{m}{1}\n\nOf the sea.\n\n**{2}**{m}{3}\n",
    "lines of a quote": "> {0}{m}{1}\n> {2}{m}{3}\n",
    "title of a callout": "> [!note] {0}{m}{1}\n\n> [!note] {2}{m}{3}\n",
    "admonition": '!!! note "Sea"\n    - {0}{m}{1}\n    - {2}{m}{3}\n',
    "details": "<details><summary>Sea</summary>\n\n- {0}{m}{1}\n- {2}{m}{3}\n\n</details>\n",
    "numbered lines": "(1) {0}{m}{1}\n(2) {2}{m}{3}\n",
}


@pytest.mark.parametrize(
    ("language", "mark", "place"),
    [(language, mark, place) for language, marks in MARKS.items() for mark, place in itertools.product(marks, PLACES)],
)
def test_every_mark_in_every_place(language: str, mark: str, place: str) -> None:
    (first, second), (third, fourth) = WORDS[language]
    text = PLACES[place].format(first, second, third, fourth, m=mark)
    found = {front.removesuffix(" = ?").removesuffix(" → ?").strip("*=[]"): back for front, back in cards(text)}
    assert found.get(first) == second, text
    assert found.get(third) == fourth, text


def test_the_front_shows_the_sign_that_stands_for_a_relation() -> None:
    found = cards("- Low sun → long shadows\n- High sun → short shadows\n")
    assert found[0] == ("What follows from low sun?", "long shadows")
    assert cards("- Ferry → the islands\n- Tram → the old town\n")[0] == ("Ferry → ?", "the islands")
    assert cards("- Nautical mile = 1852 metres\n") == [("Nautical mile = ?", "1852 metres")]
    assert cards("- AIS = Automatic Identification System\n")[0][0] == "What does AIS stand for?"


@pytest.mark.parametrize("front", ["**{0}**", "`{0}`", "=={0}=="])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_line_alone_needs_an_emphasised_label(front: str, language: str) -> None:
    (label, body), _ = WORDS[language]
    assert cards(f"{front.format(label)}: {body}\n") == [(front.format(label), body)]


QUESTIONS = [
    "**{q}**\n\n- {a}\n",
    "**Q: {q}**\n\n{a}\n",
    "- Q: {q}\n\n  {a}\n",
    "- {q}\n  - {a}\n",
    "- {q} {a}\n",
    "1. {q}\n   - {a}\n",
    "# {q}\n\n{a}\n",
    "# {q} #waves\n\n{a}\n",
    "# {q} {{#sec:one}}\n\n{a}\n",
    "# {q} 🌊\n\n{a}\n",
    "- {q} ^ab12cd\n  - {a}\n",
    "- {q} [2]\n  - {a}\n",
    "- {q}!\n  - {a}\n",
    "Q: {q}\nA: {a}\n",
    "Q1. {q}\n\nA: {a}\n",
    "> [!question] {q}\n> {a}\n",
    "> [!faq]- {q}\n> {a}\n",
    "<details><summary>{q}</summary>\n\n{a}\n\n</details>\n",
    '!!! question "{q}"\n    {a}\n',
    "::: tip {q}\n{a}\n:::\n",
    "- Q: {q}\n- A: {a}\n",
    "- Q: {q}\n  A: {a}\n",
    "**1. {q}**\n\n{a}\n",
    "**Q:** {q}\n\n**A:** {a}\n",
    "Q1) {q}\nA1) {a}\n",
    "Question: {q}\nAnswer: {a}\n",
    "问：{q}\n答：{a}\n",
    "*{q}*\n\n{a}\n",
    "=={q}==\n\n{a}\n",
    "<u>{q}</u>\n\n{a}\n",
    "{q} :: {a}\n",
    "{q}::{a}\n",
    "- {q} → {a}\n",
    "## 1. {q}\n\n{a}\n",
    "## “{q}”\n\n{a}\n",
    "## 🌊 {q}\n\n{a}\n",
    "- [ ] {q}\n  - {a}\n",
    "**{q}**\n\n> {a}\n",
]


@pytest.mark.parametrize("shape", QUESTIONS)
@pytest.mark.parametrize(
    ("question", "answer"),
    [("What makes waves?", "The wind over the water."), ("波浪是怎么来的？", "风吹过水面。")],
    ids=["en", "zh"],
)
def test_every_way_to_ask(shape: str, question: str, answer: str) -> None:
    found = cards(shape.format(q=question, a=answer))
    assert len(found) == 1, found
    assert question in found[0][0], found
    assert found[0][1].removeprefix("- ").removeprefix("> ") == answer, found


@pytest.mark.parametrize("mark", ["？", "?", "؟", "??", "?!", "\u037e"])
def test_marks_that_ask(mark: str) -> None:
    asked = "Τι είναι το κύμα" if mark == "\u037e" else "What is a wave"
    assert [back for _, back in cards(f"- {asked}{mark}\n  - moving water\n")] == ["moving water"]


def test_a_choice_is_answered_by_the_option_that_is_marked_right() -> None:
    options = ["- A. Mars\n  - B. Saturn ✓\n", "- [ ] Mars\n  - [x] Saturn\n", "- A. Mars\n  - **B. Saturn**\n"]
    for option in options:
        assert ["Saturn" in back for _, back in cards(f"- Which planet has rings?\n  {option}")] == [True]
    assert cards("- Which planet has rings?\n  - A. Mars\n  - B. Saturn\n") == []


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Symptoms", "role"),
        ("Main advantages", "role"),
        ("Dx", "role"),
        ("Objection", "role"),
        ("病因", "role"),
        ("主要特点", "role"),
        ("地位", "role"),
        ("注意", "remark"),
        ("Meeting", "remark"),
        ("But also", "remark"),
        ("Case 3", "sequence"),
        ("第三章", "sequence"),
        ("Week 2", "sequence"),
        ("1066", "date"),
        ("7500", "sequence"),
        ("TLDR", "remark"),
        ("Lecturer", "remark"),
        ("It is cold", "clause"),
        ("Basalt", "term"),
        ("并行总线", "term"),
        ("设备", "term"),
        ("Causes of flooding", "term"),
        ("____", "none"),
    ],
)
def test_classes_of_labels(label: str, expected: str) -> None:
    assert Labels(STRUCTURE.label_words).of_text(label)[0] == expected


def test_the_language_of_wording_is_that_of_label_and_owner() -> None:
    assert cards("# 中耳炎\n\n- 病因：细菌\n") == [("中耳炎的病因是什么？", "细菌")]
    assert cards("# Otitis media\n\n- Cause: bacteria\n") == [("Otitis media: Cause", "bacteria")]


def test_no_sentence_goes_on_across_the_mark_of_a_label() -> None:
    rules = shipped("en/facts", "structure")
    found = cards("- Safety checks: every valve is opened and closed twice a year\n- Oil: changed in May\n", rules)
    assert all(not front.startswith("What does Safety") for front, _ in found)


def test_an_answer_is_whole() -> None:
    assert cards("- `-s`: .bashrc is not read\n") == [("`-s`", ".bashrc is not read")]
    assert cards("# How many chambers has a heart?\n\n4\n") == [("How many chambers has a heart?", "4")]
    assert cards("- Sensitivity: $\\frac{TP}{TP+FN}$\n") == [("Sensitivity", "$\\frac{TP}{TP+FN}$")]
    assert cards("- **Cell**: ![[c.png]]\n") == [("**Cell**", "![[c.png]]")]
    assert cards("- ATP: [[Adenosine triphosphate]]\n") == [("What does ATP stand for?", "[[Adenosine triphosphate]]")]
    assert ("Motto", "Who dares? Wins! So: try") in cards(
        "# Clan\n\n- Motto: Who dares? Wins! So: try\n- Crest: a lion\n"
    )


VOCABULARY = "- die Flut (flood tide)\n- der Strand (beach)\n\n| Kanji | Reading | Meaning |\n| --- | --- | --- |\n| 雨 | あめ | rain |\n"


def with_settings(text: str, settings: Settings) -> list[Draft]:
    document, _ = read_document(Source("notes/a.md", text))
    return list(extract([document], STRUCTURE, settings).drafts)


def test_vocabulary_both_adds_the_other_way_and_moves_nothing() -> None:
    one = with_settings(VOCABULARY, Settings("Deck"))
    both = with_settings(VOCABULARY, Settings("Deck", vocabulary="both"))
    assert [draft for draft in both if draft in one] == one
    added = [(draft.fields[0][1], draft.fields[1][1]) for draft in both if draft not in one]
    assert added == [
        ("Which word means “flood tide”?", "die Flut"),
        ("Which word means “beach”?", "der Strand"),
        ("Which word means “rain”?", "雨"),
    ]


LIST = "# Causes of flooding\n\n- heavy rain\n- melting snow\n\n# Concrete\n\n**Advantages**\n\n- cheap\n- strong\n"


def test_lists_are_cards_or_clozes_or_nothing() -> None:
    cards_of = {lists: with_settings(LIST, Settings("Deck", lists=lists)) for lists in ("card", "cloze", "off")}
    assert [draft.note_type for draft in cards_of["card"]] == ["Basic", "Basic"]
    assert [draft.note_type for draft in cards_of["cloze"]] == ["Cloze", "Cloze"]
    assert [draft.answer for draft in cards_of["cloze"]] == ["heavy rain\nmelting snow", "cheap\nstrong"]
    assert cards_of["off"] == []


def test_the_context_of_a_note_has_the_labels_of_the_items_above_and_no_whole_item() -> None:
    text = (
        "# Coast {#coast}\n\n- **Groyne**: a wall that traps sand\n  - Material\n    - Oak: a hard wood\n"
        "- Walls fall. They fall in winter.\n  - Pine: a soft wood\n"
    )
    found = {draft.fields[0][1]: draft.origin.shown_headings for draft in drafts_of(text)}
    assert found["Oak"] == ("Coast", "Groyne", "Material")
    assert found["Pine"] == ("Coast",)


@pytest.mark.parametrize(
    ("text", "owner", "older"),
    [
        ("# The sea\n\n## Section 9.6: Longshore drift\n\n- Causes: slanting waves\n", "Longshore drift", "The sea"),
        ("## 二）赤潮\n\n- 原因：水里的养分太多\n", "赤潮", "二）赤潮"),
        ("## 潮差的含义\n\n- 公式：高潮位减去低潮位\n", "潮差", "潮差的含义"),
    ],
)
def test_a_side_is_known_by_its_owner_as_older_versions_named_it(text: str, owner: str, older: str) -> None:
    (draft,) = drafts_of(text)
    assert draft.key[0] == owner
    assert (draft.identity, (older, draft.key[1])) in draft.former


def test_a_cell_is_known_by_its_row_and_column_the_other_way_round() -> None:
    table = "|  | Spare | Least |\n| --- | --- | --- |\n| RAID 5 | one | three |\n| RAID 6 | two | four |\n| RAID 7 | three | five |"
    [draft] = [draft for draft in drafts_of(table) if draft.key == ("RAID 5", "Least")]
    assert (draft.identity, ("Least", "RAID 5")) in draft.former


def test_no_mark_stands_in_a_formula_and_no_equation_heads_a_column() -> None:
    assert cards("# 酸\n\n- 草酸 HOOC—COOH；甲酸 HCOOH\n") == []
    assert cards("# 酸\n\n- **乙酸**—CH3COOH，即醋酸\n") == [("**乙酸**", "CH3COOH，即醋酸")]
    rows = "| 正切 $t = \\frac{y}{x}$ | $u = \\frac{x}{y}$ |\n| --- | --- |\n| 余弦 $c = \\frac{x}{r}$ | $v = \\frac{r}{x}$ |\n"
    assert cards(f"# 函数\n\n{rows}") == []


def test_a_place_in_a_book_answers_nothing() -> None:
    found = drafts_of("# 宣传\n\n**招兵宣传**\n\np69\n\n**士气**\n\n士气是军队的精神状态。\n")
    assert "**招兵宣传**" not in [draft.fields[0][1] for draft in found]
