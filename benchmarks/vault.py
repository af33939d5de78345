"""A vault of question headings, the same cards in the syntax of three tools; half of them Chinese.

Each question carries its number, so that all are different; two answers in five have a list. The same count always
gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

_SUBJECTS = (
    ("the circular buffer", "环形缓冲区", "tail - head", "n = 2^k"),
    ("the suffix array", "后缀数组", "lcp[i]", r"O(n \log n)"),
    ("the tide table", "潮汐表", "M2", r"T \approx 12.42"),
    ("the loom", "织布机", "warp", r"a + b = c"),
    ("the sextant", "六分仪", "index arm", r"\alpha / 2"),
    ("the sourdough", "酸面团", "pH 3.8", r"k = 0.4"),
    ("the leap second", "闰秒", "UTC", r"\Delta t < 0.9"),
)
_QUESTIONS = (
    "What has to be known about {0} before anybody compares it with {1} in a serious way (no. {2})?",
    "Where does {0} fail first, and what do people who work with {1} do about that (no. {2})?",
)
_QUESTIONS_ZH = (
    "讲{0}之前，应当先把{1}的哪些特点交代清楚（第{2}题）？",
    "{0}最先在哪里出问题，用{1}的人通常怎样补救（第{2}题）？",
)
_PARTS = (
    "nothing is moved as long as **room is left** at the end",
    "reading costs about as much as `{2}` says, whatever is written meanwhile",
    "its size is given by ${3}$, which anybody can check with a pencil",
    "beginners mistake it for **something simpler**, and pay for that later",
)
_PARTS_ZH = (
    "只要末尾**还有空位**，就什么也不必搬动",
    "不管同时写入什么，读取的代价大致就是 `{2}` 所说的那样",
    "它的大小由 ${3}$ 给出，拿支铅笔就能验算",
    "初学者常把它当成**更简单的东西**，以后要为此付出代价",
)


def card(number: int) -> tuple[str, str, list[str]]:
    """Question, first paragraph of the answer, and the items below it."""
    is_chinese = number % 2 == 1
    subject, other = _SUBJECTS[number % 7], _SUBJECTS[(number // 7 + number + 1) % 7]
    questions, parts = (_QUESTIONS_ZH, _PARTS_ZH) if is_chinese else (_QUESTIONS, _PARTS)
    name = subject[is_chinese]
    question = questions[number // 2 % 2].format(name, other[is_chinese], number)
    said = [parts[(number + i) % 4].format(*subject) for i in range(3)]
    if number % 5 < 3:
        joined = f"关于{name}：" + "；".join(said) + "。" if is_chinese else f"Of {name}: " + "; ".join(said) + "."
        return question[0].upper() + question[1:], joined, []
    intro = f"{name}有三点要记：" if is_chinese else f"Of {name} three things are worth knowing:"
    return question[0].upper() + question[1:], intro, said


def _answer(intro: str, items: list[str]) -> str:
    return intro + "".join(f"\n{'' if i else chr(10)}- {item}" for i, item in enumerate(items))


def write_vault(folder: Path, cards: int, per_file: int = 10) -> Path:
    """Three folders: `plain` (a deck project), `ankdown`, `ankivalenz`."""
    for first in range(0, cards, per_file):
        made = [card(number) for number in range(first, min(first + per_file, cards))]
        name = f"d{first // per_file // 100:04}/n{first // per_file:06}.md"
        plain = f"---\ntags: [bench]\n---\n\n# Notes {first}\n\n"
        plain += "".join(f"## {q}\n\n{_answer(intro, items)}\n\n" for q, intro, items in made)
        ankdown = "\n---\n\n".join(f"{q}\n\n%\n\n{_answer(intro, items)}\n\n%\n\nbench\n" for q, intro, items in made)
        ankivalenz = f"# Notes {first}\n\n" + "".join(
            f"- {q} ?:: {' '.join([intro, *items])}\n" for q, intro, items in made
        )
        for variant, text in (("plain", plain), ("ankdown", ankdown), ("ankivalenz", ankivalenz)):
            path = folder / variant / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    (folder / "ankivalenz" / "ankivalenz.json").write_text('{"deck_id": 1234567890, "deck_name": "Bench"}\n')
    (folder / "plain" / "deck.yaml").write_text("deck: Bench\nid: bench\nrules: [./rules/cards.yaml]\n")
    rules = folder / "plain" / "rules"
    rules.mkdir()
    (rules / "cards.yaml").write_text(
        "rules:\n  - id: card\n    on: section\n    match: {heading: '{q}$', level: '2'}\n"
        "    fields: {Front: '{q}', Back: '{body}'}\n"
    )
    return folder
