"""What an author does to a folder of notes, and what each build makes of each note: through the whole pipeline."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

CONFIG = "deck: Notes\nid: scenarios\nsources: ['notes/**/*.md']\nrules: [./rules.yaml]\n"
RULES = """rules:
  - id: means
    identity: rules/means
    on: sentence
    match: '{term}是指{what}'
    fields: {Front: '什么是{term}？', Back: '{what}'}
  - id: pair
    on: list_item
    match: '{a} <-> {b}'
    fields: {Front: '{a}', Back: '{b}'}
  - id: gap
    on: paragraph
    marks: ['==answer==']
    note: Cloze
    fields: {Text: '{text}'}
"""
CACHE = "缓存是指离处理器很近、又小又快的存储器。\n"
PAGE = "分页是指把内存切成大小一样的块来管理的办法。\n"
SWAP = "交换区是指硬盘上用来放暂时不用的内存的地方。\n"
ABOUT_CACHE, ABOUT_PAGE, ABOUT_SWAP = "什么是缓存？", "什么是分页？", "什么是交换区？"
THREE, THREE_HALF = "- DLSS 3 <-> 加入了光学多帧生成\n", "- DLSS 3.5 <-> 加入了光线重建\n"
ALL_KEPT = {ABOUT_CACHE: "unchanged", ABOUT_PAGE: "unchanged", ABOUT_SWAP: "unchanged"}

Files = dict[str, str | bytes]


def notes(*texts: str, name: str = "notes/a.md", head: str = "# 内存\n\n", **more: str) -> Files:
    """A folder with one file of paragraphs, and perhaps other files."""
    return {name: head + "\n".join(texts), **{f"notes/{stem}.md": text for stem, text in more.items()}}


@dataclass(frozen=True)
class Scenario:
    """Builds one after the other, each of a whole folder; what the last one makes of each note."""

    builds: list[Files]
    then: dict[str, str]  # the change of each live note, by its first field
    retired: list[str] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)  # first fields before and after of one note
    not_same: dict[str, str] = field(default_factory=dict)


BASE = notes(CACHE, PAGE, SWAP)

SCENARIOS = {
    "the answer is edited": Scenario(
        [BASE, notes(CACHE.replace("很近", "最近"), PAGE, SWAP)], {**ALL_KEPT, ABOUT_CACHE: "updated"}
    ),
    "the question is reworded": Scenario(
        [notes("- 什么是池化 <-> 降采样\n"), notes("- 池化的含义 <-> 降采样\n")],
        {"池化的含义": "updated"},
        same={"什么是池化": "池化的含义"},
    ),
    "question and answer are reworded": Scenario(
        [notes("- 为什么要池化 <-> 为了缩小特征图\n"), notes("- 要池化的原因 <-> 是为了缩小特征图，省下计算\n")],
        {"要池化的原因": "updated"},
        same={"为什么要池化": "要池化的原因"},
    ),
    "reordered": Scenario([BASE, notes(SWAP, CACHE, PAGE)], ALL_KEPT),
    "one inserted before": Scenario([notes(PAGE, SWAP), BASE], {**ALL_KEPT, ABOUT_CACHE: "new"}),
    "one deleted before": Scenario(
        [BASE, notes(PAGE, SWAP)], {ABOUT_PAGE: "unchanged", ABOUT_SWAP: "unchanged"}, [ABOUT_CACHE]
    ),
    "two swapped": Scenario([BASE, notes(PAGE, CACHE, SWAP)], ALL_KEPT),
    "two that differ in one number, one deleted": Scenario(
        [notes(THREE + THREE_HALF), notes(THREE_HALF)], {"DLSS 3.5": "unchanged"}, ["DLSS 3"]
    ),
    "DLSS 3 and DLSS 3.5 exchanged": Scenario(
        [notes(THREE), notes(THREE.replace("3 ", "3.5 "))], {"DLSS 3.5": "new"}, ["DLSS 3"]
    ),
    "a sibling in its place": Scenario(
        [
            notes("- 左心室的作用 <-> 收缩时把血液泵进与它相连的动脉\n"),
            notes("- 右心室的作用 <-> 收缩时把血液泵进与它相连的动脉\n"),
        ],
        {"右心室的作用": "new"},
        ["左心室的作用"],
    ),
    "moved to another file": Scenario([BASE, notes(CACHE, PAGE, b=f"# 硬盘\n\n{SWAP}")], ALL_KEPT),
    "the file is renamed": Scenario([BASE, notes(CACHE, PAGE, SWAP, name="notes/内存/b.md")], ALL_KEPT),
    "the heading is renamed": Scenario([BASE, notes(CACHE, PAGE, SWAP, head="# 主存\n\n")], ALL_KEPT),
    "the deck is renamed": Scenario(
        [BASE, {**BASE, "deck.yaml": CONFIG.replace("deck: Notes", "deck: 笔记")}], dict.fromkeys(ALL_KEPT, "moved")
    ),
    "the rule is renamed, with its identity": Scenario(
        [BASE, {**BASE, "rules.yaml": RULES.replace("id: means", "id: is-said-of")}], ALL_KEPT
    ),
    "the template is reworded": Scenario(
        [BASE, {**BASE, "rules.yaml": RULES.replace("什么是{term}？", "{term}是什么？")}],
        {"缓存是什么？": "updated", "分页是什么？": "updated", "交换区是什么？": "updated"},
        same={ABOUT_CACHE: "缓存是什么？", ABOUT_PAGE: "分页是什么？", ABOUT_SWAP: "交换区是什么？"},
    ),
    "the rule is split in two": Scenario(
        [
            BASE,
            {
                **BASE,
                "rules.yaml": RULES.replace(
                    "  - id: pair",
                    "  - {id: said, on: sentence, match: '{term}是指{what}', fields: "
                    "{Front: '什么是{term}？', Back: '{what}'}}\n  - id: pair",
                ).replace("match: '{term}是指{what}'\n", "match: '分{term}是指{what}'\n"),
            },
        ],
        ALL_KEPT,  # 页 is no word of 分页, so that the narrower pattern makes no note
    ),
    "a paragraph is split": Scenario([notes(CACHE.rstrip() + PAGE, SWAP), BASE], ALL_KEPT),
    "paragraphs are joined": Scenario([BASE, notes(CACHE.rstrip() + PAGE.rstrip() + SWAP)], ALL_KEPT),
    "duplicated": Scenario([BASE, notes(CACHE, PAGE, SWAP, b=f"# 硬盘\n\n{CACHE}")], ALL_KEPT),
    "duplicated, and the copy edited": Scenario(
        [
            notes(CACHE, b=f"# 硬盘\n\n{CACHE}"),
            notes(CACHE, b=f"# 硬盘\n\n{CACHE.replace('处理器', '硬盘的磁头')}"),
        ],
        {ABOUT_CACHE: "new"},  # the second of that question, as the table goes by questions; the first is unchanged
    ),
    "deleted and restored three builds later": Scenario(
        [BASE, notes(CACHE, PAGE), notes(CACHE, PAGE), notes(CACHE), BASE],
        {ABOUT_CACHE: "unchanged", ABOUT_PAGE: "restored", ABOUT_SWAP: "restored"},
    ),
    "a usual slip in a name is mended": Scenario(
        [notes("- 激活的阀值 <-> 超过它才有输出\n"), notes("- 激活的阈值 <-> 超过它才有输出\n")],
        {"激活的阈值": "updated"},
        same={"激活的阀值": "激活的阈值"},
    ),
    "a slip in a name that may be another name": Scenario(
        [notes("- 百灵怀 <-> 世界围棋公开赛\n"), notes("- 百灵杯 <-> 世界围棋公开赛\n")],
        {"百灵杯": "new"},
        ["百灵怀"],
    ),
    "simplified becomes traditional": Scenario(
        [
            notes("- 学习率 <-> 更新的幅度\n- 词向量 <-> 一串数\n"),
            notes("- 學習率 <-> 更新的幅度\n- 詞向量 <-> 一串數\n"),
        ],
        {"學習率": "updated", "詞向量": "updated"},
        same={"学习率": "學習率", "词向量": "詞向量"},
    ),
    "a list item becomes a sentence": Scenario([notes(f"- {CACHE}", PAGE, SWAP), BASE], ALL_KEPT),
    "the front matter changes": Scenario(
        [BASE, {"notes/a.md": "---\ntitle: 存储\nauthor: 某人\n---\n" + str(BASE["notes/a.md"])}], ALL_KEPT
    ),
    "tags in the front matter": Scenario(
        [BASE, {"notes/a.md": "---\ntags: [os]\n---\n" + str(BASE["notes/a.md"])}], dict.fromkeys(ALL_KEPT, "updated")
    ),
    "the encoding changes": Scenario(
        [
            BASE,
            {"notes/a.md": str(BASE["notes/a.md"]).encode("gb18030"), "deck.yaml": f"{CONFIG}encoding: gb18030\n"},
        ],
        ALL_KEPT,
    ),
    "reworded, then the old wording added as a new fact": Scenario(
        [
            notes("- 池化的含义 <-> 降采样\n"),
            notes("- 什么是池化 <-> 降采样\n"),
            notes("- 什么是池化 <-> 降采样\n", b="# 会议\n\n- 池化的含义 <-> 大家合用一间办公室\n"),
        ],
        {"什么是池化": "unchanged", "池化的含义": "new"},
        same={"池化的含义": "什么是池化"},
    ),
    "a cloze deletion goes and another comes": Scenario(
        [notes("内存分为==静态的==和动态的两种。\n"), notes("内存分为静态的和==动态的==两种。\n")],
        {"内存分为静态的和{{c2::动态的}}两种。": "updated"},
        same={"内存分为{{c1::静态的}}和动态的两种。": "内存分为静态的和{{c2::动态的}}两种。"},
    ),
    "one that is answered elsewhere when it is gone": Scenario(
        [notes("- 缺点 <-> 慢\n", PAGE), notes(PAGE), notes(PAGE, b="# 硬盘\n\n- 缺点 <-> 响\n")],
        {ABOUT_PAGE: "unchanged", "缺点": "new"},
        not_same={"缺点": "缺点"},
    ),
}


def build(root: Path, files: Files) -> None:
    """One build of exactly these files; deck.lock goes on."""
    shutil.rmtree(root / "notes", ignore_errors=True)
    write_files(root, {"deck.yaml": CONFIG, "rules.yaml": RULES, **files})
    ended = deckgen("build", ".", cwd=root)
    assert ended.code == 0, ended.err


def live(root: Path) -> list[dict[str, object]]:
    return list(deckgen("list", ".", "--json", cwd=root).json)


def first_field(note: dict[str, object]) -> str:
    fields = note["fields"]
    assert isinstance(fields, dict)
    return str(next(iter(fields.values())))


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(tmp_path: Path, name: str) -> None:
    scenario = SCENARIOS[name]
    *before, last = scenario.builds
    for files in before:
        build(tmp_path, files)
        if files is before[0]:
            guids = {first_field(note): note["guid"] for note in live(tmp_path)}
    shutil.rmtree(tmp_path / "notes")
    write_files(tmp_path, {"deck.yaml": CONFIG, "rules.yaml": RULES, **last})
    after = live(tmp_path)
    assert {first_field(note): note["change"] for note in after} == scenario.then
    found = {first_field(note): note["guid"] for note in after if note["change"] != "new"}
    expected = {scenario.same.get(front, front): guid for front, guid in guids.items()}
    assert {front: expected[front] for front in found} == found
    new = {first_field(note): note["guid"] for note in after}
    assert all(new[now] != guids[then] for then, now in scenario.not_same.items())
    build(tmp_path, last)
    rows = [json.loads(row) for row in (tmp_path / "deck.lock").read_text("utf-8").splitlines()[1:]]
    retired = {row["guid"] for row in rows if row.get("retired")}
    assert retired & set(guids.values()) >= {guids[front] for front in scenario.retired}
    assert not retired & {note["guid"] for note in after}
    assert {note["change"] for note in live(tmp_path)} <= {"unchanged"}


def test_one_file_built_alone(tmp_path: Path) -> None:
    """Without a deck.yaml: the notes of the other file sleep."""
    write_files(tmp_path, {"a.md": "缓存\n: 又小又快的存储器\n", "b.md": "分页\n: 把内存切成块\n"})
    assert deckgen("build", ".", cwd=tmp_path).code == 0
    before = [row for row in (tmp_path / "deck.lock").read_text("utf-8").splitlines() if '"b.md"' in row]
    write_files(tmp_path, {"a.md": "缓存\n: 离处理器很近的存储器\n"})
    assert deckgen("build", "a.md", cwd=tmp_path).code == 0
    rows = (tmp_path / "deck.lock").read_text("utf-8").splitlines()
    assert [row for row in rows if '"b.md"' in row] == before
    assert len(rows) == 3


def test_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    """Nothing is written, and the next build goes on from where the last one was."""
    build(tmp_path, BASE)
    before = (tmp_path / "deck.lock").read_bytes()
    write_files(tmp_path, {"notes/b.md": b"\xff\xfe\x00"})
    assert deckgen("build", ".", cwd=tmp_path).code == 2
    assert (tmp_path / "deck.lock").read_bytes() == before
    (tmp_path / "notes" / "b.md").unlink()
    assert {note["change"] for note in live(tmp_path)} == {"unchanged"}


def test_the_folder_is_empty_by_mistake(tmp_path: Path) -> None:
    """It warns, gives no search to delete by, and all comes back."""
    many = notes(*(f"- 第{i}个问题 <-> 第{i}个答案\n" for i in range(25)))
    build(tmp_path, many)
    guids = {note["guid"] for note in live(tmp_path)}
    shutil.rmtree(tmp_path / "notes")
    (tmp_path / "notes").mkdir()
    ended = deckgen("build", ".", cwd=tmp_path)
    assert "many-retired" in ended.kinds or ended.code == 2
    assert "ID:re:" not in ended.out
    build(tmp_path, many)
    assert {note["guid"] for note in live(tmp_path)} == guids
