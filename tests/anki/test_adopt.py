"""`deckgen adopt`: a lost lock from the last package, and the GUIDs of decks that other makers made."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files
from engine import Anki

from deckgen.anki.adoption_matching import NoteText, match_notes
from deckgen.identity.guid_field import search_id
from deckgen.package.anki_notes import AnkiNote
from deckgen.package.field_text import shown_text
from deckgen.package.reading import read_anki_notes

anki_collection = pytest.importorskip("anki.collection")

pytestmark = pytest.mark.usefixtures("plain_environment")

ROOT = Path(__file__).parents[2]
RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nsources: ['notes/*.md']\nrules: [./rules.yaml]\n"
TERMS = {
    "Latency": "the time from a request to its answer",
    "Throughput": "how many requests are answered in a second",
    "What is a poison pill?": "a message that no consumer can process",
    "延迟抖动": "延迟在一段时间里的变化幅度",
}


def source(terms: dict[str, str]) -> str:
    return "".join(f"{term}\n: {meaning}\n\n" for term, meaning in terms.items())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_files(tmp_path / "terms", {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes/a.md": source(TERMS)})


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Anki]:
    (tmp_path / "anki").mkdir()
    found = Anki(tmp_path / "anki")
    yield found
    found.collection.close()


def add(anki: Anki, front: str, back: str, *, guid: str = "", tags: str = "", deck: str = "Mine") -> AnkiNote:
    """A note of Anki's own Basic."""
    col = anki.collection
    note = col.new_note(col.models.by_name("Basic"))
    note["Front"], note["Back"], note.tags = front, back, tags.split()
    col.add_note(note, col.decks.id(deck))
    if guid:
        col.db.execute("update notes set guid = ? where id = ?", guid, note.id)
        note.load()
    return note


def export(anki: Anki, path: Path, *, is_legacy: bool = True) -> Path:
    from anki.collection import ExportAnkiPackageOptions

    options = ExportAnkiPackageOptions(with_scheduling=True, legacy=is_legacy, with_media=True)
    anki.collection.export_anki_package(out_path=str(path), options=options, limit=None)
    return path


def adopted(*arguments: object, **options: Any) -> Ended:
    ended = deckgen("adopt", *arguments, "--yes", **options)
    assert ended.code == 0, ended.out + ended.err
    return ended


def lines(project: Path) -> dict[str, dict[str, Any]]:
    rows = (project / "deck.lock").read_text("utf-8").splitlines()[1:]
    return {line["question"]: line for line in map(json.loads, rows)}


def guids(project: Path) -> dict[str, str]:
    return {note["fields"]["Front"]: note["guid"] for note in deckgen("list", project, "--json").json}


# ---- a lost lock


@pytest.mark.parametrize("deck", ["dlss", "go-tournaments", "multi-task-learning"])
def test_a_lost_lock_comes_back_from_the_package(tmp_path: Path, deck: str) -> None:
    shutil.copytree(ROOT / "decks" / deck, tmp_path / deck)
    folder, package = tmp_path / deck, tmp_path / deck / f"{deck}.apkg"
    package.unlink(missing_ok=True)
    assert deckgen("build", folder).code == 0
    bytes_before, lock_before = package.read_bytes(), (folder / "deck.lock").read_text("utf-8")
    (folder / "deck.lock").unlink()
    lost = deckgen("build", folder)
    assert (lost.code, lost.kinds) == (2, ["lost-lock"])
    assert "deckgen adopt" in lost.err
    assert "change the note type" not in adopted(package, folder).out
    assert deckgen("build", folder).code == 0
    assert package.read_bytes() == bytes_before
    kept = [line for line in lock_before.splitlines() if '"retired"' not in line]
    assert [re.sub(r'"was":\[.*?\],', "", line) for line in kept] == (folder / "deck.lock").read_text(
        "utf-8"
    ).splitlines()


def test_the_help_of_a_lost_lock_does_what_it_says(tmp_path: Path) -> None:
    """Also where the project is not the folder one stands in."""
    folder = tmp_path / "lost"
    write_files(folder, {"a.md": source(TERMS)})
    assert deckgen("build", "lost", cwd=tmp_path).code == 0
    before = (folder / "deck.lock").read_text("utf-8")
    for place, wanted in ((tmp_path, "adopt lost/lost.apkg lost"), (folder, "adopt lost.apkg")):
        (folder / "deck.lock").unlink()
        told = deckgen("build", folder, cwd=place).err
        (command,) = re.findall("`deckgen (adopt [^`]*)`", told)
        assert command == wanted
        assert deckgen(*command.split(), "--yes", cwd=place).code == 0
        assert (folder / "deck.lock").read_text("utf-8") == before


def test_what_a_note_was_called_before_is_restored_too(project: Path) -> None:
    """A reworded note keeps a GUID that its words alone would not give, and leaves one that another fact would get."""
    note = project / "notes" / "a.md"
    deckgen("build", project)
    old = lines(project)["Latency"]["guid"]
    renamed = source(TERMS).replace("Latency\n", "Response latency\n")
    note.write_text(renamed)
    new = guids(project)["Response latency"]
    assert deckgen("build", project, "--same", f"{old}={new}").code == 0
    note.write_text(renamed + "Latency\n: whatever is hidden\n")
    assert deckgen("build", project).code == 0
    package, before = (project / "terms.apkg").read_bytes(), guids(project)
    assert before["Response latency"] == old
    assert before["Latency"] not in (old, new)
    (project / "deck.lock").unlink()
    adopted(project / "terms.apkg", project)
    assert guids(project) == before
    assert deckgen("build", project).code == 0
    assert (project / "terms.apkg").read_bytes() == package


def test_a_source_that_changed_since_is_sent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deckgen("build", project)
    before = lines(project)
    (project / "deck.lock").unlink()
    (project / "notes" / "a.md").write_text(source(TERMS | {"Latency": "the time that a request waits for its answer"}))
    shown = adopted(project / "terms.apkg", project)
    assert "the same question, another answer" in shown.out
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    assert deckgen("build", project, "--json").json["changes"]["updated"] == 1
    after = lines(project)
    assert after["Latency"]["guid"] == before["Latency"]["guid"]
    assert after["Latency"]["mod"] == 1_900_000_000
    assert all(after[question] == before[question] for question in before if question != "Latency")


def test_cloze_numbers_come_back(tmp_path: Path) -> None:
    rules = "rules:\n- {id: c, on: paragraph, note: Cloze, marks: ['==answer=='], fields: {Text: '{text}'}}\n"
    first = "The ==Amstel== flows through ==Amsterdam==, and the ==Rhine== through Basel.\n"
    root = write_files(tmp_path / "p", {"deck.yaml": CONFIG, "rules.yaml": rules, "notes/a.md": first})
    assert deckgen("build", root).code == 0
    (root / "notes" / "a.md").write_text(first.replace("==Amsterdam==", "Amsterdam"))
    assert deckgen("build", root).code == 0
    package, (before,) = (root / "p.apkg").read_bytes(), lines(root).values()
    assert [(number, text) for number, text, *_ in before["cloze"]] == [(1, "Amstel"), (2, "Amsterdam"), (3, "Rhine")]
    (root / "deck.lock").unlink()
    adopted(root / "p.apkg", root)
    assert deckgen("build", root).code == 0
    assert (root / "p.apkg").read_bytes() == package
    (after,) = lines(root).values()
    assert [(number, text) for number, text, *_ in after["cloze"]] == [(1, "Amstel"), (3, "Rhine")]


def test_an_own_note_type_goes_on(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def config(front: str) -> str:
        return (
            CONFIG + f"note_types: {{Word: {{fields: [Word, Meaning], templates: [{{name: Card, front: '{front}', "
            "back: '{{Meaning}}'}]}}\n"
        )

    rules = RULES.replace("fields: {Front", "note: Word\n    fields: {Word").replace("Back:", "Meaning:")
    write_files(project, {"deck.yaml": config("{{Word}}"), "rules.yaml": rules})
    deckgen("build", project)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    (project / "deck.yaml").write_text(config("<b>{{Word}}</b>"))
    assert deckgen("build", project).code == 0
    pair = [(project / name).read_bytes() for name in ("deck.lock", "terms.apkg")]
    assert b'"mod":1900000000' in pair[0]
    (project / "deck.lock").unlink()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1950000000")
    adopted(project / "terms.apkg", project)
    assert deckgen("build", project).code == 0
    assert [(project / name).read_bytes() for name in ("deck.lock", "terms.apkg")] == pair


def test_what_the_learner_edited_stays_when_the_lock_comes_from_anki(project: Path, anki: Anki, tmp_path: Path) -> None:
    now = int(time.time()) - 100
    deckgen("build", project)
    anki.import_package(project / "terms.apkg")
    guid = lines(project)["Latency"]["guid"]
    note = anki.note(guid)
    note["Back"] += " (in my words)"
    note.tags = ["mine"]
    anki.collection.update_note(note)
    (project / "deck.lock").unlink()
    (project / "terms.apkg").unlink()
    shown = adopted(export(anki, tmp_path / "all.apkg"), project)
    assert "1 note read differently in Anki, and stay so until their source changes" in shown.out
    assert deckgen("build", project, "--json").json["changes"]["unchanged"] == 4
    assert anki.import_package(project / "terms.apkg") == {"duplicate": 4}
    assert anki.note(guid)["Back"].endswith("(in my words)")
    (project / "notes" / "a.md").write_text(source(TERMS | {"Latency": "the wait for an answer to a request"}))
    assert deckgen("build", project).code == 0
    assert lines(project)["Latency"]["mod"] >= now
    time.sleep(1)
    deckgen("build", project, "--refresh", "")
    assert anki.import_package(project / "terms.apkg") == {"updated": 4}
    assert anki.note(guid)["Back"] == "the wait for an answer to a request"


# ---- decks of other makers

STRANGE = 'K$|z.5<&">^(x)\\='


@pytest.mark.parametrize("form", ["legacy", "new", "collection"])
def test_a_deck_made_by_hand_keeps_its_schedule(project: Path, anki: Anki, tmp_path: Path, form: str) -> None:
    """To the end: adopt, build, import, change the note type in Anki, refresh, import."""
    first = add(anki, "<b>Latency</b>", "the time from a request to its answer", guid=STRANGE, tags="mine")
    add(anki, "What is a poison pill?", "a message which no consumer is able to process")
    add(anki, "Something else", "of another subject")
    anki.collection.decks.select(anki.collection.decks.id("Mine"))
    card = anki.collection.sched.getCard()
    card.start_timer()
    anki.collection.sched.answerCard(card, 4)
    studied = anki.cards(STRANGE)[0]
    assert studied.reps == 1
    if form == "new":
        pytest.importorskip("zstandard")
    if form == "collection":
        anki.collection.close()
        file = tmp_path / "anki" / "collection.anki2"
        before = sorted((path.name, path.stat().st_size) for path in file.parent.iterdir())
    else:
        file = export(anki, tmp_path / "mine.apkg", is_legacy=form == "legacy")
    shown = adopted(file, project)
    if form == "collection":
        assert sorted((path.name, path.stat().st_size) for path in file.parent.iterdir()) == before
        anki.collection.reopen()
    assert "2 of them in the notes" in shown.out
    assert "cannot be carried over as they are" in shown.out
    assert "Basic → deckgen Basic (2)" in shown.out
    assert guids(project)["Latency"] == STRANGE
    built = deckgen("build", project, "--json").json
    assert (built["changes"]["new"], built["changes"]["updated"]) == (2, 2)

    log = anki.import_package(project / "terms.apkg")
    assert log == {"new": 2, "conflicting": 2}, "no second card of a fact, nothing lost"
    wanted = anki.collection.models.by_name("deckgen Basic")
    search = re.search(r"^ +(nid:[\d,]+)$", shown.out, re.MULTILINE)
    assert search is not None
    found = list(anki.collection.find_notes(search[1]))
    assert len(found) == 2
    basic = anki.collection.models.by_name("Basic")
    info = anki.collection.models.change_notetype_info(old_notetype_id=basic["id"], new_notetype_id=wanted["id"])
    request = info.input
    request.note_ids.extend(found)
    anki.collection.models.change_notetype_of_notes(request)
    time.sleep(1.1)
    assert deckgen("build", project, "--refresh", "").code == 0
    assert anki.import_package(project / "terms.apkg") == {"updated": 4}
    note = anki.note(STRANGE)
    assert (note["Front"], note["ID"]) == ("Latency", search_id(STRANGE))
    assert note.id == first.id
    after = anki.cards(STRANGE)
    assert [(c.id, c.reps, c.ivl, c.due, c.type, c.queue) for c in after] == [
        (studied.id, studied.reps, studied.ivl, studied.due, studied.type, studied.queue)
    ]

    (project / "notes" / "a.md").write_text(source({k: v for k, v in TERMS.items() if k != "Latency"}))
    (search_retired,) = deckgen("build", project, "--json").json["searches"]["retired"]
    assert search_retired == f'"ID:re:^({search_id(STRANGE)})$"'
    assert list(anki.collection.find_notes(search_retired)) == [first.id]


def test_notes_of_a_note_type_are_found_by_its_name(project: Path, anki: Anki, tmp_path: Path) -> None:
    """Where the notes of a deck are all meant, no list of numbers is needed; decks below it are not meant."""
    for term in ("Latency", "Throughput"):
        add(anki, term, TERMS[term], deck="Mine::a *b*")
    add(anki, "Latency of another kind", "of another subject", deck="Mine::a *b*::c")
    shown = adopted(export(anki, tmp_path / "mine.apkg"), project)
    (search,) = re.findall(r'^ +("note:.*)$', shown.out, re.MULTILINE)
    found = anki.collection.find_notes(search)
    assert sorted(anki.collection.get_note(number)["Front"] for number in found) == ["Latency", "Throughput"]
    assert "nid:" not in shown.out


def test_a_deck_with_the_right_note_type_is_updated_at_once(project: Path, anki: Anki, tmp_path: Path) -> None:
    """The note type was changed in Anki first, as any package of deckgen brings it; then the deck was exported."""
    other = write_files(tmp_path / "other", {"a.md": "Word\n: its meaning in a sentence\n"})
    deckgen("build", other)
    anki.import_package(other / "other.apkg")
    col = anki.collection
    note = col.new_note(col.models.by_name("deckgen Basic"))
    note["Front"], note["Back"], note.tags = "Latency", "the time from request to answer", ["own"]
    col.add_note(note, col.decks.id("Mine"))
    shown = adopted(export(anki, tmp_path / "mine.apkg"), project)
    assert "cannot be carried over" not in shown.out
    assert "The next build and import give 1 note the wording and the tags of the notes." in shown.out
    assert "own" in shown.out.partition("Tags that go with it")[2]
    time.sleep(1.1)
    deckgen("build", project)
    assert anki.import_package(project / "terms.apkg") == {"new": 3, "updated": 1}
    assert anki.note(note.guid)["Back"] == TERMS["Latency"]


def test_nothing_is_written_without_a_yes(project: Path, anki: Anki, tmp_path: Path) -> None:
    add(anki, "Latency", "time between request and answer, the")
    file = export(anki, tmp_path / "mine.apkg")
    ended = deckgen("adopt", file, project)
    assert ended.code == 1
    assert "nothing is written" in ended.out
    assert not (project / "deck.lock").exists()
    shown = deckgen("adopt", file, project, "--json")
    assert (shown.code, shown.json["written"]) == (1, False)
    (pair,) = shown.json["pairs"]
    assert pair["anki"] == {"question": "Latency", "answer": "time between request and answer, the"}
    assert pair["source"] == {"path": "notes/a.md", "line": 1}
    assert pair["next_build"] == "updated"
    assert adopted(file, project, "--json").json["written"] is True


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
@pytest.mark.parametrize(("answer", "is_written"), [("y", True), ("", False), ("n", False)])
def test_on_a_terminal_it_asks(project: Path, anki: Anki, tmp_path: Path, answer: str, is_written: bool) -> None:
    import os
    import pty

    add(anki, "Latency", "the time from a request to its answer")
    file = export(anki, tmp_path / "mine.apkg")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "deckgen", "adopt", str(file), str(project)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT)
    os.close(theirs)
    os.write(ours, answer.encode() + b"\n")
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # the terminal is gone with the process
        pass
    os.close(ours)
    assert process.wait() == (0 if is_written else 1), shown
    assert b"[y/N]" in shown
    assert (project / "deck.lock").exists() is is_written


def test_a_lock_that_stands_is_never_overruled(project: Path, anki: Anki, tmp_path: Path) -> None:
    deckgen("build", project)
    before = (project / "deck.lock").read_bytes()
    add(anki, "Latency", TERMS["Latency"])
    ended = deckgen("adopt", export(anki, tmp_path / "mine.apkg"), project, "--yes")
    assert ended.code == 1
    assert "nothing to take over" in ended.out
    assert (project / "deck.lock").read_bytes() == before


def test_one_deck_after_another(project: Path, anki: Anki, tmp_path: Path) -> None:
    add(anki, "Latency", TERMS["Latency"], guid="first")
    one = export(anki, tmp_path / "one.apkg")
    add(anki, "Throughput", TERMS["Throughput"], guid="second")
    two = export(anki, tmp_path / "two.apkg")
    adopted(one, project)
    assert "the lock knows the GUID already" in adopted(two, project).out
    found = guids(project)
    assert (found["Latency"], found["Throughput"]) == ("first", "second")
    assert deckgen("build", project, "--json").json["changes"]["retired"] == 0


def test_what_could_be_two_notes_is_left_to_the_author(project: Path, anki: Anki, tmp_path: Path) -> None:
    add(anki, "Latency", TERMS["Latency"], deck="One")
    add(anki, "Latency", TERMS["Latency"], deck="Two")
    ended = deckgen("adopt", export(anki, tmp_path / "mine.apkg"), project, "--yes")
    assert ended.code == 1
    assert "could be one of several in Anki" in ended.out
    assert "One: Latency" in ended.out


def test_a_guid_of_two_notes_or_of_none_is_no_identity(project: Path, anki: Anki, tmp_path: Path) -> None:
    file = tmp_path / "mine.apkg"
    add(anki, "Latency", TERMS["Latency"], guid="twice")
    add(anki, "Throughput", TERMS["Throughput"], guid="twice")
    ended = deckgen("adopt", export(anki, file), project, "--yes")
    assert "nothing to take over" in ended.out


def test_note_ids_leave_room_for_cards(project: Path, anki: Anki, tmp_path: Path) -> None:
    """Anki's own note ids are milliseconds apart; the card ids of two such notes would be the same."""
    for term, meaning in TERMS.items():
        add(anki, term, meaning)
    adopted(export(anki, tmp_path / "mine.apkg"), project)
    ids = [line["id"] for line in lines(project).values()]
    assert len(set(ids)) == 4
    assert not any(note % 1000 for note in ids)


# ---- which two are one


def face(question: str, *answers: str, guid: str = "", is_cloze: bool = False) -> NoteText:
    return NoteText(question, answers, is_cloze, guid)


def paired(ours: list[NoteText], theirs: list[NoteText]) -> dict[int, tuple[int, str]]:
    return {our: (found.other, found.reason) for our, found in match_notes(ours, theirs).pairs.items()}


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        (face("Latency", "a wait"), face("Latency", "a wait"), "same"),
        (face("Latency", "a wait"), face("Latency", "noun", "a wait"), "same"),
        (face("Latency"), face("Latency"), "same"),
        (face("What is a poison pill", "a message"), face("What is a poison pill", "something bad"), "question"),
        (face("Usage", "press the red button"), face("Usage", "press the red button twice"), "question"),
        (face("Usage", "press the red button"), face("Usage", "ask at the desk"), None),
        (face("Latency", "a wait"), face("Latency", "a wait", is_cloze=True), None),
        (
            face("What is the capital of Peru", "Lima, on the coast"),
            face("Which is the capital of Peru", "Lima, on the coast"),
            None,  # `What` and `Which` are Latin words that differ: not sure
        ),
        (face("秘鲁的首都是哪座城市", "利马，在海边"), face("秘鲁的首都是哪个城市", "利马，在海边"), "reworded"),
        (face("DLSS 3的本质是什么", "插帧技术"), face("DLSS 3.5的本质是什么", "插帧技术"), None),
        (face("理光杯在哪一年创办", "创办于2000年的北京"), face("理光杯是哪一年创办", "创办于2001年的北京"), None),
    ],
)
def test_pairs(ours: NoteText, theirs: NoteText, reason: str | None) -> None:
    assert paired([ours], [theirs]) == ({0: (0, reason)} if reason else {})


def test_siblings_are_not_taken_for_one_another() -> None:
    ours = [face(f"第{n}届比赛的冠军是谁", f"第{n}届的冠军") for n in "一二三"]
    assert paired(ours, [face("第四届比赛的冠军是谁", "第四届的冠军")]) == {}
    theirs = [ours[2], ours[0], ours[1]]
    assert paired(ours, theirs) == {0: (1, "same"), 1: (2, "same"), 2: (0, "same")}


def test_of_equal_notes_that_deckgen_made_each_finds_its_own() -> None:
    ours = [face("Usage", "press", guid="a"), face("Usage", "press", guid="b")]
    assert paired(ours, [face("Usage", "press", guid="b"), face("Usage", "press", guid="a")]) == {
        0: (1, "same"),
        1: (0, "same"),
    }
    assert paired(ours, [face("Usage", "press"), face("Usage", "press")]) == {}


# ---- files that are none


def packed(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_files_that_cannot_be_read(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("create table x (y)")
    connection.commit()
    connection.close()
    view = tmp_path / "view.sqlite"
    connection = sqlite3.connect(view)
    connection.execute("create table col (models, decks)")
    connection.execute("create view notes as select 1")
    connection.commit()
    connection.close()
    whole = (project / "deck.yaml").read_bytes()
    broken = {
        "nothing.apkg": None,
        "text.apkg": whole,
        "empty.apkg": b"",
        "cut.apkg": b"PK\x03\x04" + whole,
    }
    files = [packed(tmp_path / "none.apkg", {"x": b""}), packed(tmp_path / "bad.apkg", {"collection.anki2": whole})]
    files += [packed(tmp_path / "zstd.apkg", {"collection.anki21b": whole}), other, view, tmp_path]
    for name, content in broken.items():
        files.append(tmp_path / name)
        if content is not None:
            files[-1].write_bytes(content)
    for file in files:
        ended = deckgen("adopt", file, project, "--yes")
        assert ended.code == 2, file
        assert ended.kinds in (["unreadable-package"], ["package-needs-zstandard"]), (file, ended.err)
    assert not (project / "deck.lock").exists()


def test_zstandard_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    found, (problem,) = read_anki_notes(packed(tmp_path / "x.apkg", {"collection.anki21b": b"", "meta": b""}))
    assert found is None
    assert problem.kind == "package-needs-zstandard"
    assert "Support older Anki versions" in problem.hint


def test_a_package_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckgen.package.unpacking.UNPACKED_LIMIT", 1000)
    _, (problem,) = read_anki_notes(packed(tmp_path / "x.apkg", {"collection.anki2": b"x" * 2000}))
    assert problem.kind == "package-too-large"


@pytest.mark.skipif(sys.platform == "win32", reason="advisory locks")
def test_a_collection_that_anki_has_open(tmp_path: Path) -> None:
    program = (
        "import sys; from anki.collection import Collection\n"
        f"c = Collection({str(tmp_path / 'collection.anki2')!r}); print('open', flush=True)\n"
        "sys.stdin.readline(); c.close()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    before = sorted(path.name for path in tmp_path.iterdir())
    _, (problem,) = read_anki_notes(tmp_path / "collection.anki2")
    assert problem.kind == "collection-in-use"
    assert problem.hint == "close Anki, then try again"
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    process.communicate(b"\n")
    found, problems = read_anki_notes(tmp_path / "collection.anki2")
    assert found is not None
    assert (found.notes, problems) == ((), [])
    (tmp_path / "collection.anki2-wal").write_bytes(b"left")
    _, (problem,) = read_anki_notes(tmp_path / "collection.anki2")
    assert "did not end properly" in problem.hint


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("a<br>b", "a b"),
        ("<div>a</div><div>b&nbsp;&amp; c</div>", "a b & c"),
        ("{{c1::Lima::city}} lies in {{c2::Peru}}", "Lima lies in Peru"),
        ("<style>x{}</style>a[sound:x.mp3]<!-- no --><img src='x.png'>", "a"),
        (r"\(a &lt; b\)", r"\(a < b\)"),
    ],
)
def test_fields_as_read(field: str, shown: str) -> None:
    assert shown_text(field) == shown


@pytest.mark.parametrize("guid", [STRANGE, "a b", "中文", "", "X" * 300, "Abc"])
def test_what_stands_for_a_guid_fits_every_search(guid: str) -> None:
    assert re.fullmatch("[a-z0-9]{16}", search_id(guid))
    assert search_id(search_id(guid)) == search_id(guid)


def test_a_suggestion_that_is_in_anki_is_taken_over(tmp_path: Path) -> None:
    rules = "rules:\n- {id: t, on: definition, confidence: LEVEL, fields: {Front: '{term}', Back: '{definition}'}}\n"
    folder = write_files(
        tmp_path / "p",
        {
            "deck.yaml": "deck: D\nid: d\nrules: [./r.yaml]\n",
            "r.yaml": rules.replace("LEVEL", "likely"),
            "a.md": "Fetch\n: how far the wind has blown\n",
        },
    )
    assert deckgen("build", folder).code == 0
    (folder / "deck.lock").unlink()
    write_files(
        folder,
        {
            "r.yaml": rules.replace("LEVEL", "maybe"),
            "a.md": "Fetch\n: how far the wind has blown\n\nSwash\n: water on a beach\n",
        },
    )
    ended = adopted(folder / "p.apkg", folder)
    assert "Swash" not in ended.out  # which is a suggestion, and not in Anki
    assert "1 unchanged" in deckgen("build", folder).out
