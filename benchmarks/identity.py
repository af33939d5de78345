"""Identity at a size that nobody's notes have: 100,000 locked notes, a thousand edits, and all of them reworded.

    python benchmarks/identity.py [NOTES]

The reference is reading the same deck.lock as JSON and nothing more: what any tool pays that remembers its notes in a
file. Times are seconds of CPU, each run in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from measuring import Table, in_own_process, peak_mib, timed

from deckgen.diagnostics import Span
from deckgen.identity.identify import identify
from deckgen.identity.lock import format_lock, new_lock, parse_lock
from deckgen.identity.normal_form import normalise
from deckgen.identity.scope import Scope
from deckgen.model import Draft, Markdown, Origin

NOTES = 100_000
PER_FILE = 20
NOW = 1_760_000_000
WORDS = [
    "梯度",
    "网络",
    "图像",
    "采样",
    "棋手",
    "赛事",
    "主办",
    "时间",
    "空间",
    "质量",
    "画面",
    "帧率",
    "训练",
    "损失",
    "权重",
    "任务",
    "共享",
    "编码",
    "解码",
    "注意力",
    "cache",
    "memory",
    "buffer",
    "kernel",
    "thread",
    "socket",
    "packet",
    "router",
    "leader",
    "replica",
    "quorum",
    "commit",
    "branch",
    "merge",
]


def make_drafts(count: int) -> list[Draft]:
    """Facts with questions of their own, half Chinese and half English words, twenty a file."""
    chosen = random.Random(1)
    drafts = []
    for number in range(count):
        one, two, three, four, five, six = chosen.choices(WORDS, k=6)
        subject = f"{one}{two}第{number}号"
        answer = f"在{three}与{four}之间由{five}决定的一种{six}办法，编在第{number % 997}类"
        drafts.append(make_draft(number, subject, answer))
    return drafts


def make_draft(number: int, subject: str, answer: str) -> Draft:
    text = f"{subject}是{answer}。"
    path = f"notes/{number // PER_FILE:05}.md"
    return Draft(
        rule="facts/is",
        identity="facts/is",
        kind="Basic",
        note_type="Basic",
        fields=(("Front", Markdown(f"{subject}是什么？")), ("Back", Markdown(answer))),
        key=(subject,),
        question=subject,
        answer=answer,
        text=text,
        origin=Origin(Span(path, number % PER_FILE + 1), text, ("Notes",)),
        deck="Deck",
    )


def edit(draft: Draft, number: int) -> Draft:
    """Reword a fact, by turns its answer and its question, so that it stays clearly the same one."""
    subject, answer = draft.question, draft.answer
    if number % 2:
        answer = answer.replace("决定的一种", "所决定的那种")
    else:
        subject = subject.replace("第", "的第")
    return make_draft(number, subject, answer)


def first_build(count: int, path: str) -> dict[str, float]:
    """Build once and write the lock."""
    drafts = make_drafts(count)
    build_s, built = timed(lambda: identify(drafts, new_lock("benchmark"), scope_of(drafts), NOW))
    lock = built.lock
    format_s, text = timed(lambda: format_lock(lock))
    Path(path).write_text(text, "utf-8")
    return {"build": build_s, "format": format_s, "lock": len(text.encode()) / 2**20, "peak": peak_mib()}


def read_as_json(path: str) -> float:
    """The reference."""
    lines = Path(path).read_text("utf-8").splitlines()
    return timed(lambda: [json.loads(line) for line in lines], 3)[0]


def edited_build(count: int, edits: int, path: str) -> dict[str, float]:
    """Read the lock, edit some of the facts, build again."""
    parse_s, (lock, problems) = timed(lambda: parse_lock(Path(path).read_text("utf-8"), "deck.lock"))
    assert not problems
    drafts = make_drafts(count)
    guids = {line.text: line.guid for line in lock.lines}
    wanted = [guids[normalise(draft.text)] for draft in drafts]
    del guids
    step = count // edits
    for number in range(0, count, step):
        drafts[number] = edit(drafts[number], number // step)
    build_s, built = timed(lambda: identify(drafts, lock, scope_of(drafts), NOW + 1000))
    kept = sum(note.guid == guid for note, guid in zip(built.notes, wanted, strict=True))
    return {"parse": parse_s, "build": build_s, "kept": 100 * kept / count, "peak": peak_mib()}


def scope_of(drafts: list[Draft]) -> Scope:
    return Scope(frozenset(draft.origin.span.path for draft in drafts))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notes", nargs="?", type=int, default=NOTES)
    count = parser.parse_args().notes
    few = max(1, count // 100)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "deck.lock")
        first = in_own_process(first_build, count, path)
        reference = in_own_process(read_as_json, path)
        some = in_own_process(edited_build, count, few, path)
        every = in_own_process(edited_build, count, count, path)
    table = Table("identity", f"json.loads over the lines of the same deck.lock ({reference:.2f} s)", reference)
    scale = count / NOTES
    table.add(f"lock of {count:,} notes, read", some["parse"])
    table.add("the same, formatted", first["format"])
    table.add("first build", first["build"])
    table.add(f"{few:,} edits", some["build"], bound=5 * scale)
    table.add("all reworded at once", every["build"], bound=30 * scale)
    table.add("GUIDs kept, some edits", some["kept"], unit="%")
    table.add("GUIDs kept, all reworded", every["kept"], unit="%")
    table.add("size of the lock", first["lock"], unit="MiB")
    table.add("peak memory, first build", first["peak"], unit="MiB", bound=500)
    table.add("peak memory, some edits", some["peak"], unit="MiB", bound=500)
    table.add("peak memory, all reworded", every["peak"], unit="MiB", bound=500)
    return table.end()


if __name__ == "__main__":
    raise SystemExit(main())
