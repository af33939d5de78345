"""A build of what changed is the build from the start: the same lock, package and words, and costs what changed."""

from __future__ import annotations

import itertools
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ended, deckgen, write_files
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_builds import counted, outcome, same_at_cost, same_without, together

from deckgen.build import file_stamps
from deckgen.build.owned_folder import FOLDER

RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
  - id: gap
    on: highlight
    marks: ['==answer==']
    note: Cloze
    cloze: [marked]
    fields: {Text: '{text}'}
"""
NOTES = {
    "deck.yaml": "deck: Terms\nid: terms\nrules: [./rules.yaml]\n",
    "rules.yaml": RULES,
    "a.md": "# Times\n\nLatency\n: the time from a request to its answer\n\nJitter\n: how much that **time** varies\n",
    "b.md": "# Ways\n\nHop\n: one router on the way\n\nRoute\n: all hops from one end to the other\n\n"
    "Loop\n: a route that comes back to where it was before\n\nA port is a ==number==.\n",
    "e.md": "Nothing yet.\n",
    "c/c.md": "Just words, and no fact.\n\nLoss\n: the share of packets that never arrive\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project at rest, whose files are known by their times."""
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    monkeypatch.delenv("CI", raising=False)
    folder = write_files(tmp_path / "p", NOTES)
    for _ in range(2):
        ended, _ = outcome(folder)
        assert ended.code == 0, ended.err
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760090000")
    return folder


def replacing(file: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(project: Path) -> None:
        text = (project / file).read_text()
        assert old in text
        (project / file).write_text(text.replace(old, new))

    return edit


def adding(file: str, text: str) -> Callable[[Path], None]:
    return lambda project: replacing(file, (project / file).read_text(), (project / file).read_text() + text)(project)


def moving(project: Path) -> None:
    replacing("a.md", "\nJitter\n: how much that **time** varies\n", "")(project)
    adding("b.md", "\nJitter\n: how much that **time** varies\n")(project)


def renaming(project: Path) -> None:
    (project / "a.md").rename(project / "c" / "times.md")


def more_sources(project: Path) -> None:
    write_files(
        project,
        {
            "a-b.md": "Bit\n: a yes or no\n\nByte\n: eight bits\n",
            "a0.md": "Word\n: some bytes\n",
            "d/d.md": "Packet\n: some words with an address\n",
            "z.md": "Frame\n: a packet on a wire\n",
        },
    )


CHANGES: dict[str, Callable[[Path], object]] = {
    "an answer": replacing("a.md", "its answer", "the answer to it"),
    "only marks": replacing("a.md", "**time**", "__time__"),
    "a cloze": replacing("b.md", "==number==", "==digit=="),
    "a note more": adding("a.md", "\nPort\n: a number beside the address\n"),
    "a note less": replacing("b.md", "Route\n: all hops from one end to the other\n\n", ""),
    "another order": replacing("b.md", "Hop\n: one router on the way\n\nRoute", "Route"),
    "a heading": replacing("b.md", "# Ways", "# The ways"),
    "a heading, and all that a note below it says": lambda project: (
        replacing("b.md", "# Ways", "# Roads")(project),
        replacing("b.md", "one router on the way", "a plant whose cones make beer bitter")(project),
    ),
    "words without a fact": replacing("c/c.md", "Just words", "Words"),
    "two sources": moving,
    "a source more": lambda project: write_files(project, {"b/new.md": "Bit\n: a yes or no\n"}) and None,
    "a last source more": lambda project: write_files(project, {"z.md": "Bit\n: a yes or no\n"}) and None,
    "sources more": more_sources,
    "a source less": lambda project: (project / "a.md").unlink(),
    "another name of a source": renaming,
    "the first note of a source": replacing("e.md", "Nothing yet.", "Bit\n: a yes or no"),
    "a file that is no source": lambda project: write_files(project, {"notes.txt": "no source"}) and None,
    "all notes of a source": lambda project: (project / "c/c.md").write_text("No fact.\n") and None,
    "a cloze reworded": replacing("b.md", "==number==", "==number== of sixteen bits"),
    "a question": replacing("b.md", "Loop\n", "A loop\n"),
    "the question of another source": adding("a.md", "\nHop\n: what a rabbit does\n"),
    "the note of another source": adding("a.md", "\nHop\n: one router on the way\n"),
    "the same note twice": adding("a.md", "\nJitter\n: how much that **time** varies\n"),
    "a picture": adding("a.md", "\nPlan\n: ![the plan](plan.png)\n"),
    "something to be told": adding("a.md", "\nTrap\n: a <script>alert(1)</script> trap\n"),
    "a source with a picture": lambda project: (
        write_files(project, {"d.md": "Plan\n: ![the plan](plan.png)\n"}) and None
    ),
    "a source with the question of another": lambda project: (
        write_files(project, {"d.md": "Hop\n: what a rabbit does\n"}) and None
    ),
    "a new deck": lambda project: (project / "deck.yaml").write_text(NOTES["deck.yaml"] + "subdecks: file\n"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_edit_costs_what_it_changes(project: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*.md")}
    CHANGES[name](project)
    after = {path: path.read_bytes() for path in project.rglob("*.md")}
    changed = {path.relative_to(project).as_posix() for path in after if after[path] != before.get(path)}
    same_without(project, "--dry-run")
    _, costs = same_at_cost(project)
    if name not in ("a new deck", "a cloze reworded"):  # a setting; a note that leaves although its text still stands
        assert set(costs.compiled) <= changed
        assert costs.decided <= 5
        assert costs.written <= sum(after[project / path].count(b"\n:") + 1 for path in changed) + 4
    _, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided, costs.written) == ([], 0, 0) or "picture" in name


def test_edits_again_and_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each build leaves what the next one needs, also to undo what it did."""
    names = ("an answer", "a note less", "a note more", "a heading", "two sources", "the question of another source")
    for moment, name in enumerate(names):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_760_100_000 + moment))
        CHANGES[name](project)
        _, costs = same_at_cost(project)
        assert len(costs.compiled) <= 2
    more_sources(project)
    same_without(project)
    (project / "d/d.md").unlink()
    same_without(project)
    (project / "a0.md").rename(project / "x.md")
    same_without(project)
    write_files(project, {name: NOTES[name] for name in ("a.md", "b.md")})
    _, costs = same_at_cost(project)
    assert sorted(costs.compiled) == ["a.md", "b.md"]


def test_in_a_copy_and_from_another_folder_nothing_is_done_again(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project, tmp_path / "elsewhere" / "p")
    with counted() as costs:
        assert "7 unchanged" in deckgen("build", ".", cwd=copy).out
        assert "7 unchanged" in deckgen("build", "p", cwd=copy.parent).out
        assert "7 unchanged" in deckgen("build", copy, cwd=tmp_path).out
    assert (costs.compiled, costs.decided, costs.written) == ([], 0, 0)
    CHANGES["a question"](copy)
    _, costs = same_at_cost(copy)
    assert costs.compiled == ["b.md"]


def test_a_pull_costs_what_it_brings(project: Path, tmp_path: Path) -> None:
    """Sources and lock come from another machine; what they have not changed is not looked at."""
    other = shutil.copytree(project, tmp_path / "other" / "p", ignore=shutil.ignore_patterns(FOLDER))
    CHANGES["an answer"](other)
    CHANGES["a source more"](other)
    assert deckgen("build", ".", cwd=other).code == 0
    for name in ("a.md", "b/new.md", "deck.lock"):
        (project / name).parent.mkdir(exist_ok=True)
        shutil.copy2(other / name, project / name)
    ended, costs = same_at_cost(project)
    assert sorted(costs.compiled) == ["a.md", "b/new.md"]
    assert "8 unchanged" in ended.out
    assert costs.written <= 3


def test_a_file_that_was_touched_is_read_and_no_more(project: Path) -> None:
    for path in project.rglob("*.md"):
        os.utime(path, (1, 1))
    _, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided, costs.written) == ([], 0, 0)


def test_after_a_build_of_all_notes_an_edit_is_no_more(project: Path) -> None:
    """A merge has all notes decided on together; the next build knows what came of it."""
    lock = project / "deck.lock"
    head, *lines = lock.read_text().splitlines(keepends=True)
    lock.write_text("".join([head, *reversed(lines)]))
    _, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided) == ([], 7)
    CHANGES["an answer"](project)
    _, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided, costs.written) == (["a.md"], 1, 2)
    assert "2 updated" in deckgen("build", ".", "--refresh", "a.md", cwd=project).out
    CHANGES["a question"](project)
    _, costs = same_at_cost(project)
    assert costs.compiled == ["b.md"]
    assert costs.written == 4


def test_where_a_clock_was_ahead_an_edit_costs_what_it_changes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A modified time in the future stays, and is reported with the note that changes."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    CHANGES["an answer"](project)
    assert deckgen("build", ".", cwd=project).code == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760100000")
    ended, costs = same_at_cost(project)
    assert (ended.err, costs.compiled, costs.decided, costs.written) == ("", [], 0, 0)
    CHANGES["a heading"](project)
    ended, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided) == (["b.md"], 0)
    assert "clock-ahead" not in ended.err
    replacing("a.md", "the answer to it", "what answers it")(project)
    ended, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided) == (["a.md"], 1)
    assert "warning[clock-ahead]: 1 note was modified in the future, 346 days from now at most" in ended.err
    ended, costs = same_at_cost(project)
    assert (ended.err, costs.compiled, costs.decided, costs.written) == ("", [], 0, 0)


def guids_of(project: Path) -> dict[str, str]:
    """By the questions of the notes."""
    notes = deckgen("list", ".", "--json", cwd=project).json
    return {note["fields"].get("Front", ""): note["guid"] for note in notes}


def test_what_a_pair_names_is_decided_on(project: Path) -> None:
    """Of `--same` and `--another` the two notes, and no others."""

    def guid_of(question: str) -> str:
        return guids_of(project)[question]

    old = guid_of("Route")
    replacing("b.md", "Route\n: all hops from one end to the other", "Way\n: where it all goes")(project)
    ended = deckgen("build", ".", "--dry-run", "--json", cwd=project)
    new = guid_of("Way")
    assert ended.json["changes"]["retired"] == 1
    ended, costs = same_at_cost(project, "--same", f"{old}={new}", "--json")
    assert ended.json["changes"]["retired"] == 0
    assert guid_of("Way") == old
    assert (costs.compiled, costs.decided) == ([], 1)
    ended, costs = same_at_cost(project, "--another", f"{old}={old}", "--json")
    assert ended.json["changes"]["retired"] == 1
    assert guid_of("Way") != old
    assert (costs.compiled, costs.decided) == ([], 1)
    hop, loop = guid_of("Hop"), guid_of("Loop")
    ended, costs = same_at_cost(project, "--same", f"{hop}={loop}", "--same", f"{loop}={hop}")
    assert (guid_of("Hop"), guid_of("Loop")) == (loop, hop)
    assert costs.decided == 3  # and the note that left


def test_a_pair_that_was_decided_on_is_no_more(project: Path) -> None:
    """Where deck.choices.yaml says of a note which one it is, these two are looked at once."""
    old = guids_of(project)["Route"]
    replacing("b.md", "Route\n: all hops from one end to the other", "Way\n: where it all goes")(project)
    new = guids_of(project)["Way"]
    (project / "deck.choices.yaml").write_text(f"- {{same: [{old}, {new}]}}\n")
    _, costs = same_at_cost(project)
    assert guids_of(project)["Way"] == old
    assert (costs.compiled, costs.decided) == ([], 1)
    (project / "deck.choices.yaml").write_text(f"- {{another: [{old}, {guids_of(project)['Hop']}]}}\n")
    _, costs = same_at_cost(project)
    assert costs.decided == 2
    CHANGES["an answer"](project)
    _, costs = same_at_cost(project)
    assert (costs.compiled, costs.decided) == (["a.md"], 1)


def test_pairs_that_make_way_for_each_other(project: Path) -> None:
    """The second one names a note by the GUID that the first one gives it: it is decided on by the next build."""
    guids = guids_of(project)
    replacing("b.md", "Route\n: all hops from one end to the other", "Way\n: where it all goes")(project)
    replacing("b.md", "Loop\n: a route that comes back to where it was before\n", "")(project)
    new = guids_of(project)["Way"]
    pairs = ((guids["Route"], new), (guids["Loop"], guids["Route"]))
    (project / "deck.choices.yaml").write_text("".join(f"- {{same: [{old}, {other}]}}\n" for old, other in pairs))
    for question in ("Route", "Loop", "Loop", "Loop"):
        _, costs = same_at_cost(project)
        live = [row for row in (project / "deck.lock").read_text().splitlines() if '"retired"' not in row]
        assert [guids[question] in row for row in live if '"question":"Way"' in row] == [True]
        assert costs.decided <= 2
    assert (costs.compiled, costs.decided) == ([], 0)


@pytest.mark.parametrize("pair", [("--same", "nothing=Hop"), ("--same", "Hop=Loop"), ("--another", "Hop=nothing")])
def test_a_pair_that_cannot_be(project: Path, pair: tuple[str, str]) -> None:
    """It is reported as where all notes are known, with the GUID that may have been meant."""
    guids = guids_of(project)
    option, named = pair
    ended, _ = same_at_cost(project, option, "=".join(guids.get(name, f"{name}1") for name in named.split("=")))
    assert ended.code == 2
    assert "error[same-" in ended.err


def test_a_source_with_many_notes_less(project: Path) -> None:
    """All of its notes are retired, which are few among all."""
    pairs = [
        (path, "".join(f"\n{path} {n}\n: number {n} of many\n" for n in range(count)))
        for path, count in (("many.md", 30), ("most.md", 200))
    ]
    write_files(project, dict(pairs))
    for _ in range(2):
        same_without(project)
    (project / "many.md").unlink()
    ended, costs = same_at_cost(project)
    assert "30 retired" in ended.out
    assert (costs.compiled, costs.decided, costs.written) == ([], 0, 0)
    (project / "most.md").unlink()
    assert "many-retired" in same_without(project).err


def test_the_pictures_of_other_notes_stay(project: Path) -> None:
    (project / "plan.png").write_bytes(b"\x89PNG plan")
    adding("c/c.md", "\nPlan\n: ![the plan](../plan.png)\n")(project)
    for _ in range(2):
        same_without(project)
    CHANGES["an answer"](project)
    _, costs = same_at_cost(project)
    assert costs.written == 2
    with zipfile.ZipFile(project / "p.apkg") as package:
        assert package.read("0") == b"\x89PNG plan"
    (project / "plan.png").write_bytes(b"\x89PNG another")
    CHANGES["a note less"](project)
    same_without(project)


def test_json_is_the_same(project: Path) -> None:
    CHANGES["a note less"](project)
    said = same_without(project, "--dry-run", "--json").json
    assert (said["changes"]["retired"], len(said["retired"]), said["notes"]) == (1, 1, 6)
    assert same_without(project, "--json").json["changes"]["retired"] == 1


def test_a_check_says_what_a_build_would(project: Path) -> None:
    CHANGES["an answer"](project)
    assert deckgen("build", project, "--check").code == 1


def test_a_line_of_a_learner_who_deleted_the_note(project: Path) -> None:
    lock = project / "deck.lock"
    lock.write_text(lock.read_text().replace('"mod":', '"declined":"2025-01-01","mod":', 1))
    outcome(project)
    CHANGES["an answer"](project)
    same_without(project)


@pytest.mark.parametrize("what", ["cut", "changed", "gone"])
def test_a_damaged_collection_is_not_used(project: Path, what: str) -> None:
    """The package is then made of all notes."""
    (kept,) = (project / FOLDER).glob("collection-*")
    data = bytearray(kept.read_bytes())
    if what == "changed":
        data[100_000] ^= 1
        kept.write_bytes(data)
    elif what == "cut":
        kept.write_bytes(data[:100_000])
    else:
        kept.unlink()
    CHANGES["an answer"](project)
    _, costs = same_at_cost(project)
    assert (costs.compiled, costs.written) == (["a.md"], 7)


def test_collections_that_nothing_knows_are_forgotten(project: Path) -> None:
    folder = project / FOLDER
    (folder / "collection-0123456789abcdef").write_bytes(b"of a folder of another name")
    CHANGES["an answer"](project)
    outcome(project)
    assert len(list(folder.glob("collection-*"))) == len(list(folder.glob("rest-*"))) == 1


def test_a_package_that_somebody_replaced(project: Path) -> None:
    (project / "p.apkg").write_bytes(b"PK")
    CHANGES["an answer"](project)
    same_without(project)


def test_a_lock_with_the_line_ends_of_windows(project: Path) -> None:
    lock = project / "deck.lock"
    lock.write_bytes(lock.read_bytes().replace(b"\n", b"\r\n"))
    same_without(project)
    CHANGES["an answer"](project)
    same_without(project)


# ---- stories

TERMS = ("Latency", "Jitter", "Hop", "Route", "Loop", "Port", "延迟", "抖动")
MEANINGS = ("the time from a request to its answer", "one router", "how much it varies", "a **number**", "一个数")
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("a.md", "b.md", "c/c.md", "c.md", "z/z.md")),
        st.none() | st.lists(st.tuples(st.sampled_from(TERMS), st.sampled_from(MEANINGS)), max_size=5),
        st.sampled_from(("# One", "# Two", "")),
    ),
    max_size=2,
)


@settings(max_examples=int(os.environ.get("CACHE_EXAMPLES", "12")))
@given(st.lists(EDITS, min_size=1, max_size=8))
def test_any_story(
    tmp_path_factory: pytest.TempPathFactory, story: list[list[tuple[str, list[tuple[str, str]] | None, str]]]
) -> None:
    """One copy of a project with what its builds kept, two always without: the long way, and one by one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(file_stamps, "SLACK", -(10**15))
        patched.delenv("CI", raising=False)
        root = tmp_path_factory.mktemp("story")
        projects = {name: write_files(root / name / "p", NOTES) for name in ("kept", "long", "again")}
        for moment, edits in enumerate([[], [], *itertools.chain.from_iterable((edits, []) for edits in story)]):
            patched.setenv("SOURCE_DATE_EPOCH", str(1_760_000_000 + moment * 1000))
            found: list[tuple[Ended, dict[str, bytes]]] = []
            for name, project in projects.items():
                for file, terms, title in edits:
                    if terms is None:
                        (project / file).unlink(missing_ok=True)
                        continue
                    (project / file).parent.mkdir(exist_ok=True)
                    text = "".join(f"\n{term}\n: {meaning}\n" for term, meaning in terms)
                    (project / file).write_text(f"{title}\n{text}\nwords {moment}\n")
                if name != "kept":
                    shutil.rmtree(project / FOLDER, ignore_errors=True)
                found.append((together if name == "long" else outcome)(project))
            assert found[0] == found[1] == found[2]


def test_without_notes_a_package_that_was_deleted_is_not_made_again(project: Path) -> None:
    write_files(project, {name: "Nothing any more.\n" for name in NOTES if name.endswith(".md")})
    (project / "p.apkg").unlink()
    ended, _ = outcome(project)
    assert ended.code == 0
    assert not (project / "p.apkg").exists()
