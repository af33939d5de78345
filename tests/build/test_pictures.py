"""Pictures that are missing, come and go: which notes are packaged, and that a second build changes nothing."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from kept_builds import same_without

from deckgen.package.reading import read_anki_notes

EXAMPLES = int(os.environ.get("IDENTITY_EXAMPLES", "1")) * 4
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg'><text>{}</text></svg>"


def built(root: Path) -> dict[str, str]:
    """Build twice: the same bytes. The notes of the package, by question: what their answer holds."""
    first = deckgen("build", root, cwd=root)
    assert first.code == 0, first.err
    bytes_of = {name: (root / name).read_bytes() for name in ("deck.lock", f"{root.name}.apkg")}
    again = deckgen("build", root, cwd=root)
    assert {name: (root / name).read_bytes() for name in bytes_of} == bytes_of, again.out
    notes, problems = read_anki_notes(root / f"{root.name}.apkg")
    assert notes is not None, problems
    return {note.fields[0]: note.fields[1] for note in notes.notes}


def project(root: Path, notes: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "deck.yaml").write_text("deck: D\nid: pictures\nrules: [structure]\n", "utf-8")
    (root / "a.md").write_text(notes, "utf-8")
    return root


PILL = "## What is a poison pill?\n\nA message{} that stops a consumer. ![x](no.svg){}\n"


def test_a_note_first_built_without_its_picture_stays_in_the_package(tmp_path: Path) -> None:
    root = project(tmp_path, PILL.format("", ""))
    question = "What is a poison pill?"
    assert "A message" in built(root)[question]
    project(root, PILL.format(" in a queue", ""))
    assert "in a queue" in built(root)[question], "an edit arrives, though the picture is still missing"
    (root / "no.svg").write_text(PICTURE.format(1), "utf-8")
    assert "<img" in built(root)[question]
    (root / "no.svg").unlink()
    assert question not in built(root), "now Anki has a picture to lose"
    assert deckgen("build", root, cwd=root).kinds.count("picture-kept") == 1


def test_a_picture_that_an_edit_brings_and_that_is_missing_keeps_nothing_back(tmp_path: Path) -> None:
    root = project(tmp_path, PILL.format("", " ![y](no2.svg)").replace("![x](no.svg)", ""))
    (root / "no2.svg").write_text(PICTURE.format(2), "utf-8")
    assert "<img" in built(root)["What is a poison pill?"]
    project(root, PILL.format("", " ![y](no2.svg)"))
    assert "<img" in built(root)["What is a poison pill?"], "no.svg is missing, but nothing was sent with it"


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_a_second_build_of_any_tree_changes_nothing(seed: int, tmp_path: Path) -> None:
    chosen = random.Random(seed)
    names = [f"p{number}.svg" for number in range(4)]
    sent: dict[str, set[str]] = {}
    for state in _states(chosen, names):
        for name in names:
            file = tmp_path / name
            file.unlink(missing_ok=True)
            if name in state["there"]:
                file.write_text(PICTURE.format(name), "utf-8")
        sections = [
            f"## What is thing {number}?\n\nIt is a thing{' indeed' * times}. "
            + " ".join(f"![picture]({name})" for name in shown)
            + "\n"
            for number, (times, shown) in enumerate(state["notes"])
        ]
        packaged = built(project(tmp_path, "\n".join(sections)))
        for number, (_, shown) in enumerate(state["notes"]):
            question = f"What is thing {number}?"
            missing = set(shown) - state["there"]
            is_held_back = bool(missing & sent.get(question, set()))
            assert (question not in packaged) == is_held_back, (question, shown, state["there"])
            if not is_held_back:
                sent[question] = set(shown) & state["there"]


def _states(chosen: random.Random, names: list[str]) -> Iterator[dict]:  # type: ignore[type-arg]
    """The files that are there, and of each note how often it was edited and what it shows."""
    notes = [(0, chosen.sample(names, chosen.randrange(3))) for _ in range(4)]
    for _ in range(5):
        for number in range(len(notes)):
            times, shown = notes[number]
            if chosen.random() < 0.3:
                times += 1
            if chosen.random() < 0.2:
                shown = chosen.sample(names, chosen.randrange(3))
            notes[number] = (times, shown)
        yield {"there": {name for name in names if chosen.random() < 0.6}, "notes": list(notes)}


RULES = """rules:
  - id: shown
    on: image
    fields: {Front: '{image}', Back: '{alt}'}
"""


def shown(root: Path, notes: str) -> dict[str, str]:
    """Build notes that ask for the name of a picture: the GUID of each name."""
    (root / "rules.yaml").write_text(RULES, "utf-8")
    (root / "deck.yaml").write_text("deck: D\nid: pictures\nrules: [./rules.yaml]\n", "utf-8")
    (root / "a.md").write_text(notes, "utf-8")
    assert deckgen("build", root, cwd=root).code == 0
    return {note["fields"]["Back"]: note["guid"] for note in deckgen("list", root, "--json", cwd=root).json}


def test_a_moved_picture_is_the_same_picture(tmp_path: Path) -> None:
    """Where it is all of the question."""
    (tmp_path / "img").mkdir()
    for name in ("one", "two"):
        (tmp_path / "img" / f"{name}.svg").write_text(PICTURE.format(name), "utf-8")
    before = shown(tmp_path, "![Golgi apparatus](img/one.svg)\n\n![Nucleus](img/two.svg)\n")
    assert len(before) == 2
    (tmp_path / "img").rename(tmp_path / "图")
    (tmp_path / "图" / "two.svg").rename(tmp_path / "图" / "nucleus.svg")
    after = shown(tmp_path, "![Nucleus](图/nucleus.svg)\n\n![Golgi apparatus](图/one.svg)\n")
    assert after == before
    assert shown(tmp_path, "![Nucleus](图/nucleus.svg)\n\n![Golgi apparatus](图/one.svg)\n") == before


def test_another_picture_at_the_path_of_one_that_is_gone(tmp_path: Path) -> None:
    """Each note stays with its picture, whatever the paths say."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.svg").write_text(PICTURE.format(name), "utf-8")
    before = shown(tmp_path, "![Golgi](one.svg)\n\n![Nucleus](two.svg)\n")
    (tmp_path / "two.svg").replace(tmp_path / "one.svg")
    assert shown(tmp_path, "![Nucleus](one.svg)\n") == {"Nucleus": before["Nucleus"]}


def test_two_notes_that_show_one_picture_by_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same words: each keeps its own name, at rest, when the words are edited, and when one is moved."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    folder = tmp_path / "p"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.svg").write_text(PICTURE.format("the same"), "utf-8")

    def guids(notes: str) -> list[str]:
        config = "rules:\n  - {id: pair, on: list_item, match: '{a} -> {b}', fields: {Front: '{a}', Back: '{b}'}}\n"
        write_files(folder, {"rules.yaml": config, "deck.yaml": "deck: D\nrules: [./rules.yaml]\n", "a.md": notes})
        assert same_without(folder).code == 0
        return [note["guid"] for note in deckgen("list", "--json", cwd=folder).json]

    notes = "- What is ![](one.svg) -> an organelle of a cell\n- What is ![](two.svg) -> an organelle of a cell\n"
    before = guids(notes)
    assert guids(notes) == before
    assert guids(notes.replace("a cell", "the cell")) == before
    (folder / "two.svg").rename(folder / "second.svg")
    assert guids(notes.replace("a cell", "the cell").replace("two.svg", "second.svg")) == before


def test_what_was_nearly_paired_does_not_depend_on_pictures_of_other_notes(tmp_path: Path) -> None:
    root = project(tmp_path / "p", "## What 路由 a mutex?\n\n![](图.svg)\n")
    (root / "b.md").write_text("## What does a plan show?\n\n![](b.svg)\n", "utf-8")
    for name in ("图.svg", "b.svg"):  # the same bytes, so that each may be the other one, moved
        (root / name).write_text(PICTURE.format("one"), "utf-8")
    built(root)
    (root / "a.md").write_text("## What is a mutex?\n\n从请求到回答的时间\n", "utf-8")
    shutil.copytree(root, tmp_path / "q", ignore=shutil.ignore_patterns(".deckgen"))
    warm, cold = (deckgen("build", ".", cwd=folder).out for folder in (root, tmp_path / "q"))
    assert "may be one note reworded" in warm
    assert warm.replace("p.apkg", "q.apkg") == cold
