"""Years of edits over hundreds of files, with a known truth: what an author does to facts of a large project.

The facts are meant to be confused: every subject has a sibling that differs in one character, answers are put together
from few parts, so that many share one, and a third of them is a word or two.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from identity_factories import fact

from deckgen.model import Draft

FILES = 200
SIDES = "左右上下前后内外主副高低长短强弱冷热阴阳正负大小动静深浅新旧"
THINGS = [
    "心室",
    "动脉",
    "神经",
    "半球",
    "电极",
    "分支",
    "链表",
    "指针",
    "矩阵",
    "队列",
    "线程",
    "缓存",
    "索引",
    "节点",
]
THINGS += ["梯度", "卷积", "编码", "损失", "误差", "向量"]
SUBJECTS = [side + thing for side in SIDES for thing in THINGS]
SUBJECTS += ["overfitting", "underfitting", "client", "server", "max pooling", "min pooling", "left join", "right join"]
IN_OTHER_WORDS = {
    "{}": "什么是{}",
    "{}的含义": "{}的定义",
    "{}的作用": "{}有什么用途",
    "{}的缺点": "{}有什么坏处",
    "为什么要用{}": "要用{}的原因",
    "如何选择{}": "怎样选择{}",
    "{}与普通做法的区别": "{}和普通做法有什么不同",
}
ASKS = {**{other: one for one, other in IN_OTHER_WORDS.items()}, "什么是{}": "{}", "{}的含义": "{}", "{}的定义": "{}"}
"""Which questions are one and the same."""
ASPECTS = [*IN_OTHER_WORDS, "{}的时间复杂度", "在大规模的分布式系统里{}会带来哪些额外的开销"]
FIRST = ["把输入", "先将数据", "由系统", "在每一轮里", "the model", "通过比较", "当温度升高时", "按照约定"]
SECOND = ["逐段加权求和", "随机打乱之后再分发", "缓慢地释放出来", "reads the whole batch", "保持不变", "映射到低维空间"]
THIRD = ["，因此更稳定", "，所以很快就收敛", "，但是占用更多的显存", "，which is slow", "，直到误差足够小", ""]
SHORT = ["慢", "快", "2013年", "三次", "it depends", "O(n)"]
ADVERBS = ["通常", "一般来说", "大多", "往往", "有时"]
TEMPLATES = ["{q}：{a}", "众所周知，{q}指的是{a}，它用得很多。", "{q}：{a}。（常考）"]


@dataclass(frozen=True)
class Told:
    """One fact as it stands in the notes; `truth` is which fact it is."""

    truth: int
    subject: str
    aspect: str
    answer: str
    path: str
    heading: str
    template: int

    @property
    def question(self) -> str:
        return self.aspect.format(self.subject)

    @property
    def draft(self) -> Draft:
        text = TEMPLATES[self.template].format(q=self.question, a=self.answer)
        return fact(self.question, self.answer, text, path=self.path, headings=(self.heading,))


@dataclass
class History:
    """The notes of a project, and what was done to each fact since the last build."""

    rnd: random.Random
    facts: dict[int, Told] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    done: dict[int, str] = field(default_factory=dict)
    count: int = 0

    def add(self, like: Told | None = None, **known: str) -> None:
        """A fact with a question that was never asked, at the place of another or somewhere."""
        rnd = self.rnd
        for _ in range(30):
            subject = known.get("subject") or rnd.choice(SUBJECTS)
            aspect = like.aspect if like and known else rnd.choice(ASPECTS)
            if not self.was_asked(aspect, subject):
                break
        else:
            return
        answer = rnd.choice(FIRST) + rnd.choice(SECOND) + rnd.choice(THIRD) if rnd.random() < 0.7 else rnd.choice(SHORT)
        self.count += 1
        self.asked.add(ASKS.get(aspect, aspect).format(subject))
        path, heading = (like.path, like.heading) if like else (f"{rnd.randrange(FILES)}.md", f"节{rnd.randrange(4)}")
        template = like.template if like else rnd.randrange(len(TEMPLATES))
        answer = known.get("answer", answer)
        self.facts[self.count] = Told(self.count, subject, aspect, answer, path, heading, template)
        self.done[self.count] = "new"

    def was_asked(self, aspect: str, subject: str) -> bool:
        return ASKS.get(aspect, aspect).format(subject) in self.asked

    def put(self, one: Told, what: str, **changes: object) -> None:
        self.facts[one.truth] = replace(one, **changes)  # type: ignore[arg-type]
        self.done.setdefault(one.truth, what)

    def edit(self) -> None:
        """One edit to a fact that was left alone since the last build, or to its whole file or section."""
        one = self.facts[self.rnd.choice(sorted(self.facts))]
        if one.truth not in self.done:
            self.rnd.choice(EDITS)(self, one)


def add_to_answer(history: History, one: Told) -> None:
    history.put(one, "answer", answer=one.answer + history.rnd.choice(["，如上所述", "，见下文", "，且不可逆"]))


def qualify_answer(history: History, one: Told) -> None:
    history.put(one, "answer", answer=history.rnd.choice(ADVERBS) + one.answer)


def replace_answer(history: History, one: Told) -> None:
    history.put(one, "answer", answer=history.rnd.choice(SHORT) + "左右")


def reword(history: History, one: Told) -> None:
    if one.aspect in IN_OTHER_WORDS:
        history.put(one, "question", aspect=IN_OTHER_WORDS[one.aspect])


def reword_both(history: History, one: Told) -> None:
    if one.aspect in IN_OTHER_WORDS:
        answer = history.rnd.choice(ADVERBS) + one.answer
        history.put(one, "question and answer", aspect=IN_OTHER_WORDS[one.aspect], answer=answer)


def move(history: History, one: Told) -> None:
    history.put(one, "moved", path=f"{history.rnd.randrange(FILES)}.md")


def move_and_edit(history: History, one: Told) -> None:
    answer = f"{one.answer}，很常见"
    history.put(one, "moved and edited", path=f"{history.rnd.randrange(FILES)}.md", answer=answer)


def rename_file(history: History, one: Told) -> None:
    path = f"moved/{history.rnd.randrange(10**6)}.md"
    for other in [other for other in history.facts.values() if other.path == one.path]:
        history.put(other, "file renamed", path=path)


def rename_heading(history: History, one: Told) -> None:
    for other in list(history.facts.values()):
        if (other.path, other.heading) == (one.path, one.heading):
            history.put(other, "heading renamed", heading=f"{one.heading}（续）")


def swap_places(history: History, one: Told) -> None:
    other = history.facts[history.rnd.choice(sorted(history.facts))]
    history.put(one, "swapped", path=other.path, heading=other.heading)
    if other.truth != one.truth:
        history.put(other, "swapped", path=one.path, heading=one.heading)


def retell(history: History, one: Told) -> None:
    history.put(one, "retold", template=(one.template + 1) % len(TEMPLATES))


def delete(history: History, one: Told) -> None:
    del history.facts[one.truth]


def insert(history: History, one: Told) -> None:
    history.add(one)


def replace_by_sibling(history: History, one: Told) -> None:
    siblings = [s for s in SUBJECTS if s != one.subject and (s[1:] == one.subject[1:] or s[0] == one.subject[0])]
    subject = history.rnd.choice(siblings or SUBJECTS[-8:])
    answer = history.rnd.choice([one.answer, one.answer.replace("稳定", "快"), one.answer.replace("低维", "高维")])
    if not history.was_asked(one.aspect, subject):
        del history.facts[one.truth]
        history.add(one, subject=subject, answer=answer)


Edit = Callable[[History, Told], None]
EDITS: tuple[Edit, ...] = (
    add_to_answer,
    qualify_answer,
    replace_answer,
    reword,
    reword_both,
    move,
    move_and_edit,
    rename_file,
    rename_heading,
    swap_places,
    retell,
    delete,
    insert,
    replace_by_sibling,
    replace_by_sibling,
)
