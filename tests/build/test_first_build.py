"""The first build, which holds no notes in memory, is the build that does: the same lock, package and words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import Ended, deckgen, write_files
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_builds import counted, outcome

from deckgen.build import file_stamps
from deckgen.build.options import Options

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
CONFIG = {"deck.yaml": "deck: Terms\nid: terms\nrules: [./rules.yaml]\n", "rules.yaml": RULES}
HOP = "Hop\n: one router on the way\n"
PROJECTS: dict[str, dict[str, str | bytes]] = {
    "plain": {
        **CONFIG,
        "a.md": f"# Ways\n\n{HOP}\nRoute\n: all hops\n\nA port is a ==number==.\n",
        "b/b.md": "No fact.\n",
    },
    "a note in two sources": {**CONFIG, "a-b/x.md": HOP, "a/x.md": f"# Ways\n\n{HOP}", "c.md": "Loop\n: a way back\n"},
    "a key with several answers": {
        **CONFIG,
        "a.md": f"{HOP}\nLoop\n: a way back\n",
        "b.md": f"Hop\n: what a rabbit does\n\n{HOP}\nHop\n: a plant for beer\n",
    },
    "pictures": {
        **CONFIG,
        "a.md": "Plan\n: ![the plan](plan.png)\n\nMap\n: ![the map](map.png)\n\nLoop\n: a way back\n",
        "plan.png": b"\x89PNG",
    },
    "a picture in two notes of one key, and in one of two sources": {
        **CONFIG,
        "a.md": "Plan\n: ![the plan](plan.png)\n\nPlan\n: a way ![the plan](plan.png)\n\nMap\n: ![it](plan.png)\n",
        "b.md": "Map\n: ![it](plan.png)\n",
        "plan.png": b"\x89PNG",
    },
    "raw HTML": {**CONFIG, "a.md": "Trap\n: a <script>alert(1)</script> trap\n\n" + HOP},
    "a note without a card": {**CONFIG, "a.md": f"<span></span>\n: nothing\n\n{HOP}"},
    "decks, tags and types of its own": {
        "deck.yaml": "deck: Terms\nid: terms\nrules: [./rules.yaml]\nsubdecks: file\ntags: [net]\ncss: '.card {color: red}'\n",
        "rules.yaml": RULES,
        "a.md": f"---\ntags: [one]\n---\n\n{HOP}",
        "b.md": "Route\n: all hops\n",
    },
    "no deck.yaml, two languages": {
        "en.md": "# Hop\n\nTCP stands for Transmission Control Protocol. It is a protocol of the internet.\n",
        "zh/a.md": "# 数列\n\n等差数列是指从第二项起每一项与前一项的差都等于同一个常数的数列。DLSS的全称是Deep Learning Super Sampling。\n",
    },
    "front matter that is broken": {**CONFIG, "a.md": f"---\na: [\n---\n\n{HOP}"},
}
ERRORS: dict[str, dict[str, str | bytes]] = {
    "a source that is no text": {**CONFIG, "a.md": HOP, "b.md": b"\xff\xfe\x00"},
    "a bad deck": {**CONFIG, "deck.yaml": "deck: 'A::::B'\nid: a\nrules: [./rules.yaml]\n", "a.md": HOP},
    "a bad rule": {**CONFIG, "rules.yaml": "rules: [{id: x}]\n", "a.md": HOP},
    "no notes": {**CONFIG, "a.md": "Nothing.\n"},
    "a package without a lock": {**CONFIG, "a.md": HOP, "p.apkg": b"PK"},
    "a clock that is behind": {**CONFIG, "a.md": HOP},
}


@pytest.fixture(autouse=True)
def _steady(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    monkeypatch.delenv("CI", raising=False)


def both_ways(folder: Path, files: dict[str, str | bytes], *arguments: str) -> Ended:
    """Build twice, and once more after an edit; the first time one by one, and the long way: nothing may differ."""
    found = []
    for name in ("one by one", "long"):
        project = write_files(folder / name / "p", files)
        with pytest.MonkeyPatch.context() as patched:
            if name == "long":
                patched.setattr(Options, "is_about_all", True)
            seen = [outcome(project, *arguments), outcome(project, *arguments)]
            (project / "new.md").write_text("Port\n: a number\n")
            found.append([*seen, outcome(project, *arguments)])
    assert found[0] == found[1]
    return found[0][0][0]


@pytest.mark.parametrize("name", PROJECTS)
def test_the_same_as_together(tmp_path: Path, name: str) -> None:
    ended = both_ways(tmp_path, PROJECTS[name])
    assert ended.code == 0, ended.err


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("processes", ["1", "3"])
def test_with_any_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, processes: str
) -> None:
    monkeypatch.setenv("DECKGEN_WORKERS", processes)
    both_ways(tmp_path, PROJECTS[name], "--json")


@pytest.mark.parametrize("name", ERRORS)
def test_together_tells_what_is_wrong(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "a clock that is behind":
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    both_ways(tmp_path, ERRORS[name])


def test_nothing_is_left_behind_when_together_is_needed(tmp_path: Path) -> None:
    project = write_files(tmp_path / "p", ERRORS["a bad deck"])
    assert deckgen("build", project).code == 2
    assert sorted(path.name for path in project.iterdir()) == ["a.md", "deck.yaml", "rules.yaml"]


def test_what_stood_in_the_cache_before_is_made_anew(tmp_path: Path) -> None:
    """A lock that was deleted, sources that changed and went meanwhile."""
    project = write_files(tmp_path / "p", PROJECTS["plain"])
    outcome(project)
    for name in ("deck.lock", "p.apkg", "b/b.md"):
        (project / name).unlink()
    (project / "a.md").write_text(HOP)
    expected = outcome(write_files(tmp_path / "q" / "p", {**CONFIG, "a.md": HOP}))
    (project / "b").rmdir()
    assert outcome(project) == expected


def test_the_next_builds_know_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again after it, and an edit is no more than that."""
    from deckgen.build import workers as making

    project = write_files(tmp_path / "p", PROJECTS["plain"])
    outcome(project)
    outcome(project)
    with monkeypatch.context() as patched:
        patched.setattr(making, "compile_source", None)
        assert "3 unchanged" in outcome(project)[0].out
    (project / "a.md").write_text(f"# Ways\n\n{HOP}\nRoute\n: all the hops\n\nA port is a ==number==.\n")
    with counted() as costs:
        assert "1 updated" in outcome(project)[0].out
    assert (costs.compiled, costs.decided) == (["a.md"], 1)


TERMS = ("Latency", "Jitter", "Hop", "Route", "延迟", "抖动")
MEANINGS = (
    "the time from a request to its answer",
    "one router",
    "a **number**",
    "一个数",
    "![it](r.png)",
    "a <b>b</b>",
)
SOURCES = st.dictionaries(
    st.sampled_from(("a.md", "a/a.md", "a-b/c.md", "z.md")),
    st.lists(st.tuples(st.sampled_from(TERMS), st.sampled_from(MEANINGS)), max_size=4),
    min_size=1,
)


@settings(max_examples=int(os.environ.get("CACHE_EXAMPLES", "12")))
@given(SOURCES)
def test_any_project(tmp_path_factory: pytest.TempPathFactory, sources: dict[str, list[tuple[str, str]]]) -> None:
    files: dict[str, str | bytes] = dict(CONFIG)
    for path, terms in sources.items():
        files[path] = "".join(f"\n{term}\n: {meaning}\n" for term, meaning in terms)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(file_stamps, "SLACK", -(10**15))
        patched.setenv("SOURCE_DATE_EPOCH", "1760000000")
        patched.delenv("CI", raising=False)
        both_ways(tmp_path_factory.mktemp("project"), files)


def test_a_folder_without_notes_gets_nothing(tmp_path: Path) -> None:
    assert deckgen("build", tmp_path).code == 2
    assert not list(tmp_path.iterdir())
