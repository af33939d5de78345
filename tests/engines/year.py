"""A year of edits over the demo decks: each moment's packages, and what every note in them has to be to a learner.

The author adds one file of their own to a deck and edits that to the letter. In the decks' own files notes are picked
by their shape, so that the decks may be rewritten freely.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deckgen.build.options import Options
from deckgen.build.pipeline import build_project, open_and_run
from deckgen.build.view import Build
from deckgen.build.workers import Compiler
from deckgen.model import RenderedNote
from deckgen.project.project import Request
from deckgen.rendering.baseline import fields_with_baseline

ROOT = Path(__file__).parent.parent.parent
DECKS = ("dlss", "go-tournaments", "multi-task-learning")
START = 1_735_000_000
"""Of the year: after any second that a first build gives a note (2010 to 2024)."""
MONTH = 27 * 86_400

RULES = """rules:
  - id: port
    on: list_item
    match: '{port}接口 ↔ {use}'
    fields: {Front: '{port}接口', Back: '{use}'}
"""
PORTS = """# 显示接口

HDMI的全称是High-Definition Multimedia Interface。

DP的全称是DisplayPort。

VESA的全称是Video Electronics Standards Association。

HDR的全称是High Dynamic Range。

- VGA接口 ↔ 只传模拟画面
- DVI接口 ↔ 以数字画面为主
- HDMI 1.4接口 ↔ 最多每秒30帧的4K画面
- HDMI 2.0接口 ↔ 最多每秒60帧的4K画面

## 为什么可变刷新率能消除画面撕裂？

因为显示器等显卡把一整帧画完才更新，画面里不会再有两帧各占一半。
"""


@dataclass(frozen=True)
class Content:
    """One note as a package has it."""

    fields: tuple[str, ...]
    tags: tuple[str, ...]
    mod: int
    cards: int


@dataclass(frozen=True)
class Moment:
    """One build and what became of every note since the one before. GUIDs."""

    name: str
    at: int
    packages: tuple[Path, ...]
    notes: dict[str, Content]  # of all packages
    new: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    more_cards: frozenset[str] = frozenset()  # of the updated notes


@dataclass
class Author:
    """The deck projects in a folder, and what the author knows of their notes."""

    folder: Path
    built: dict[str, Build] = field(default_factory=dict)

    def build(self, deck: str, now: int) -> None:
        request = Request((self.folder / deck,), self.package(deck, now))
        view, diagnostics = open_and_run(request, now)
        assert view is not None, diagnostics
        assert not build_project(request, now, Options(), Compiler()).failures
        self.built[deck] = view

    def package(self, deck: str, now: int) -> Path:
        return self.folder / f"{deck}-{now}.apkg"

    def guid(self, question: str) -> str:
        """The GUID of the only note that asks this now."""
        (found,) = (
            r.note.guid for made in self.built.values() for r in made.notes if r.note.draft.fields[0][1] == question
        )
        return found

    def notes_of(self, deck: str, rule: str = "") -> list[RenderedNote]:
        return [r for r in self.built[deck].notes if r.note.draft.rule.endswith(rule)]

    def file(self, path: str) -> Path:
        return self.folder / path

    def replace(self, path: str, old: str, new: str) -> None:
        """Put `new` where `old` stands, which must be one place."""
        text = self.file(path).read_text("utf-8")
        assert text.count(old) == 1, (path, old)
        self.file(path).write_text(text.replace(old, new), "utf-8")


MY_FILE = "dlss/notes/90-ports.md"
HDMI, VRR = "HDMI的全称是什么？", "为什么可变刷新率能消除画面撕裂？"


@dataclass(frozen=True)
class Edited:
    """What an edit must do; every note that is not named here must stay as it is."""

    decks: tuple[str, ...] = ("dlss",)
    updated: tuple[str, ...] = ()  # GUIDs
    new: tuple[str, ...] = ()  # questions
    more_cards: bool = False  # of the updated notes


def nothing(author: Author) -> Edited:
    return Edited(DECKS)


def answer_edited(author: Author) -> Edited:
    author.replace(MY_FILE, "High-Definition Multimedia", "High Definition Multimedia")
    return Edited(updated=(author.guid(HDMI),))


def answer_of_a_demo_deck_edited(author: Author) -> Edited:
    note = pick(author, "multi-task-learning", "stands-for")
    answer = note.note.draft.answer
    author.replace(f"multi-task-learning/{note.note.draft.origin.span.path}", answer, answer + " Method")
    return Edited(("multi-task-learning",), (note.note.guid,))


def question_reworded(author: Author) -> Edited:
    guid = author.guid(VRR)
    author.replace(MY_FILE, VRR, "为什么说可变刷新率可以消除画面撕裂？")
    return Edited(updated=(guid,))


def sentence_moved_to_another_file(author: Author) -> Edited:
    sentence = "VESA的全称是Video Electronics Standards Association。\n"
    author.replace(MY_FILE, sentence, "")
    # Not into a file of the deck: the tags in its front matter would be another content.
    author.file("dlss/notes/91-bodies.md").write_text(f"# 其他\n\n{sentence}", "utf-8")
    return Edited()


def files_renamed(author: Author) -> Edited:
    for deck in DECKS:
        for number, path in enumerate(sorted(author.file(f"{deck}/notes").glob("*.md"))):
            if path != author.file(MY_FILE):
                path.rename(path.with_name(f"{number + 40}-renamed-{path.name}"))
    return Edited(DECKS)


def headings_renamed(author: Author) -> Edited:
    author.replace(MY_FILE, "# 显示接口", "# 屏幕上的插口")
    for path in author.file("go-tournaments/notes").glob("*.md"):
        text = path.read_text("utf-8")
        # Headings that ask or name nothing themselves: those directly above another heading or a paragraph of facts.
        fronts = {r.note.draft.origin.text.splitlines()[0] for r in author.notes_of("go-tournaments")}
        used = {line for line in fronts if line.startswith("#")}
        lines = [f"{line}其他" if is_heading(line) and line not in used else line for line in text.splitlines()]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return Edited(("dlss", "go-tournaments"))


def is_heading(line: str) -> bool:
    return re.match(r"##+ [^？?]+$", line) is not None


def one_inserted_before(author: Author) -> Edited:
    author.replace(MY_FILE, "HDMI的全称", "USB的全称是Universal Serial Bus。\n\nHDMI的全称")
    author.replace(MY_FILE, "- VGA", "- HDMI 1.2接口 ↔ 没有4K画面\n- VGA")
    author.file("multi-task-learning/notes/00-first.md").write_text(
        "# First\n\nMLP stands for Multilayer Perceptron.\n", "utf-8"
    )
    return Edited(
        ("dlss", "multi-task-learning"),
        new=("USB的全称是什么？", "HDMI 1.2接口", "What does MLP stand for?"),
    )


def some_deleted(author: Author) -> Edited:
    author.replace(MY_FILE, "HDR的全称是High Dynamic Range。\n", "")
    author.replace(MY_FILE, "- HDMI 1.4接口 ↔ 最多每秒30帧的4K画面\n", "")
    path = max(author.file("multi-task-learning/notes").glob("*.md"))
    path.rename(path.with_suffix(".md.away"))
    return Edited(("dlss", "multi-task-learning"))


def all_restored(author: Author) -> Edited:
    author.replace(MY_FILE, "- HDMI 2.0", "- HDMI 1.4接口 ↔ 最多每秒30帧的4K画面\n- HDMI 2.0")
    author.replace(MY_FILE, "- HDMI 1.2", "HDR的全称是High Dynamic Range。\n\n- HDMI 1.2")
    (path,) = author.file("multi-task-learning/notes").glob("*.away")
    path.rename(path.with_suffix(""))
    return Edited(("dlss", "multi-task-learning"))


def two_swapped(author: Author) -> Edited:
    one, two = "- HDMI 1.4接口 ↔ 最多每秒30帧的4K画面\n", "- HDMI 2.0接口 ↔ 最多每秒60帧的4K画面\n"
    author.replace(MY_FILE, one + two, two + one)
    return Edited()


def answers_of_two_swapped(author: Author) -> Edited:
    author.replace(MY_FILE, "只传模拟画面", "⇄")
    author.replace(MY_FILE, "以数字画面为主", "只传模拟画面")
    author.replace(MY_FILE, "⇄", "以数字画面为主")
    return Edited(updated=(author.guid("VGA接口"), author.guid("DVI接口")))


def template_reworded(author: Author) -> Edited:
    author.replace("dlss/rules/ports.yaml", "Front: '{port}接口'", "Front: '{port}接口能传什么？'")
    return Edited(updated=tuple(r.note.guid for r in author.notes_of("dlss", "/port")))


def reverse_switched_on(author: Author) -> Edited:
    author.replace("dlss/rules/ports.yaml", "on: list_item", "on: list_item\n    note: Reversed")
    return Edited(updated=tuple(r.note.guid for r in author.notes_of("dlss", "/port")), more_cards=True)


def deck_renamed(author: Author) -> Edited:
    path = author.file("go-tournaments/deck.yaml")
    path.write_text(re.sub(r"(?m)^deck: .*$", "deck: 棋::大赛", path.read_text("utf-8")), "utf-8")
    return Edited(("go-tournaments",))


def picture_changed(author: Author) -> Edited:
    decks, updated = [], []
    for deck in DECKS:
        with_pictures = [r for r in author.notes_of(deck) if r.media]
        for path in {file.path for r in with_pictures for file in r.media}:
            picture = author.file(f"{deck}/{path}")
            picture.write_bytes(picture.read_bytes() + b"<!-- drawn again -->\n")
        decks.extend([deck] if with_pictures else [])
        updated.extend(r.note.guid for r in with_pictures)
    assert updated, "no demo note has a picture"
    return Edited(tuple(decks), tuple(updated))


def wording_undone(author: Author) -> Edited:
    guid = author.guid("为什么说可变刷新率可以消除画面撕裂？")
    author.replace(MY_FILE, "为什么说可变刷新率可以消除画面撕裂？", VRR)
    return Edited(updated=(guid,))


EDITS: tuple[Callable[[Author], Edited], ...] = (
    answer_edited,
    question_reworded,
    sentence_moved_to_another_file,
    files_renamed,
    headings_renamed,
    one_inserted_before,
    some_deleted,
    answer_of_a_demo_deck_edited,
    all_restored,
    two_swapped,
    answers_of_two_swapped,
    template_reworded,
    reverse_switched_on,
    deck_renamed,
    picture_changed,
    wording_undone,
    nothing,
)


def pick(author: Author, deck: str, rule: str) -> RenderedNote:
    """A note of a rule whose answer stands in one place only, so that an edit there is an edit of this note alone."""
    text = "\n".join(path.read_text("utf-8") for path in author.file(f"{deck}/notes").glob("*.md"))
    return next(
        r
        for r in author.notes_of(deck, rule)
        if text.count(r.note.draft.answer) == 1 and "\n" not in r.note.draft.answer
    )


def live_through(folder: Path) -> Iterator[Moment]:
    """Build, edit, build …: the moments of the year, in a folder."""
    for deck in DECKS:
        shutil.copytree(ROOT / "decks" / deck, folder / deck)
        (folder / deck / "deck.lock").unlink(missing_ok=True)  # its times may be later than this year
    author = Author(folder)
    config = author.file("dlss/deck.yaml")
    named = config.read_text("utf-8").replace("rules: [", "rules: [./rules/ports.yaml, ")
    assert "ports.yaml" in named
    config.write_text(named, "utf-8")
    author.file("dlss/rules").mkdir()
    author.file("dlss/rules/ports.yaml").write_text(RULES, "utf-8")
    author.file(MY_FILE).write_text(PORTS, "utf-8")

    now = START
    for deck in DECKS:
        author.build(deck, now)
    packages = {deck: author.package(deck, now) for deck in DECKS}
    notes = contents(author)
    yield Moment("first build", now, tuple(packages.values()), notes, new=frozenset(notes))

    ever = set(notes)
    for edit in EDITS:
        now += MONTH
        edited = edit(author)
        for deck in edited.decks:
            author.build(deck, now)
            packages[deck] = author.package(deck, now)
        notes = contents(author)
        new = frozenset(map(author.guid, edited.new))
        assert frozenset(notes) - ever == new, (edit.__name__, "these are new, and no others")
        ever |= new
        updated = frozenset(edited.updated)
        yield Moment(
            edit.__name__,
            now,
            tuple(packages.values()),
            notes,
            new,
            updated,
            updated if edited.more_cards else frozenset(),
        )


def contents(author: Author) -> dict[str, Content]:
    """All notes of all packages, by GUID."""
    found: dict[str, Content] = {}
    for made in author.built.values():
        for r in made.notes:
            assert r.note.guid not in found
            fields = fields_with_baseline(r, made.rendering.note_type(r.note.draft.note_type))
            found[r.note.guid] = Content(fields, tuple(sorted(set(r.note.draft.tags))), r.note.mod, len(r.cards))
    return found
