"""Scenarios in which a simpler design loses a schedule or hands it to another fact, one test each."""

from __future__ import annotations

import pytest
from identity_factories import NOW, Project, fact, merged, scope_of
from msgspec.structs import replace

from deckgen.identity.identify import identify
from deckgen.identity.lock import format_lock, parse_lock
from deckgen.model import Draft, MediaFile

OVERFITTING = "模型在训练数据上表现很好、在新数据上表现很差的现象"
PICTURE = MediaFile("![](a.png)", "a.png", "0" * 64, "a-1.png")


def test_the_same_words_below_another_parent() -> None:
    """The text is the element's and what was captured outside of it."""
    project = Project()
    (old,) = project.guids(fact("fast", "trains fast", outside="RNN 优点"))
    (note,) = project.build(fact("fast", "trains fast", outside="LSTM 优点")).notes
    assert note.guid != old


def test_one_sentence_and_two_rules_of_which_one_leaves_and_one_comes() -> None:
    text = "ImageNet由李飞飞的团队在2009年发布。"
    who = fact("ImageNet", "李飞飞的团队", text, rule="facts/who")
    when = fact("ImageNet", "2009年", text, rule="facts/when")
    project = Project()
    (old,) = project.guids(who)
    (note,) = project.build(when).notes
    assert note.guid != old
    assert project.guids(who, when) == [old, note.guid]


def test_a_heading_deleted_here_and_years_later_there() -> None:
    project = Project()
    (old,) = project.guids(fact("缺点", "训练很慢，而且不稳定", headings=("GAN",)))
    project.build()
    (elsewhere,) = project.build(fact("缺点", "显存占用太大", path="b.md", headings=("VAE",))).notes
    assert elsewhere.guid != old
    (back,) = project.build(
        fact("缺点", "训练很慢，而且不稳定", path="c.md", headings=("GAN",)),
        fact("缺点", "显存占用太大", path="b.md", headings=("VAE",)),
    ).notes[:1]
    assert back.guid == old


def test_a_short_answer_that_comes_back_edited_elsewhere_is_another_fact() -> None:
    """The question alone makes the texts alike."""
    project = Project()
    (old,) = project.guids(fact("缺点", "慢"))
    project.build()
    (note,) = project.build(fact("缺点", "贵", path="b.md")).notes
    assert note.guid != old


def test_the_guid_of_a_reworded_question_is_not_given_again() -> None:
    project = Project()
    x, y = fact("过拟合的含义", OVERFITTING), fact("过拟合的意思", OVERFITTING)
    (guid,) = project.guids(x)
    project.build(y)
    kept, new = project.build(y, fact("过拟合的含义", "参数比样本多", path="b.md")).notes
    assert kept.guid == guid
    assert new.guid not in (guid, *Project().guids(x))


def test_two_sections_of_one_heading_and_a_third_put_before_them() -> None:
    def section(body: str, above: str) -> object:
        return fact("缺点", body, headings=(above,))

    project = Project()
    first = project.guids(section("训练很慢", "GAN"), section("图像模糊", "VAE"))  # type: ignore[arg-type]
    second = project.guids(
        section("占用显存", "Flow"),  # type: ignore[arg-type]
        section("训练很慢", "GAN"),  # type: ignore[arg-type]
        section("图像模糊", "VAE"),  # type: ignore[arg-type]
    )
    assert second[1:] == first
    assert second[0] not in first


def test_two_branches_add_another_fact_of_one_question() -> None:
    """One keeps the GUID, the other is salted and named: it cannot be lossless for both."""
    one, two = Project(), Project()
    here, there = fact("缺点", "训练很慢，而且不稳定"), fact("缺点", "生成的图像偏模糊", path="b.md")
    (first,) = one.guids(here)
    (second,) = two.guids(there)
    assert first == second
    locks = []
    for text in (merged(one.text(), two.text()), merged(two.text(), one.text())):
        lock, problems = parse_lock(text, "deck.lock")
        assert not problems
        result = identify([here, there], lock, scope_of([here, there]), NOW)
        locks.append(format_lock(result.lock))
        assert [d.kind for d in result.diagnostics] == ["made-on-two-branches"]
        assert [note.change for note in result.notes].count("new") == 1
        assert first in [note.guid for note in result.notes]
    assert locks[0] == locks[1]


def test_a_near_miss_among_the_lines_of_one_guid() -> None:
    """One branch moved the note, the other renamed its heading: two lines of one GUID, alike in all but their place."""
    one, two = Project(), Project()
    said = "the time from a request to its answer"
    (guid,) = one.guids(fact("Latency", said, headings=("Times",)))
    two.lock = one.lock
    one.build(fact("Latency", said, path="b.md", headings=("Times",)))
    two.build(fact("Latency", said, headings=("Delays",)))
    other = fact("Latency", "zebras graze at dawn", path="c.md")
    results = []
    for text in (merged(one.text(), two.text()), merged(two.text(), one.text())):
        result = identify([other], parse_lock(text, "deck.lock")[0], scope_of([other]), NOW)
        assert [(miss.old.guid, miss.condition) for miss in result.near_misses] == [(guid, "question")]
        results.append((result.near_misses, format_lock(result.lock)))
    assert results[0] == results[1]


NAMED_BY_IDS: dict[str, tuple[Draft, Draft]] = {
    "the same text": (
        fact("Latency", "the time to an answer", key=("^111111",), ids=("^111111",)),
        fact("Latency", "the time to an answer", key=("^222222",), ids=("^222222",)),
    ),
    "a like text with a long answer": (
        fact("What is latency", "the time from a request to its answer", key=("^111111",), ids=("^111111",)),
        fact("What does latency mean", "the time from a request to its answer", key=("^222222",), ids=("^222222",)),
    ),
    "another question in the same place": (
        fact("Latency", "the time to an answer", key=("^111111",), ids=("^111111",)),
        fact("Throughput", "answers in a second", key=("^222222",), ids=("^222222",)),
    ),
}


@pytest.mark.parametrize("name", NAMED_BY_IDS)
def test_notes_that_the_author_named_by_other_ids_are_other_notes(name: str) -> None:
    """However alike they are, and wherever they stand; one that only got its id now is the same."""
    before, after = NAMED_BY_IDS[name]
    project = Project()
    (old,) = project.guids(before)
    assert project.guids(after) != [old]
    again = Project()
    question = before.question
    (unnamed,) = again.guids(replace(before, key=(question,), ids=()))
    assert again.guids(before) == [unnamed]


def test_no_optimum_over_all() -> None:
    """A fact keeps its own best match, although another one would then get something."""
    project = Project()
    question = "为什么深层的网络比浅层的网络更难以训练好"
    (guid,) = project.guids(fact(question, "因为梯度在反向传播时逐层相乘，容易消失或者爆炸"))
    near = fact("为什么深层的网络比浅层的网络更难以训练", "因为梯度在反向传播时逐层相乘，容易消失或爆炸")
    far = fact("为什么很深的网络比较浅的网络更难训练出来", "因为梯度在反向传播时一层层地相乘，会消失或爆炸")
    notes = project.build(far, near).notes
    assert [note.guid == guid for note in notes] in ([False, True], [False, False])


def test_what_is_like_paired_ones_is_no_evidence() -> None:
    project = Project()

    def template(name: str) -> object:
        return fact(
            f"{name}的配置模板", "放在仓库的模板目录里，训练之前先拷贝一份", f"{name}的配置模板放在仓库的模板目录里。"
        )

    first = project.guids(template("残差网络"), template("稠密网络"))  # type: ignore[arg-type]
    notes = project.build(template("残差网络"), template("胶囊网络")).notes  # type: ignore[arg-type]
    assert notes[0].guid == first[0]
    assert notes[1].guid not in first


@pytest.mark.parametrize(
    ("old", "new"),
    [("极大值", "极小值"), ("李白", "杜甫"), ("Zipkin", "Jaeger")],
)
def test_terms_without_an_atom_and_a_shared_or_short_answer(old: str, new: str) -> None:
    """A pair needs an answer that is long and its own."""
    project = Project()
    shared = "open-source distributed tracing"
    answer = shared if old == "Zipkin" else "唐代的诗人" if old == "李白" else "导数为零的点"
    other = fact("Tempo", shared, path="b.md")
    guid, _ = project.guids(fact(old, answer), other)
    assert project.guids(fact(new, answer), other)[0] != guid


def test_a_rule_in_another_pack() -> None:
    """Pass 4, for those who have a lock; `identity:` for those who have none."""
    project = Project()
    (guid,) = project.guids(fact("池化", "降低特征图的分辨率", rule="old-pack/is"))
    assert project.guids(fact("池化", "降低特征图的分辨率", rule="new-pack/is")) == [guid]
    assert project.guids(fact("池化", "降低特征图的分辨率", rule="old-pack/is")) == [guid]


def test_capture_names_and_templates_are_no_part_of_the_key() -> None:
    project = Project()
    guids = project.guids(fact("方差", "偏差", front="{}与偏差", key=("方差", "偏差")))
    assert project.guids(fact("方差", "偏差", front="{} vs 偏差", key=("方差", "偏差"))) == guids


def test_a_rule_that_asks_something_else_under_one_id() -> None:
    text = "第一台深度学习超级计算机由英伟达在旧金山发布。"
    project = Project()
    (old,) = project.guids(fact("第一台深度学习超级计算机", "英伟达", text))
    (note,) = project.build(fact("旧金山", "发布的地点", text)).notes
    assert note.guid != old


def test_several_hits_in_one_sentence_do_not_take_each_others_guids() -> None:
    text = "残差网络和稠密网络都由很多层组成。"
    project = Project()
    one, two = project.guids(fact("残差网络", "很多层", text), fact("稠密网络", "很多层", text))
    notes = project.build(fact("稠密网络", "很多层", text), fact("胶囊网络", "很多层", text)).notes
    assert notes[0].guid == two
    assert notes[1].guid not in (one, two)
