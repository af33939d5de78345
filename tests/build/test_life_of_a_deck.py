"""The demo decks in Anki's own engine: build, import, study, edit, build and import again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import Anki

from deckgen.build.options import Options
from deckgen.build.pipeline import build_project, open_and_run
from deckgen.build.view import Build
from deckgen.build.workers import Compiler
from deckgen.diagnostics import has_errors
from deckgen.project.project import Request

ROOT = Path(__file__).parents[2]
DECKS = ("dlss", "go-tournaments", "multi-task-learning", "computing")


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Anki]:
    found = Anki(tmp_path)
    yield found
    found.collection.close()


@pytest.fixture
def decks(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "decks", tmp_path / "decks")
    return tmp_path / "decks"


def build(folder: Path, now: int, *, output: Path | None = None) -> Build:
    """Build a deck project as the command line does, at a given time."""
    request = Request((folder,), output)
    view, diagnostics = open_and_run(request, now)
    assert view is not None, diagnostics
    assert not build_project(request, now, Options(), Compiler()).failures
    return view


def state(anki: Anki) -> dict[int, tuple[Any, ...]]:
    """Everything that studying makes of a card, by card id."""
    rows = anki.collection.db.all(
        "select id, nid, ord, did, type, queue, due, ivl, factor, reps, lapses, flags from cards"
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def reviews(anki: Anki) -> list[Any]:
    return [tuple(row) for row in anki.collection.db.all("select * from revlog order by id")]


def study(anki: Anki, count: int) -> int:
    """Answer new cards, some with Again; how many were answered."""
    anki.collection.decks.select(1)
    answered = 0
    for deck in anki.collection.decks.all_names_and_ids():
        anki.collection.decks.select(deck.id)
        config = anki.collection.decks.config_dict_for_deck_id(deck.id)
        config["new"]["perDay"] = 999
        anki.collection.decks.update_config(config)
        while answered < count and (card := anki.collection.sched.getCard()):
            card.start_timer()
            anki.collection.sched.answerCard(card, 1 if answered % 5 == 4 else 3)
            answered += 1
    return answered


def test_the_demo_decks_are_imported_whole(decks: Path, anki: Anki, tmp_path: Path) -> None:
    notes = 0
    for name in DECKS:
        package = tmp_path / f"{name}.apkg"
        made = build(decks / name, 1_700_000_000, output=package)
        assert anki.import_package(package) == {"new": len(made.notes)}
        assert made.identified.retired == (), "the committed lock fits the committed notes"
        notes += len(made.notes)
        for rendered in made.notes:
            cards = anki.cards(rendered.note.guid)
            assert [card.ord for card in cards] == list(rendered.cards)
            assert cards, rendered.note.draft.rule
    assert notes >= 80
    assert anki.collection.note_count() == notes
    assert not list(anki.collection.backend.get_empty_cards().notes)


def test_editing_the_notes_loses_nothing(decks: Path, anki: Anki, tmp_path: Path) -> None:
    deck, package = decks / "dlss", tmp_path / "dlss.apkg"
    now = int(time.time()) - 1000
    first = build(deck, now, output=package)
    anki.import_package(package)
    assert study(anki, 40) == 40
    by_question = {r.note.draft.fields[0][1]: r.note.guid for r in first.notes}
    kept = anki.note(by_question["FSR的全称是什么？"])
    kept.tags = [*kept.tags, "mine"]
    kept["Back"] = kept["Back"] + " (my own words)"
    anki.collection.update_note(kept)
    before, reviewed = state(anki), reviews(anki)
    assert reviewed

    # One answer is changed, one fact deleted, one put in front of all others.
    notes = deck / "notes"
    rivals = notes / "02-rivals.md"
    text = rivals.read_text("utf-8")
    changed, deleted = by_question["NIS的全称是什么？"], by_question["TSR的全称是什么？"]
    assert text.count("NVIDIA Image Scaling") == 1
    assert text.count("TSR的全称是Temporal Super Resolution") == 1
    text = text.replace("NVIDIA Image Scaling", "NVIDIA Image Scaler")
    text = text.replace("TSR的全称是Temporal Super Resolution", "TSR出自虚幻引擎")
    rivals.write_text(text, "utf-8")
    start = notes / "00-start.md"
    start.write_text("# 其他\n\nNVENC的全称是NVIDIA Encoder，笔记本上也有。\n", "utf-8")

    second = build(deck, now + 500, output=package)
    changes = {r.note.guid: r.note.change for r in second.notes if r.note.change != "unchanged"}
    new = [guid for guid, change in changes.items() if change == "new"]
    assert [guid for guid, change in changes.items() if change == "updated"] == [changed]
    assert len(new) == 1
    assert [line.guid for line in second.identified.retired] == [deleted]
    log = anki.import_package(package)
    assert log == {"new": 1, "updated": 1, "duplicate": len(second.notes) - 2}

    assert anki.note(changed)["Back"] == "NVIDIA Image Scaler"
    assert anki.note(new[0])["Front"] == "NVENC的全称是什么？"
    kept.load()
    assert "mine" in kept.tags
    assert kept["Back"].endswith("(my own words)")
    after = state(anki)
    assert {card: after[card] for card in before} == before, "a due date, an interval or a deck changed"
    assert reviews(anki) == reviewed
    assert anki.note(deleted), "a package deletes nothing"
    assert len(anki.collection.find_notes(f'"ID:re:^({deleted})$"')) == 1

    # Put back what was deleted: the same note, with its schedule.
    rivals.write_text(text.replace("TSR出自虚幻引擎", "TSR的全称是Temporal Super Resolution"), "utf-8")
    third = build(deck, now + 900, output=package)
    assert [r.note.guid for r in third.notes if r.note.change == "restored"] == [deleted]
    assert anki.import_package(package) == {"duplicate": len(third.notes)}
    assert {card: state(anki)[card] for card in before} == before


def test_the_same_notes_are_the_same_bytes(decks: Path, tmp_path: Path) -> None:
    for name in DECKS:
        one, two = tmp_path / "1.apkg", tmp_path / "2.apkg"
        first = build(decks / name, 1_700_000_000, output=one)
        lock = (decks / name / "deck.lock").read_bytes()
        second = build(decks / name, 1_800_000_000, output=two)
        assert one.read_bytes() == two.read_bytes()
        assert (decks / name / "deck.lock").read_bytes() == lock
        assert [r.note.guid for r in first.notes] == [r.note.guid for r in second.notes]


def test_a_build_without_the_lock_gives_the_same_guids(decks: Path, tmp_path: Path) -> None:
    for name in DECKS:
        (decks / name / "deck.lock").unlink()  # it knows GUIDs of questions that were worded otherwise once
        first = build(decks / name, 1_700_000_000, output=tmp_path / f"{name}-1.apkg")
        (decks / name / "deck.lock").unlink()
        second = build(decks / name, 1_800_000_000, output=tmp_path / f"{name}-2.apkg")
        assert [(r.note.guid, r.note.id) for r in first.notes] == [(r.note.guid, r.note.id) for r in second.notes]


def test_the_committed_locks_are_up_to_date(decks: Path, tmp_path: Path) -> None:
    for name in DECKS:
        lock = (decks / name / "deck.lock").read_bytes()
        build(decks / name, 1_800_000_000, output=tmp_path / "x.apkg")
        assert (decks / name / "deck.lock").read_bytes() == lock, (
            f"run `deckgen build decks/{name}` and commit its lock"
        )


SEEDS = ROOT.parent / "shared" / "seeds"

WANTED = [
    ("DLSS", "全称", "Deep Learning Super Sampling"),
    ("DLSS", "主要作用", "通过Tensor Core"),
    ("DLSS 1～2", "本质上", "超分辨率技术（Super Resolution）"),
    ("DLSS 3", "本质上", "插帧技术（Frame Generation）"),
    ("DLSS 3.5", "本质上", "光线重构技术（Ray Reconstruction）"),
    ("FSR", "全称", "FidelityFX Super Resolution"),
    ("TSR", "全称", "Temporal Super Resolution"),
    ("TSR", "谁开发", "AMD与Epic"),
    ("理光杯", "开始举办", "2000年"),
    ("理光杯", "主办", "理光（中国）投资有限公司"),
    ("理光杯", "承办", "北京金华铭办公设备有限公司"),
    ("利民杯世界围棋星锐最强战", "主办", "中国围棋协会、中国棋院杭州分院"),
    ("利民杯世界围棋星锐最强战", "几届", "四届"),
    ("百灵杯", "赞助", "贵州百灵集团"),
    ("CCTV贺岁杯", "始于", "2013年"),
]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="needs ../shared/seeds")
def test_the_seeds() -> None:
    """The user's own documents: the facts that must come, and what must not."""
    questions: list[tuple[str, str]] = []
    for seed in sorted(SEEDS.glob("*.txt")):
        made, diagnostics = open_and_run(Request((seed,)), 1_700_000_000)
        assert made is not None
        assert not has_errors(diagnostics)
        for rendered in made.notes:
            fields = dict(rendered.note.draft.fields)
            questions.append((fields["Front"], fields["Back"]))
            for unwanted in ("怎么会再次崩溃", "芬兰进去了", "网络实现4大图像任务", "基础入门"):
                assert unwanted not in rendered.note.draft.origin.text or rendered.note.draft.origin.text.startswith(
                    "#"
                )
    assert not any("教程" in q for q, _ in questions)  # a link below a heading is no fact
    for subject, asked, answer in WANTED:
        assert any(q.startswith(subject) and asked in q and answer in a for q, a in questions), (subject, asked)
    assert questions
