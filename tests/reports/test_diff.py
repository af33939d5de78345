"""`deckgen diff`: what a build would change, against the lock, a revision of git, and a package."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files
from markdown_it import MarkdownIt

from deckgen.build.owned_folder import FOLDER
from deckgen.reports.columns import columns
from deckgen.reports.diff import REASONS, Diff, FieldChange, NearPair, NoteChange
from deckgen.reports.diff_markdown import markdown_lines
from deckgen.reports.diff_text import Paint, around_the_change, text_lines

pytestmark = pytest.mark.usefixtures("plain_environment")

ROOT = Path(__file__).parents[2]
RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: 'What is {term}?', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nsources: ['notes/*.md']\nrules: [./rules.yaml]\n"
ONE = "# Speed\n\nLatency\n: the **time** from a request to its answer\n\n延迟抖动\n: 延迟在一段时间里的变化幅度\n"
TWO = "Bandwidth\n: what a line can carry in a second\n\nLoss\n: how many packets never arrive\n"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = write_files(
        tmp_path / "terms", {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes/a.md": ONE, "notes/b.md": TWO}
    )
    assert deckgen("build", root).code == 0
    return root


def edit(project: Path, name: str, old: str, new: str) -> None:
    path = project / "notes" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def difference(*arguments: object) -> dict[str, Any]:
    ended = deckgen("diff", *arguments, "--json")
    assert ended.code == 0, ended.err
    found: dict[str, Any] = ended.json
    return found


def shown(*arguments: object) -> Ended:
    ended = deckgen("diff", *arguments)
    assert ended.code == 0, ended.err
    return ended


def changes(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["change"], one["question"]) for one in found["changes"]]


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_nothing_changes(project: Path) -> None:
    def files() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in project.rglob("*") if p.is_file() and FOLDER not in p.parts}

    before = files()
    assert shown(project).out == "against deck.lock: no change, 4 unchanged\n"
    assert files() == before


def test_a_first_build_is_all_new(tmp_path: Path) -> None:
    root = write_files(tmp_path / "n", {"a.md": ONE})
    found = difference(root)
    assert found["counts"]["new"] == 2
    assert not (root / "deck.lock").exists()


def test_every_sort_of_change(project: Path) -> None:
    edit(project, "a.md", "from a request to its answer", "that a request waits")
    edit(project, "b.md", "Loss\n: how many packets never arrive\n", "Jitter\n: 延迟变化的大小，越小越好\n")
    found = difference(project)
    assert changes(found) == [
        ("new", "What is Jitter?"),
        ("updated", "What is Latency?"),
        ("retired", "Loss"),
    ]
    assert found["counts"] == {"new": 1, "updated": 1, "restored": 0, "moved": 0, "retired": 1, "unchanged": 2}
    new, updated, retired = found["changes"]
    assert updated["fields"] == {
        "answer": {"old": "the time from a request to its answer", "new": "the time that a request waits"}
    }
    assert updated["reason"] == "same question"
    assert updated["source"] == {"path": "notes/a.md", "line": 3}
    assert (new["source"], new["rule"]) == ({"path": "notes/b.md", "line": 4}, "rules/term")
    assert (retired["reason"], retired["answer"]) == ("gone", "how many packets never arrive")
    assert deckgen("build", project, "--json").json["changes"] == found["counts"]
    edit(project, "b.md", "Jitter\n", "Loss\n: how many packets never arrive\n\nJitter\n")
    assert changes(difference(project)) == [("restored", "What is Loss?")]


def test_a_note_that_moves(project: Path) -> None:
    (project / "deck.yaml").write_text(CONFIG.replace("deck: Terms", "deck: Words"))
    found = difference(project)
    assert found["counts"]["moved"] == 4
    assert {(one["deck"]["old"], one["deck"]["new"]) for one in found["changes"]} == {("Terms", "Words")}
    assert re.search(r"deck +Terms +│ Words", shown(project).out)
    edit(project, "a.md", "from a request to its answer", "that a request waits")
    counts = difference(project)["counts"]
    assert (counts["moved"], counts["updated"]) == (3, 1)


def test_a_change_that_the_lock_has_no_words_for(project: Path) -> None:
    (project / "rules.yaml").write_text(RULES.replace("What is {term}?", "Explain: {term}"))
    found = difference(project)
    assert found["counts"]["updated"] == 4
    assert all(one["fields"] == {} for one in found["changes"])
    assert "its template, its tags or a picture changed" in " ".join(shown(project).out.split())


def test_why_it_is_the_same_note(project: Path) -> None:
    """A reworded question says which pass of identity found it, in words."""
    edit(project, "a.md", "延迟抖动\n: 延迟在一段时间里的变化幅度", "延迟的抖动\n: 延迟在一段时间里的变化幅度")
    found = difference(project)
    (one,) = found["changes"]
    assert (one["change"], one["reason"]) == ("updated", "reworded")
    assert one["fields"]["question"] == {"old": "延迟抖动", "new": "延迟的抖动"}
    assert f"the same note: {REASONS['reworded']}" in " ".join(shown(project).out.split())


def test_what_was_nearly_paired_and_the_command_that_pairs_it(project: Path) -> None:
    edit(project, "b.md", "Loss\n: how many packets never arrive", "Packet loss\n: how many packets never arrive")
    found = difference(project)
    (near,) = found["near_misses"]
    assert near["old"]["question"] == "Loss"
    assert near["new"]["question"] == "What is Packet loss?"
    pair = f"{near['old']['guid']}={near['new']['guid']}"
    assert near["command"] == f"deckgen build {shlex.quote(str(project))} --same {pair}"
    text = shown(project).out
    assert near["command"] in text
    assert f"not paired: {near['reason']}" in text
    ended = deckgen(*shlex.split(near["command"])[1:])
    assert ended.code == 0
    assert difference(project)["counts"]["unchanged"] == 4


def test_paths_choose_what_is_shown(project: Path) -> None:
    edit(project, "a.md", "the **time**", "the *time*")
    edit(project, "a.md", "from a request", "of a request")
    edit(project, "b.md", "Loss\n: how many packets never arrive\n", "")
    assert changes(difference(project / "notes" / "b.md")) == [("retired", "Loss")]
    assert changes(difference(project / "notes" / "a.md")) == [("updated", "What is Latency?")]


# ---- revisions of git


@needs_git
def test_against_a_revision(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "first")
    edit(project, "a.md", "from a request to its answer", "that a request waits")
    edit(project, "b.md", "Loss\n: how many packets never arrive\n", "")
    deckgen("build", project)
    (project / "notes" / "c.md").write_text("Hop\n: one router to the next\n")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "second")
    assert changes(difference(project)) == [("new", "What is Hop?")]
    found = difference(project, "--against", "HEAD~1")
    assert found["against"] == "HEAD~1"
    assert changes(found) == [("new", "What is Hop?"), ("updated", "What is Latency?"), ("retired", "Loss")]
    assert found["changes"][1]["reason"] == "same question"
    assert found["changes"][1]["fields"]["answer"]["old"] == "the time from a request to its answer"


@needs_git
def test_what_was_said_by_hand_since_is_not_undone(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "first")
    edit(project, "b.md", "Loss\n: how many packets never arrive", "Packet loss\n: the share that gets lost")
    old = next(one["guid"] for one in difference(project)["changes"] if one["change"] == "retired")
    new = next(one["guid"] for one in difference(project)["changes"] if one["change"] == "new")
    assert deckgen("build", project, "--same", f"{old}={new}").code == 0
    (one,) = difference(project, "--against", "HEAD")["changes"]
    assert (one["change"], one["guid"], one["reason"]) == ("updated", old, "lock")


@needs_git
@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "", "HEAD:deck.lock", "a b\x00c"])
def test_a_revision_that_is_none(project: Path, revision: str) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "first")
    before = sorted(project.iterdir())
    ended = deckgen("diff", project, f"--against={revision}")
    assert (ended.code, ended.kinds) == (2, ["unknown-revision"])
    assert sorted(project.iterdir()) == before


@needs_git
def test_a_revision_without_a_lock_or_of_another_project(project: Path) -> None:
    git(project, "init", "--quiet")
    git(project, "add", "notes")
    git(project, "commit", "--quiet", "-m", "notes")
    ended = deckgen("diff", project, "--against", "HEAD")
    assert ended.kinds == ["unknown-revision"]
    assert "there was no" in ended.err
    lock = (project / "deck.lock").read_text()
    (project / "deck.lock").write_text(lock.replace('"project":"terms"', '"project":"other"'))
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "lock")
    (project / "deck.lock").write_text(lock)
    assert deckgen("diff", project, "--against", "HEAD").kinds == ["other-project"]


def test_without_git_there_are_no_revisions(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert deckgen("diff", project, "--against", "HEAD").kinds == ["unknown-revision"]


# ---- packages


def test_against_a_package(project: Path, tmp_path: Path) -> None:
    package = tmp_path / "old.apkg"
    (project / "terms.apkg").rename(package)
    (project / "deck.yaml").write_text(CONFIG + "tags: [networks]\n")
    edit(project, "a.md", "from a request to its answer", "that a request waits")
    edit(project, "b.md", "Loss\n: how many packets never arrive\n", "Hop\n: one router to the next\n")
    found = difference(project, "--against", package)
    by_question = {one["question"]: one for one in found["changes"]}
    assert by_question["What is Latency?"]["fields"] == {
        "Back": {"old": "the time from a request to its answer", "new": "the time that a request waits"},
        "tags": {"old": "", "new": "networks"},
    }
    assert by_question["What is Bandwidth?"]["fields"] == {"tags": {"old": "", "new": "networks"}}
    assert by_question["What is Hop?"]["change"] == "new"
    assert by_question["What is Loss?"]["change"] == "retired"
    assert found["counts"]["updated"] == 3
    deckgen("build", project)
    assert changes(difference(project, "--against", project / "terms.apkg")) == []


def test_a_field_that_changed_in_its_marks_only_is_shown_as_it_is(project: Path, tmp_path: Path) -> None:
    package = tmp_path / "old.apkg"
    (project / "terms.apkg").rename(package)
    edit(project, "a.md", "the **time**", "the *time*")
    (one,) = difference(project, "--against", package)["changes"]
    assert one["fields"]["Back"]["old"].startswith("the <strong>time</strong>")


def test_what_an_import_would_not_change_is_counted(project: Path, tmp_path: Path) -> None:
    """Edited in Anki: the note there is newer, and its source is what it was."""
    anki = pytest.importorskip("engine").Anki(tmp_path)
    anki.import_package(project / "terms.apkg")
    (note,) = (anki.collection.get_note(i) for i in anki.collection.find_notes("Front:*Latency*"))
    note["Back"] = "my own words"
    anki.collection.update_note(note)
    from anki.collection import ExportAnkiPackageOptions

    options = ExportAnkiPackageOptions(with_scheduling=False, legacy=True, with_media=True)
    anki.collection.export_anki_package(out_path=str(tmp_path / "x.apkg"), options=options, limit=None)
    anki.collection.close()
    found = difference(project, "--against", tmp_path / "x.apkg")
    assert (found["changes"], found["kept"]) == ([], 1)


def test_a_package_that_is_none(project: Path) -> None:
    assert deckgen("diff", project, "--against", project / "deck.yaml").kinds == ["unreadable-package"]
    assert deckgen("diff", project, "--against", "no.apkg").kinds == ["unreadable-package"]


# ---- as text


LONG = "从请求到答复的时间，" * 12 + "越短越好"


def change(**more: Any) -> NoteChange:
    said = {"guid": "g", "rule": "zh/facts/is", "path": "notes/很长的名字.md", "line": 12, "question": "延迟是什么？"}
    return NoteChange(**{"change": "updated", "answer": LONG, "deck": "A", **said, **more})


def test_text_fits_the_terminal_and_its_columns_line_up() -> None:
    fields = (FieldChange("answer", LONG, LONG.replace("越短", "越长")), FieldChange("question", "a b", "延迟 b"))
    near = NearPair(
        "o",
        "n",
        "延迟",
        LONG,
        LONG,
        "short",
        "another word, name or number stands in the question",
        "deckgen build --same o=n",
    )
    found = Diff("deck.lock", (change(change="new"), change(fields=fields, reason="reworded")), (near,), 3, 2)
    for width in (80, 61, 45):
        lines = list(text_lines(found, width, Paint()))
        assert all(columns(line) <= width for line in lines), width
        bars = {columns(line[: line.index("│")]) for line in lines if "│" in line}
        assert len(bars) == (1 if width >= 60 else 0)
    assert "│" not in "\n".join(lines)
    assert any(line.startswith("    - ") for line in lines)
    assert any(line.startswith("    + ") for line in lines)
    assert "越长" in "".join(lines)


def test_colour_only_where_it_is_seen(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(project, "a.md", "from a request", "of a \x1b[2Jrequest")
    assert "\x1b" not in shown(project).out
    found = Diff("deck.lock", (change(fields=(FieldChange("answer", "a", "b"),)),), (), 0)
    assert "\x1b[31ma\x1b[0m" in "\n".join(text_lines(found, 80, Paint(is_on=True)))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
@pytest.mark.parametrize("is_plain", [False, True])
def test_on_a_terminal_it_is_coloured_unless_told_otherwise(project: Path, is_plain: bool) -> None:
    import os
    import pty

    edit(project, "a.md", "from a request to its answer", "that a request waits")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1" if is_plain else ""}
    command = [sys.executable, "-m", "deckgen", "diff", str(project)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment)
    os.close(theirs)
    output = b""
    try:
        while chunk := os.read(ours, 4096):
            output += chunk
    except OSError:
        pass
    os.close(ours)
    assert process.wait() == 0
    assert (b"\x1b[32m" in output) is not is_plain


def test_a_long_text_is_shown_from_where_it_differs() -> None:
    old, new = around_the_change("x" * 500 + "a" + "y" * 100, "x" * 500 + "b" + "y" * 100)
    assert (len(old), old[0], old[61], new[61]) == (162, "…", "a", "b")
    assert around_the_change("a", "b") == ("a", "b")


# ---- as Markdown


NASTY = "a|b \\ `c` *d* _e_ [f](g) <script>h</script> &lt; ~~i~~ @someone #12 $x$ :tada: https://x.y www.x.y\nnext"


def test_markdown_shows_every_text_as_it_is() -> None:
    fields = (FieldChange("answer", NASTY, NASTY + "!"),)
    near = NearPair("o", "n", NASTY, NASTY, NASTY, NASTY, "alike", "deckgen build 'a```b' --same o=n")
    kinds = ("new", "updated", "restored", "moved", "retired")
    found = Diff(
        NASTY,
        tuple(change(change=kind, question=NASTY, answer=NASTY, fields=fields, old_deck=NASTY) for kind in kinds),
        (near,),
        1,
    )
    html = (
        MarkdownIt("commonmark", {"linkify": False})
        .enable(["table", "strikethrough"])
        .render("\n".join(markdown_lines(found)))
    )
    assert not re.findall(r"<(script|a|em|s|img)\b", html)
    assert html.count("<table>") == 7
    text = re.sub(r"<(?!/?code)[^>]*>", "\n", html.split("<pre>")[0])
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    flat = " ".join(NASTY.split())
    lines = [line.replace("\u2060", "") for line in text.splitlines()]
    assert sum(line.startswith(flat) for line in lines) > 15
    assert "@someone" not in html
    assert not re.search(r"#12|www\.x|https://", html.split("<pre>")[0].replace("https:", "", 0)) or "\u2060" in html
    assert "a```b" in html


def test_markdown_of_many_changes_is_cut() -> None:
    found = Diff("main", tuple(change(change="new", line=i + 1) for i in range(1000)), (), 0)
    text = "\n".join(markdown_lines(found))
    assert "and 900 more" in text
    assert len(text) < 60_000


def test_markdown_of_a_project(project: Path) -> None:
    edit(project, "a.md", "from a request to its answer", "that a request waits")
    lines = shown(project, "--format", "markdown").out.splitlines()
    assert "| 0 | 1 | 0 | 0 | 0 | 3 |" in lines
    assert "### 1 updated" in lines
    assert lines[-1].endswith("| answer | the time from a request to its answer | the time that a request waits |")
