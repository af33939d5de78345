"""Worlds of notes with a known truth: facts that an author edits, moves, deletes and brings back, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from identity_factories import fact
from msgspec import structs

from deckgen.model import Draft

FILES = ("a.md", "b.md", "目录/c.md")
SHORT = (
    "慢",
    "贵",
    "2013年",
    "英伟达",
    "中国棋院",
    "一种网络",
)  # so short, and so often the same, that they vouch for nothing
LONG = (
    "在每一步里随机选取一小批样本来估计梯度",
    "把输入的每一段与其余所有段加权求和",
    "用两个互相对抗的网络来学习数据的分布",
    "由电视台与围棋协会共同主办的职业赛事",
    "把高分辨率的参考帧按运动向量重新投影",
    "a small network that is trained to copy a large one",
    "the fraction of relevant items that were retrieved",
    "令损失函数沿着曲率最小的方向缓慢下降",
)
TERMS = (
    "动量",
    "注意力",
    "围棋公开赛",
    "超采样",
    "知识蒸馏",
    "召回率",
    "early stopping",
    "label smoothing",
    "极大值",
    "极小值",
)
TEMPLATES = ("{q}：{a}", "{q}是{a}。", "众所周知，{q}指的是{a}，它用得很多。")


@dataclass(frozen=True)
class TrueFact:
    """One fact as it stands in the notes; `truth` is which fact it is."""

    truth: int
    question: str
    answer: str
    place: tuple[str, str]
    template: int = 0
    copies: tuple[tuple[str, str], ...] = ()  # other places where it stands word for word

    @property
    def drafts(self) -> list[tuple[int, Draft]]:
        text = TEMPLATES[self.template].format(q=self.question, a=self.answer)
        return [
            (self.truth, fact(self.question, self.answer, text, path=path, headings=(heading,)))
            for path, heading in (self.place, *self.copies)
        ]


@dataclass
class World:
    """The notes. An edit takes two integers, so that a script of edits is a list of integers, which shrinks."""

    facts: dict[int, TrueFact] = field(default_factory=dict)
    gone: list[TrueFact] = field(default_factory=list)
    count: int = 0
    front: str = "{}?"
    deck: str = "Deck"
    touched: set[str] = field(default_factory=set)  # since the last build: questions that several facts ask
    shared: set[str] = field(default_factory=set)
    former: list[str] = field(default_factory=list)  # questions that were reworded
    asked: set[str] = field(default_factory=set)  # every question that any fact ever asked
    edited: dict[int, set[str]] = field(default_factory=dict)  # in this step
    free: set[int] = field(default_factory=set)  # facts whose GUID may change in this step, though never cross

    def copy(self) -> World:
        return replace(
            self,
            facts=dict(self.facts),
            gone=list(self.gone),
            former=list(self.former),
            shared=set(self.shared),
            asked=set(self.asked),
            touched=set(),
            edited={},
            free=set(),
        )

    def drafts(self) -> list[tuple[int, Draft]]:
        made = [entry for one in self.facts.values() for entry in one.drafts]
        return [
            (
                t,
                structs.replace(
                    d, deck=self.deck, fields=((d.fields[0][0], self.front.format(d.question)), d.fields[1])
                ),
            )
            for t, d in made
        ]  # type: ignore[arg-type]

    def one(self, number: int) -> TrueFact | None:
        keys = sorted(self.facts)
        chosen = self.facts[keys[number % len(keys)]] if keys else None
        if chosen is not None and chosen.question in self.shared:
            if chosen.question in self.touched:
                return None
            self.touched.add(chosen.question)
        return chosen

    def put(self, one: TrueFact, **changes: object) -> None:
        self.facts[one.truth] = replace(one, **changes)  # type: ignore[arg-type]

    def mark(self, one: TrueFact, what: str) -> None:
        """A fact edited in two ways at once may be given up."""
        self.edited.setdefault(one.truth, set()).add(what)
        if len(self.edited[one.truth]) > 1:
            self.free.add(one.truth)

    def new(self, question: str, answer: str, place: tuple[str, str], template: int) -> None:
        self.count += 1
        self.asked.add(question)
        self.facts[self.count] = TrueFact(self.count, question, answer, place, template % len(TEMPLATES))
        self.free.add(self.count)

    # ---- edits

    def add(self, number: int, other: int) -> None:
        """A fact with a question of its own."""
        question = TERMS[number % len(TERMS)] + (f"的第{self.count}种变体" if number % 3 else "")
        if question in self.asked:
            question = f"{question} v{self.count}.{other % 7}"
        long = f"{LONG[other % len(LONG)]}，编号{self.count}"
        answer = SHORT[other % len(SHORT)] if other % 2 else long
        self.new(question, answer, (FILES[other % 3], f"节{number % 4}"), number)

    def add_sibling(self, number: int, other: int) -> None:
        """A fact like another but for a number or a name, with a short or the same answer."""
        one = self.one(number)
        if one is None:
            return
        question = f"{one.question} {('X', 'Y', 'Z2', '3', '3.5')[other % 5]}"
        if question not in self.asked:
            self.new(question, SHORT[other % len(SHORT)], one.place, one.template)

    def replace_by_sibling(self, number: int, other: int) -> None:
        """One is deleted, a like one stands in its stead."""
        one = self.one(number)
        question = f"{one.question} {('X', 'Y', 'Z2', '3', '3.5')[other % 5]}" if one else ""
        if one is not None and question not in self.asked and one.answer in SHORT:
            self.new(question, one.answer, one.place, one.template)
            self.gone.append(self.facts.pop(one.truth))

    def add_same_question(self, number: int, other: int) -> None:
        """Another fact that asks the same, elsewhere."""
        one = self.one(number)
        if one is None or one.question in self.touched:
            return
        self.shared.add(one.question)
        self.touched.add(one.question)
        self.new(
            one.question,
            f"第{self.count}个答案{'甲乙丙丁戊'[other % 5] * 7}",
            (FILES[other % 3], f"新{self.count}"),
            one.template,
        )

    def add_former_question(self, number: int, other: int) -> None:
        """A question that was reworded before the last build now asks something else, elsewhere."""
        if self.former and self.former[number % len(self.former)] not in self.shared:
            question = self.former[number % len(self.former)]
            self.shared.add(question)
            self.touched.add(question)
            self.new(
                question, f"第{self.count}个{'己庚辛壬癸'[other % 5] * 8}", (FILES[other % 3], f"旧{self.count}"), other
            )

    def edit_answer(self, number: int, other: int) -> None:
        one = self.one(number)
        if one is not None and one.truth not in self.free:
            self.put(
                one,
                answer=SHORT[other % len(SHORT)] if one.answer in SHORT else f"{one.answer}{'吧呢嘛'[other % 3]}",
                copies=(),
            )
            self.mark(one, "answer")
            if one.question in self.shared or one.copies:
                self.free.add(one.truth)

    def move(self, number: int, other: int) -> None:
        one = self.one(number)
        if one is not None:
            place = (
                FILES[other % 3],
                f"到{self.count}-{other % 5}" if one.question in self.shared else f"节{other % 4}",
            )
            self.put(one, place=place)
            self.mark(one, "place")

    def swap_places(self, number: int, other: int) -> None:
        one, two = self.one(number), self.one(other)
        if one is None or two is None or one.question in self.shared or two.question in self.shared:
            return
        self.put(one, place=two.place)
        if two is not one:
            self.put(two, place=one.place)
        self.mark(one, "place")
        self.mark(two, "place")

    def delete(self, number: int, _: int) -> None:
        one = self.one(number)
        if one is not None:
            self.gone.append(self.facts.pop(one.truth))

    def bring_back(self, number: int, _: int) -> None:
        if self.gone:
            one = self.gone.pop(number % len(self.gone))
            if one.question in self.touched or one.truth in self.free:
                self.gone.append(one)
            else:
                self.facts[one.truth] = one
                self.touched.update({one.question} & self.shared)
                self.free.add(one.truth)

    def reword(self, number: int, other: int) -> None:
        """The question is worded otherwise; whether the GUID stays depends, to another fact it must not go."""
        one = self.one(number)
        question = f"{one.question}{('的含义', '的意思', '本身', '呢')[other % 4]}" if one else ""
        if one is not None and question not in self.asked and one.question not in self.shared:
            self.put(one, question=question, copies=())
            self.asked.add(question)
            self.former.append(one.question)
            self.free.add(one.truth)

    def duplicate(self, number: int, other: int) -> None:
        one = self.one(number)
        if one is not None and one.question not in self.shared and not one.copies:
            self.put(one, copies=((FILES[other % 3], f"副本{self.count}"),))
            self.mark(one, "copy")

    def rename_heading(self, number: int, other: int) -> None:
        old, new = f"节{number % 4}", f"节{other % 4}"
        for one in list(self.facts.values()):
            if one.place[1] == old and one.question not in self.shared:
                self.put(one, place=(one.place[0], new))
                self.mark(one, "place")

    def change_template(self, number: int, _: int) -> None:
        self.front = ("{}?", "什么是{}？", "What is {}?")[number % 3]

    def change_deck(self, number: int, _: int) -> None:
        self.deck = ("Deck", "Other", "牌组::子")[number % 3]


EDITS = (
    World.add,
    World.add,
    World.add_sibling,
    World.replace_by_sibling,
    World.add_same_question,
    World.add_former_question,
    World.edit_answer,
    World.move,
    World.swap_places,
    World.delete,
    World.bring_back,
    World.reword,
    World.duplicate,
    World.rename_heading,
    World.change_template,
    World.change_deck,
)
