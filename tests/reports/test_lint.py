"""`deckgen lint`: cards that will be hard to learn."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from msgspec.structs import replace

from deckgen.diagnostics import KINDS, Span
from deckgen.diagnostics.lint_kinds import LINT_KINDS, LintSeverity
from deckgen.model import DELETION_CLOSE, DELETION_OPEN, Draft, Markdown, Origin
from deckgen.reports.lint import LintIndex, lint, with_severities


def draft(question: str, answer: str, line: int = 1, note: str = "Basic", deck: str = "Deck") -> Draft:
    """A note as a rule makes it."""
    return Draft(
        rule="own/rule",
        identity="own/rule",
        kind="Basic" if note in ("Reversed", "Typed") else note,
        note_type=note,
        fields=(("Front", Markdown(question)), ("Back", Markdown(answer))),
        key=(question,),
        question=question,
        answer=answer,
        text=question,
        origin=Origin(Span("notes.md", line), question),
        deck=deck,
    )


def cloze(text: str, *deleted: str) -> Draft:
    filled, around = text, text
    for one in deleted:
        filled = filled.replace(one, f"{DELETION_OPEN}{one}{DELETION_CLOSE}", 1)
        around = around.replace(one, "[…]", 1)
    made = draft(around, "\n".join(deleted), note="Cloze")
    return Draft(**{name: getattr(made, name) for name in Draft.__slots__} | {"fields": (("Text", Markdown(filled)),)})


def found(*drafts: Draft, **severities: LintSeverity) -> list[str]:
    return [d.kind for d in lint(drafts, {name.replace("_", "-"): value for name, value in severities.items()})]


# Question and answer, and the finding; those to be left alone first, each for its reason.
ALONE = [
    ("DLSS的全称是什么？", "Deep Learning Super Sampling", "an ordinary note"),
    ("显卡画一帧要多久？", "16毫秒", "a number that is not in the question"),
    ("插帧是在渲染之前还是渲染之后？", "渲染之后", "a choice is offered"),
    ("Is a queue first in or first out?", "first out", "a choice is offered"),
    ("What is a cat?", "an animal that catches mice", "`a` is in the question, but is no answer"),
    ("什么是猫？", "它是一种会抓老鼠的动物。", "the pronoun is the subject of the question"),
    ("What is a daemon?", "This process runs in the background.", "the same"),
    ("其实猫为什么怕水？", "毛湿了难干", "其实 is no pronoun"),
    ("What does a cat do when it sleeps?", "It dreams.", "the pronoun has its name before it"),
    ("该隐是谁？", "亚当的儿子", "a name that begins like a pronoun"),
    ("六边形有哪些？", "甲、乙、丙、丁、戊、己", "a list of six"),
    ("什么是插帧？", "![](a.png)\n\n如图，在两帧之间补出一帧。", "the picture is on the card"),
    ("Why do cats purr?", "Nobody knows.", "a question of its own"),
]


@pytest.mark.parametrize(("question", "answer", "reason"), ALONE, ids=[reason for *_, reason in ALONE])
def test_left_alone(question: str, answer: str, reason: str) -> None:
    assert found(draft(question, answer)) == [], reason


@pytest.mark.parametrize(
    ("question", "answer", "kind"),
    [
        ("插帧技术是什么技术？", "插帧", "answer-in-question"),
        ("What is the colour of an orange?", "orange", "answer-in-question"),
        ("**DLSS 3**是谁的第3代DLSS？", "DLSS 3", "answer-in-question"),
        ("为什么" + "显卡在渲染复杂场景时" * 8 + "会变慢？", "要画的太多", "question-too-long"),
        ("什么是猫？", "一种动物。" * 45, "answer-too-long"),
        ("What is a cat?", "An animal that sleeps. " * 20, "answer-too-long"),
        ("九个字有哪些？", "甲、乙、丙、丁、戊、己、庚、辛、壬", "long-list"),
        ("Which days are there?", "\n".join(f"- day {n}" for n in range(8)), "long-list"),
        ("Which days are there?", "mon, tue, wed, thu, fri, sat, sun, caturday", "long-list"),
        ("它的作用是什么？", "抓老鼠", "no-subject"),
        ("这种方法为什么有效？", "因为简单", "no-subject"),
        ("什么是它？", "一种动物", "no-subject"),
        ("Why is this needed?", "To keep order.", "no-subject"),
        ("What does it do?", "It sleeps.", "no-subject"),
        ("Is it safe?", "No.", "no-subject"),
        ("为什么？", "因为简单", "no-subject"),
        ("Why?", "Because.", "no-subject"),
        ("猫的特点是什么？", "同上", "answer-leans"),
        ("猫和狗谁更快？", "前者", "answer-leans"),
        ("What is a cat?", "As mentioned above, an animal.", "answer-leans"),
        ("What is faster?", "the former", "answer-leans"),
        ("什么是插帧？", "如图所示，在两帧之间补出一帧。", "answer-leans"),
    ],
)
def test_found(question: str, answer: str, kind: str) -> None:
    assert found(draft(question, answer)) == [kind]


def test_the_same_question_with_two_answers_is_an_error() -> None:
    (told,) = lint([draft("猫是什么？", "动物", 3), draft("猫 是什么?", "宠物", 9)], {})
    assert (told.kind, told.severity, told.span) == ("two-answers", "error", Span("notes.md", 9))
    assert told.message == "“猫 是什么?” is answered here by “宠物”, but in notes.md:3 by “动物”"


def test_a_third_answer_is_told_too() -> None:
    drafts = [draft("猫是什么？", answer, line) for line, answer in enumerate(["动物", "宠物", "邻居", "动物"], 1)]
    assert found(*drafts) == ["two-answers", "two-answers"]


def test_one_question_in_two_decks_is_two_questions() -> None:
    assert found(draft("猫是什么？", "动物", deck="A"), draft("猫是什么？", "宠物", deck="B")) == []


def test_a_reversed_note_asks_its_answer_too() -> None:
    one, other = draft("猫", "Katze", note="Reversed"), draft("母猫", "Katze", 2, note="Reversed")
    assert found(one, other) == ["two-answers"]
    assert found(draft("猫", "Katze"), draft("母猫", "Katze", 2)) == []


def test_the_same_answer_is_one_note() -> None:
    assert found(draft("猫是什么？", "动物"), draft("猫是什么？", "动物", 2)) == []


def test_answers_that_differ_in_their_letters_case_are_nearly_alike() -> None:
    one, other = (
        draft("What does CLI stand for?", "command line interface"),
        draft("What does CLI stand for?", "Command Line Interface", 2),
    )
    assert found(one, other) == ["same-note-twice"]


@pytest.mark.parametrize(
    ("one", "other", "kinds"),
    [
        (
            ("为什么插帧技术会增加画面的延迟？", "因为要等下一帧"),
            ("为什么插帧的技术会增加画面的延迟？", "因为要等下一帧"),
            ["same-note-twice"],
        ),
        (("DLSS 3的插帧技术是哪一年发布的？", "在秋天发布"), ("DLSS 4的插帧技术是哪一年发布的？", "在秋天发布"), []),
        (
            ("What is the port that SSH servers listen on?", "twenty-two"),
            ("What is the port that DNS servers listen on?", "twenty-two"),
            [],
        ),
        (("什么是猫？", "动物"), ("什么是狗？", "动物"), []),
    ],
)
def test_nearly_the_same_note(one: tuple[str, str], other: tuple[str, str], kinds: list[str]) -> None:
    assert found(draft(*one), draft(*other, 2)) == kinds


def test_a_cloze_that_says_its_deletion_elsewhere() -> None:
    assert found(cloze("猫的天敌是郊狼，郊狼住在草原。", "郊狼")) == ["answer-in-question"]
    assert found(cloze("猫的天敌是郊狼。", "郊狼")) == []


def test_gravities() -> None:
    note = draft("它是什么？", "动物")
    assert lint([note], {"no-subject": "error"})[0].severity == "error"
    assert lint([note], {})[0].severity == "warning"
    assert lint([note], {"no-subject": "off"}) == []


def test_every_finding_is_explained_and_can_be_found() -> None:
    assert set(LINT_KINDS) <= set(KINDS)
    assert all(KINDS[name].explanation.endswith(".") for name in LINT_KINDS)


def test_thousands_of_notes_are_not_compared_pair_by_pair() -> None:
    """A tenth of all pairs of so many notes would take minutes."""
    dice = random.Random(7)
    words = ["".join(dice.choices("abcdefghijklmnop", k=dice.randint(3, 9))) for _ in range(4000)]
    drafts = [draft(" ".join(dice.choices(words, k=6)), " ".join(dice.choices(words, k=8)), n) for n in range(6000)]
    doubles = [draft(one.question + " so", one.answer, 9000) for one in drafts[:50]]
    begun = time.process_time()
    kinds = found(*drafts, *doubles)
    assert kinds == ["same-note-twice"] * 50
    assert time.process_time() - begun < 30


# --- the command --------------------------------------------------------------------------------------------------

RULES = "on: section\nrules:\n  - {id: all, fields: {Front: '{heading}', Back: '{body}'}}\n"
NOTES = "# 它是什么？\n\n动物。\n\n# 猫是什么？\n\n动物。\n\n# 猫是什么？\n\n邻居。\n"


def project(folder: Path, lint_text: str = "") -> Path:
    config = f"deck: Cats\nrules: [./own.yaml]\nsources: ['notes/*.md']\n{lint_text}"
    return write_files(
        folder, {"deck.yaml": config, "own.yaml": RULES, "notes/a.md": NOTES, "notes/b.md": "# 狗\n\n动物。\n"}
    )


def test_text(tmp_path: Path) -> None:
    ended = deckgen("lint", cwd=project(tmp_path))
    assert (ended.code, ended.err) == (1, "")
    assert (
        ended.out
        == """\
notes/a.md:1:1: warning[no-subject]: “它是什么？” does not say what “它” is
  | # 它是什么？
  | ^
  help: name it in the heading or sentence that the question is made of
  help: made by own/all
notes/a.md:9:1: error[two-answers]: “猫是什么？” is answered here by “邻居。”, but in notes/a.md:5 by “动物。”
  | # 猫是什么？
  | ^
  help: say what tells the two apart, such as the year, the version or the field
  help: made by own/all

no-subject: The question does not say what it is about: a pronoun stands for
  something that only the notes know.
two-answers: One question has different answers. Whoever is asked cannot know
  which of them is meant, and will fail the card for ever. Say in the question
  what tells them apart.

4 notes (1 needs attention), 2 findings (1 error)
"""
    )


def test_warnings_alone_are_fine(tmp_path: Path) -> None:
    ended = deckgen("lint", cwd=project(tmp_path, "lint: {two-answers: warning}\n"))
    assert ended.code == 0
    assert ended.out.endswith("4 notes (1 needs attention), 2 findings\n")


def test_what_is_off_is_not_told(tmp_path: Path) -> None:
    ended = deckgen("lint", cwd=project(tmp_path, "lint:\n  two-answers: off\n  no-subject: off\n"))
    assert (ended.code, ended.out) == (0, "4 notes, 0 findings\n")


def test_only_what_is_named_is_told_but_compared_with_all(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "notes" / "c.md").write_text("# 狗\n\n邻居。\n", "utf-8")
    told = deckgen("lint", "notes/c.md", "--json", cwd=folder)
    assert [(one["kind"], one["path"], one["line"]) for one in told.json] == [("two-answers", "notes/c.md", 1)]
    assert told.code == 1


def test_json(tmp_path: Path) -> None:
    told = deckgen("lint", "--json", cwd=project(tmp_path)).json
    assert [(one["kind"], one["severity"]) for one in told] == [("no-subject", "warning"), ("two-answers", "error")]


@pytest.mark.parametrize(
    ("lint_text", "kind", "said"),
    [
        ("lint: {long-lists: off}", "unknown-key", "did you mean `long-list`?"),
        ("lint: {long-list: of}", "bad-value", "did you mean `off`?"),
        ("lint: true", "wrong-type", ""),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(tmp_path: Path, lint_text: str, kind: str, said: str) -> None:
    ended = deckgen("lint", cwd=project(tmp_path, lint_text + "\n"))
    assert (ended.code, ended.kinds) == (2, [kind])
    assert "deck.yaml:4:" in ended.err
    assert said in ended.err


@pytest.mark.parametrize("deck", ["dlss", "go-tournaments", "multi-task-learning", "computing"])
def test_demo_decks_have_no_errors(deck: str) -> None:
    ended = deckgen("lint", Path(__file__).parents[2] / "decks" / deck, "--json")
    assert [one for one in ended.json if one["severity"] == "error"] == []


def test_sources_put_one_by_one_are_found_out_as_all_together() -> None:
    """An index that saw a thousand changes says of each source what a fresh one says."""
    chance = random.Random(3)
    subjects, answers = ("fox", "cat", "wolf", "mole"), ("a small animal", "an animal that digs", "a small animals")

    def drafts(path: str) -> list[Draft]:
        made = []
        for line in range(chance.randrange(6)):
            subject = chance.choice(subjects)
            one = draft(f"What is the {subject} in the garden?", chance.choice(answers), line, deck="D")
            origin = Origin(Span(path, line), subject, (chance.choice(subjects),))
            apart = chance.random() < 0.5
            note = chance.choice(("Basic", "Reversed"))
            role = ("side", subject) if chance.random() < 0.3 else ()
            made.append(replace(one, origin=origin, apart=apart, note_type=note, role_key=role, owner=path))
        return made

    index, sources = LintIndex(), dict[str, list[Draft]]()
    for number in range(400):
        path = chance.choice(("a.md", "b/a.md", "b.md", "z.md"))
        sources[path] = drafts(path)
        if chance.random() < 0.3:
            chance.shuffle(sources[path])
        index.put(path, sources[path])
        if number % 4 == 0:
            in_order = sorted(sources, key=lambda one: one.split("/"))
            expected = lint([one for name in in_order for one in sources[name]], {})
            found = with_severities((one for name in in_order for one in index.findings(name)), {})
            assert found == expected
