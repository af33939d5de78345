"""Rules made of one sentence and a card, and frames that come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.reports.rules_by_example.frames import Place, find_frames
from deckgen.reports.rules_by_example.joints import JOINTS
from deckgen.reports.rules_by_example.proposing import Wanted, propose
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText

CARDS = [
    ("Vulcanisation goes back to Charles Goodyear.", "Who does vulcanisation go back to?", "Charles Goodyear"),
    ("The capital of Peru is Lima.", "What is the capital of Peru?", "Lima"),
    ("Photosynthesis takes place in chloroplasts.", "Where does photosynthesis take place?", "chloroplasts"),
    ("The Treaty of Ghent ended the War of 1812.", "Which war did the Treaty of Ghent end?", "the War of 1812"),
    ("An adult heart beats about 70 times a minute.", "How often does an adult heart beat?", "70 times a minute"),
    ("巴黎是法国的首都。", "法国的首都是哪里？", "巴黎"),
    ("珠穆朗玛峰海拔8848米，是世界最高峰。", "珠穆朗玛峰海拔多少？", "8848米"),
    ("红茶产于福建省。", "红茶产于哪里？", "福建省"),
    ("《史记》的作者是司马迁。", "《史记》的作者是谁？", "司马迁"),
    ("光合作用发生在叶绿体中。", "光合作用发生在哪里？", "叶绿体"),
]


@pytest.mark.parametrize(("text", "front", "back"), CARDS)
def test_a_rule_of_one_sentence(tmp_path: Path, text: str, front: str, back: str) -> None:
    write_files(tmp_path, {"deck.yaml": "deck: N\nid: n\nrules: [structure]\n", "a.md": f"# Notes\n\n{text}\n"})
    ended = deckgen("rules", "new", "a.md:3", "--front", front, "--back", back, "--yes", cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "in these notes it makes 1 card" in ended.out
    assert "add `./rules/mine.yaml`" in ended.out
    tested = deckgen("rules", "test", "rules/mine.yaml", cwd=tmp_path)
    assert (tested.code, tested.out) == (0, "1 example, 1 right, 0 wrong\n")
    write_files(tmp_path, {"deck.yaml": "deck: N\nid: n\nrules: [./rules/mine.yaml]\n"})
    (note,) = deckgen("list", "--json", cwd=tmp_path).json
    assert (note["fields"]["Front"], note["fields"]["Back"]) == (front, back)


def test_a_rule_takes_other_names(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"a.md": "Vulcanisation goes back to Charles Goodyear. Dynamite goes back to Alfred Nobel.\n"}
    )
    front, back = "Who does dynamite go back to?", "Alfred Nobel"
    ended = deckgen("rules", "new", "a.md:1", "--front", front, "--back", back, cwd=tmp_path)
    assert "makes 2 cards" in ended.out
    assert not (tmp_path / "rules").exists()


def test_another_sentence_widens_it() -> None:
    first = Wanted("Dynamite goes back to Alfred Nobel.", "Who does Dynamite go back to?", "Alfred Nobel")
    other = Wanted("Matches go back to John Walker.", "Who does Matches go back to?", "John Walker")
    found = propose(first, [other])
    assert found is not None
    assert found.is_right
    assert [one.text for one in found.examples] == [first.text, other.text]
    assert len(found.patterns) == 2


def test_a_sentence_that_is_no_card_narrows_it() -> None:
    first = Wanted("Dynamite goes back to Alfred Nobel.", "Who does dynamite go back to?", "Alfred Nobel")
    found = propose(first, [Wanted("It goes back to the office.")])
    assert found is not None
    assert found.is_right
    assert "notes: []" in found.text


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("Who invented it?", "Alfred Nobel"),  # the question names nothing of the sentence
        ("Who does dynamite go back to?", "a Swede"),  # the answer does not stand there
    ],
)
def test_where_there_is_no_rule(tmp_path: Path, front: str, back: str) -> None:
    write_files(tmp_path, {"a.md": "Dynamite goes back to Alfred Nobel.\n"})
    ended = deckgen("rules", "new", "a.md:1", "--front", front, "--back", back, "--yes", cwd=tmp_path)
    assert ended.code == 1
    assert "no rule takes" in ended.out
    assert not (tmp_path / "rules").exists()


def test_a_second_rule_is_added_to_the_file(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "\n\n".join(text for text, _, _ in CARDS) + "\n"})
    for number, (text, front, back) in enumerate(CARDS):
        line = 1 + 2 * number
        ended = deckgen("rules", "new", f"a.md:{line}", "--front", front, "--back", back, "--yes", cwd=tmp_path)
        assert ended.code == 0, (text, ended.out)
    assert "10 examples, 10 right" in deckgen("rules", "test", "rules/mine.yaml", cwd=tmp_path).out


def test_frames_that_come_back(tmp_path: Path) -> None:
    rivers = ("Rhine", "Elbe", "Oder", "Weser", "Ems", "Danube")
    teas = ("红茶", "绿茶", "白茶", "黑茶", "花茶")
    text = "\n\n".join(
        [f"The {river} empties into the sea of {index} names." for index, river in enumerate(rivers)]
        + [f"{tea}出产于第{index}个山区。" for index, tea in enumerate(teas)]
        + ["It empties into a bucket.", "Something else altogether."]
    )
    write_files(tmp_path, {"a.md": text + "\n", "deck.yaml": "deck: N\nid: n\nrules: [structure]\n"})
    out = deckgen("rules", "suggest", cwd=tmp_path).out
    assert "6 × … empties into" in out
    assert "5 × … 出产于" in out
    assert "match: '{subject:name} empties into" in out


def test_four_are_too_few() -> None:
    assert find_frames(Place("a.md", n, f"Thing{n} empties into a lake.") for n in range(4)) == []


JOINED = """If a groyne breaks, the sand moves on.

If the wind turns, the waves lose their height.

If a spit closes the bay, a lagoon is left.

If it rains, nobody cares.

If the tide falls, the flats lie dry.

If a bar forms, the waves break early.

如果风停了，浪会慢慢变小。

如果沙坝合拢，海湾会成为潟湖。

如果防波堤断裂，沙子会继续移动。

如果潮水退去，滩涂会露出来。

如果海底变浅，波浪会提前破碎。
"""


def test_frames_around_joints_with_the_cards_that_their_rules_make(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": JOINED, "deck.yaml": "deck: N\nid: n\nrules: [structure]\n"})
    out = deckgen("rules", "suggest", cwd=tmp_path).out
    assert "5 × If …, …" in out, "a pronoun is no condition that a card can hold"
    assert "What if a groyne breaks? → the sand moves on" in out
    assert "5 × 如果…，…" in out
    assert "如果风停了，会怎样？ → 浪会慢慢变小" in out
    assert "nobody cares" not in out


def test_the_rule_of_a_joint_stands_in_a_rule_file_as_it_is() -> None:
    text = "rules:\n" + "\n".join(joint.rule for joint in JOINTS)
    rules, problems = load_rules([PackText("mine", "mine.yaml", text)])
    assert (problems, len(rules.rules)) == ([], len(JOINTS))
