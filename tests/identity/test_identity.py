"""What an author does to notes, one scenario after the other, and which notes keep their schedule."""

from __future__ import annotations

import pytest
from identity_factories import NOW, Project, by_question, cloze, fact

from deckgen.identity.assign import is_ahead
from deckgen.identity.identify import identify
from deckgen.identity.lock import new_lock, parse_lock
from deckgen.identity.scope import Scope
from deckgen.model import Draft, MediaFile, Note

LENET = fact("LeNet", "一种早期的卷积神经网络，用来识别手写数字")
RESNET = fact("ResNet", "用残差连接训练上百层网络的结构")
DROPOUT = fact("Dropout", "训练时随机丢弃一部分神经元")
DLSS3 = fact("DLSS 3", "加入了光学多帧生成", path="dlss.md")
DLSS35 = fact("DLSS 3.5", "加入了光线重建", path="dlss.md")


def two_builds(before: list[Draft], after: list[Draft]) -> tuple[list[str], list[Note]]:
    project = Project()
    return project.guids(*before), list(project.build(*after).notes)


KEPT: dict[str, tuple[Draft, Draft]] = {
    "the answer is edited": (LENET, fact("LeNet", "最早的卷积神经网络之一，能识别手写数字")),
    "the answer is replaced": (DROPOUT, fact("Dropout", "一种正则化方法")),
    "emphasis, width, spaces": (fact("标签，平滑", "一种正则化"), fact("**标签**, 平滑", "一种 *正则化*。")),
    "a link is added to the question": (
        DLSS3,
        fact("[DLSS 3](https://example.org/a_b)", "加入了光学多帧生成", path="dlss.md"),
    ),
    "the question is reworded": (
        fact("过拟合的含义", "模型在训练数据上表现很好、在新数据上表现很差的现象"),
        fact("过拟合的意思", "模型在训练数据上表现很好、在新数据上表现很差的现象"),
    ),
    "question and answer are reworded": (
        fact("为什么深层的网络比浅层的网络更加难以训练呢", "因为梯度在反向传播时逐层相乘，容易消失或者爆炸"),
        fact("深层网络为什么比浅层网络更加难以训练", "因为梯度在反向传播时逐层相乘，很容易消失或爆炸"),
    ),
    "a usual slip in a name is mended": (
        fact("神经元的激活阀值", "输入的加权和超过它时神经元才有输出"),
        fact("神经元的激活阈值", "输入的加权和超过它时神经元才有输出"),
    ),
    "from simplified to traditional": (fact("学习率", "更新的幅度"), fact("學習率", "更新的幅度")),
    "from traditional to simplified, elsewhere": (
        fact("為什麼梯度會消失", "因為逐層相乘"),
        fact("为什么梯度会消失", "因为逐层相乘", path="b.md"),
    ),
    "asked in other words, with a short answer": (fact("什么是池化", "降采样"), fact("池化的含义", "降采样")),
    "asked in other words, elsewhere": (fact("池化的含义", "降采样"), fact("什么是池化", "降采样", path="b.md")),
    "asked in other words, the answer replaced": (fact("池化的作用", "降采样"), fact("池化有什么用途", "减少计算")),
    "asked in another way": (
        fact("What is overfitting", "the model fits the training data and fails on all other data"),
        fact("What does overfitting mean", "the model fits the training data and fails on all other data"),
    ),
    "the file is renamed": (RESNET, fact("ResNet", "用残差连接训练上百层网络的结构", path="b/new.md")),
    "moved to another file, the answer edited": (
        fact("残差连接", "把一层的输入直接加到它的输出上，让梯度容易通过"),
        fact("残差连接", "把一层的输入直接加到它的输出上，使梯度更容易通过", path="b.md"),
    ),
    "the heading is renamed": (
        fact("池化", "降低特征图的分辨率", headings=("网络", "层")),
        fact("池化", "降低特征图的分辨率", headings=("神经网络", "层")),
    ),
    "the deck is renamed": (RESNET, fact("ResNet", "用残差连接训练上百层网络的结构", deck="Other")),
    "the template is reworded": (RESNET, fact("ResNet", "用残差连接训练上百层网络的结构", front="什么是{}？")),
    "the rule makes it a reversed card": (
        RESNET,
        fact("ResNet", "用残差连接训练上百层网络的结构", note_type="Reversed"),
    ),
    "the rule captures more of the question": (
        fact("增强", "用已有的样本造出新样本的方法", "数据增强是用已有的样本造出新样本的方法。"),
        fact("数据增强", "用已有的样本造出新样本的方法", "数据增强是用已有的样本造出新样本的方法。"),
    ),
    "another rule takes over": (
        RESNET,
        fact("ResNet", "用残差连接训练上百层网络的结构", rule="facts/other"),
    ),
    "a sentence is added to the paragraph": (
        fact("早停", "验证误差不再下降时停止训练", "早停是验证误差不再下降时停止训练。"),
        fact("早停", "验证误差不再下降时停止训练", "正则化的手段很多。早停是验证误差不再下降时停止训练。它很常用。"),
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_an_edited_fact_keeps_its_guid(name: str) -> None:
    before, after = KEPT[name]
    others = [LENET, DLSS35] if before is not LENET else [RESNET, DLSS35]
    first, notes = two_builds([before, *others], [*others, after])
    assert [note.guid for note in notes] == [*first[1:], first[0]]
    assert notes[-1].change != "new"


NEW: dict[str, tuple[Draft, Draft]] = {
    "one number differs": (DLSS3, fact("DLSS 4", "加入了光学多帧生成", path="dlss.md")),
    "a name is longer by a number": (DLSS3, fact("DLSS 3.5", "加入了光学多帧生成", path="dlss.md")),
    "one Latin word differs": (
        fact("GAN", "由生成器和判别器相互对抗来训练的模型"),
        fact("Conditional GAN", "由生成器和判别器相互对抗来训练的模型"),
    ),
    "a short answer": (fact("极大值", "导数为零的点"), fact("极小值", "导数为零的点")),
    "an ordinal in Chinese": (
        fact("第三届百灵杯世界围棋公开赛的冠军和亚军", "陈耀烨和柯洁，最后比分是三比二", "第三届"),
        fact("第四届百灵杯世界围棋公开赛的冠军和亚军", "陈耀烨和柯洁，最后比分是三比二", "第四届"),
    ),
    "another kind": (
        fact("ResNet", "用残差连接训练上百层网络的结构"),
        fact("ResNet", "用残差连接训练上百层网络的结构", kind="Word"),
    ),
    "a slip in a name that may be another name": (
        fact("百灵怀世界围棋公开赛", "由贵州百灵企业集团赞助的世界围棋赛事"),
        fact("百灵杯世界围棋公开赛", "由贵州百灵企业集团赞助的世界围棋赛事"),
    ),
    "another parent": (
        fact("快", "训练起来快", outside="RNN的优点"),
        fact("快", "训练起来快", outside="LSTM的优点"),
    ),
    "the same question elsewhere, another answer": (
        fact("缺点", "慢"),
        fact("缺点", "贵", path="b.md"),
    ),
    "another rule asks something else of the same text": (
        fact("DLSS", "英伟达", "DLSS由英伟达在2018年提出。"),
        fact("DLSS", "2018年", "DLSS由英伟达在2018年提出。", rule="facts/when"),
    ),
    "letter case": (fact("-o", "写到文件"), fact("-O", "优化")),
    "asked in other words, elsewhere, another answer": (
        fact("池化的含义", "降采样"),
        fact("什么是池化", "一种层", path="b.md"),
    ),
    "superscript": (fact("x²", "一次函数的积分"), fact("x2", "第二个变量")),
}


@pytest.mark.parametrize("name", NEW)
def test_another_fact_gets_another_guid(name: str) -> None:
    before, after = NEW[name]
    first, notes = two_builds([before, DROPOUT], [after, DROPOUT])
    assert notes[0].guid != first[0]
    assert notes[0].change == "new"
    assert notes[1].guid == first[1]


def test_order_inserting_and_deleting_change_nothing() -> None:
    project = Project()
    guids = project.guids(LENET, RESNET, DROPOUT)
    assert project.guids(DROPOUT, LENET, RESNET) == [guids[2], guids[0], guids[1]]
    assert project.guids(DLSS3, LENET, DLSS35, RESNET, DROPOUT)[1::2] == [guids[0], guids[1]]
    assert project.guids(RESNET, DROPOUT) == guids[1:]


def test_two_facts_that_differ_in_a_number_are_swapped_and_one_is_deleted() -> None:
    project = Project()
    three, three_half = project.guids(DLSS3, DLSS35)
    assert project.guids(DLSS35, DLSS3) == [three_half, three]
    assert project.guids(DLSS35) == [three_half]
    assert project.guids(DLSS35, DLSS3) == [three_half, three]


def test_answers_exchanged_between_two_questions_stay_with_the_questions() -> None:
    """The question is the identity: both cards are updated."""
    project = Project()
    first = project.guids(fact("DLSS 3", "加入了帧生成"), fact("DLSS 3.5", "加入了光线重建"))
    assert project.guids(fact("DLSS 3", "加入了光线重建"), fact("DLSS 3.5", "加入了帧生成")) == first


def test_a_rule_that_is_split_in_two_keeps_the_note_that_is_the_same() -> None:
    text = "BERT由谷歌在2018年提出。"
    project = Project()
    (old,) = project.guids(fact("BERT", "谷歌", text, rule="facts/by"))
    who, when = project.build(
        fact("BERT", "谷歌", text, rule="facts/who"), fact("BERT", "2018年", text, rule="facts/when")
    ).notes
    assert (who.guid, who.reason) == (old, "other rule")
    assert when.change == "new"


def test_a_duplicate_is_one_note_and_an_edit_to_one_of_them_makes_two() -> None:
    project = Project()
    here, there = fact("批归一化", "对每一批数据做标准化"), fact("批归一化", "对每一批数据做标准化", path="b.md")
    (note,) = project.build(here, there).notes
    assert [origin.span.path for origin in note.origins] == ["a.md", "b.md"]
    edited = fact("批归一化", "在每一层里对一批数据做标准化", path="b.md")
    notes = project.build(here, edited).notes
    assert notes[0].guid == note.guid
    assert notes[1].change == "new"
    (again,) = project.build(here, there).notes
    assert (again.guid, again.change) == (note.guid, "unchanged")


def test_deleted_and_restored_three_builds_later() -> None:
    project = Project()
    first = by_question(project.build(LENET, RESNET, DROPOUT).notes)["ResNet"]
    for _ in range(3):
        result = project.build(LENET, DROPOUT)
    assert not result.retired
    assert project.line(first.guid).retired == "gone"
    back = by_question(project.build(LENET, RESNET, DROPOUT).notes)["ResNet"]
    assert (back.guid, back.id, back.mod, back.change) == (first.guid, first.id, first.mod, "restored")
    assert not project.line(first.guid).retired


def test_the_old_wording_comes_back_as_a_new_fact() -> None:
    x = fact("过拟合的含义", "模型在训练数据上表现很好、在新数据上表现很差的现象")
    y = fact("过拟合的意思", "模型在训练数据上表现很好、在新数据上表现很差的现象")
    project = Project()
    (guid,) = project.guids(x)
    assert project.guids(y) == [guid]
    other = fact("过拟合的含义", "参数太多", path="b.md")
    kept, new = project.build(y, other).notes
    assert kept.guid == guid
    assert new.change == "new"
    assert project.guids(y, other) == [guid, new.guid]


def test_undoing_a_rewording_restores() -> None:
    x = fact("过拟合的含义", "模型在训练数据上表现很好、在新数据上表现很差的现象")
    y = fact("过拟合的意思", "模型在训练数据上表现很好、在新数据上表现很差的现象")
    project = Project()
    (guid,) = project.guids(x)
    project.build(y)
    (back,) = project.build(x).notes
    assert (back.guid, back.reason) == (guid, "former key")
    assert project.guids(y) == [guid]


def test_simplified_becomes_traditional_and_nothing_crosses() -> None:
    simple = [fact("学习率", "每一步更新参数的幅度"), fact("批大小", "每一步用的样本数"), LENET]
    traditional = [
        fact("學習率", "每一步更新參數的幅度"),
        fact("批大小", "每一步用的樣本數"),
        fact("LeNet", "一種早期的卷積神經網絡，用來識別手寫數字"),
    ]
    first, notes = two_builds(simple, traditional)
    assert [note.guid for note in notes][1:] == first[1:]  # the questions are the same
    assert notes[0].guid not in first[1:]


def test_a_deck_that_changes_is_told_and_bumps_nothing() -> None:
    project = Project()
    (before,) = project.build(LENET).notes
    result = project.build(fact("LeNet", "一种早期的卷积神经网络，用来识别手写数字", deck="Nets"))
    (note,) = result.notes
    assert (note.change, note.mod) == ("moved", before.mod)
    (again,) = project.build(fact("LeNet", "一种早期的卷积神经网络，用来识别手写数字", deck="Nets")).notes
    assert again.change == "unchanged"


def test_the_modified_time_rises_exactly_with_the_content() -> None:
    project = Project()
    (first,) = project.build(LENET, now=NOW).notes
    assert first.mod == first.id // 1000 < NOW
    (same,) = project.build(fact("LeNet", LENET.answer, headings=("新",), line=9), now=NOW + 5).notes
    assert (same.mod, same.change) == (first.mod, "unchanged")
    (edited,) = project.build(fact("LeNet", LENET.answer + "的"), now=NOW + 10).notes
    assert (edited.mod, edited.change) == (NOW + 10, "updated")
    (earlier,) = project.build(LENET, now=NOW - 500).notes  # a clock that goes back, or two builds in a second
    assert earlier.mod == NOW + 11
    (tagged,) = project.build(fact("LeNet", LENET.answer, tags=("net",)), now=NOW + 50).notes
    assert tagged.mod == NOW + 50
    (ordered,) = project.build(fact("LeNet", LENET.answer, tags=("net",)), now=NOW + 60).notes
    assert ordered.mod == NOW + 50


def test_a_mod_is_far_ahead_of_the_clock_where_the_note_changes() -> None:
    project = Project()
    project.build(LENET, now=NOW)
    project.build(fact("LeNet", "错的时钟"), now=NOW + 10**8)
    (changed,) = project.build(fact("LeNet", "对的时钟"), now=NOW + 20).notes
    assert is_ahead(changed, NOW + 20)
    (unchanged,) = project.build(fact("LeNet", "对的时钟"), now=NOW + 30).notes
    assert unchanged.mod == changed.mod
    assert not is_ahead(unchanged, NOW + 30)


def test_refresh_bumps_by_request() -> None:
    project = Project()
    project.build(LENET, DLSS3, now=NOW)
    notes = project.build(LENET, DLSS3, now=NOW + 9, refresh="dlss*").notes
    assert [note.mod == NOW + 9 for note in notes] == [False, True]
    assert {note.mod for note in project.build(LENET, DLSS3, now=NOW + 99, refresh="").notes} == {NOW + 99}


PICTURE = MediaFile("![](a.png)", "a.png", "d" * 64, "a-1.png")


def test_a_missing_picture_holds_a_known_note_back_and_not_a_new_one() -> None:
    with_picture = fact("网络的结构", "![](a.png)", media=(PICTURE,))
    without = fact("网络的结构", "![](a.png)", is_missing_media=True)
    project = Project()
    (first,) = project.build(with_picture, now=NOW).notes
    text = project.text()
    result = project.build(without)
    (held,) = result.notes
    assert (held.guid, held.mod, held.is_held_back) == (first.guid, first.mod, True)
    assert [d.kind for d in result.diagnostics] == ["picture-kept"]
    assert project.text() == text
    (back,) = project.build(with_picture).notes
    assert (back.mod, back.change, back.is_held_back) == (first.mod, "unchanged", False)
    fresh = Project()
    (new,) = fresh.build(without, now=NOW).notes
    assert (new.change, new.is_held_back) == ("new", False)
    (shown,) = fresh.build(with_picture, now=NOW + 7).notes
    assert (shown.guid, shown.mod) == (new.guid, NOW + 7)


def test_a_held_back_note_that_is_reworded_takes_its_key_along() -> None:
    """Else the old wording, written again for another fact, would get its GUID."""
    answer = "![](a.png) 模型在训练数据上表现很好、在新数据上表现很差的现象"
    project = Project()
    (guid,) = project.guids(fact("过拟合的含义", answer, media=(PICTURE,)))
    line = project.line(guid)
    (held,) = project.build(fact("过拟合的意思", answer, is_missing_media=True)).notes
    assert held.guid == guid
    assert project.line(guid).key == ("过拟合的意思",)
    assert (project.line(guid).hash, project.line(guid).mod) == (line.hash, line.mod)


def test_several_of_one_question() -> None:
    """By answer, then by place, then as what is clearly most alike; both new, both salted: no order plays a part."""
    gan = fact("缺点", "训练不稳定，容易模式崩溃", headings=("GAN",))
    vae = fact("缺点", "生成的图像偏模糊", headings=("VAE",))
    project = Project()
    first = project.guids(gan, vae)
    assert Project().guids(vae, gan) == first[::-1]
    flow = fact("缺点", "计算量和显存占用大", headings=("Flow",))
    assert project.guids(flow, vae, gan)[1:] == first[::-1]
    edited = fact("缺点", "生成结果偏模糊", headings=("VAE",))
    assert project.guids(edited, gan) == [first[1], first[0]]


def test_own_note_types_are_kinds_of_their_own() -> None:
    project = Project()
    word = fact("der Hund", "dog", kind="Word")
    basic = fact("der Hund", "dog")
    first = project.guids(word, basic)
    assert first[0] != first[1]
    assert project.guids(basic, word) == first[::-1]


def test_basic_reversed_typed_and_back_is_one_guid() -> None:
    project = Project()
    (guid,) = project.guids(LENET)
    for switch in ("Reversed", "Typed", "Basic"):
        assert project.guids(fact("LeNet", LENET.answer, note_type=switch)) == [guid]


def test_declined_notes_stay_out() -> None:
    project = Project()
    (guid,) = project.guids(LENET)
    project.lock, _ = parse_lock(project.text().rstrip("}\n") + ',"declined":"2026-01-02"}\n', "deck.lock")
    (note,) = project.build(LENET).notes
    assert (note.guid, note.is_held_back) == (guid, True)
    assert project.line(guid).declined == "2026-01-02"


def test_the_decks_that_a_note_was_made_for_are_remembered() -> None:
    project = Project()
    (guid,) = project.guids(fact("LeNet", LENET.answer, deck="A"))
    assert project.line(guid).decks == ()
    for deck, former in (("B", ("A",)), ("C", ("A", "B")), ("A", ("B", "C")), ("A", ("B", "C"))):
        assert project.guids(fact("LeNet", LENET.answer, deck=deck)) == [guid]
        assert (project.line(guid).deck, project.line(guid).decks) == (deck, former)


def test_a_first_build_is_the_same_on_every_machine_and_clock() -> None:
    drafts = [LENET, RESNET, DROPOUT, DLSS3, DLSS35, cloze("由⟦生成器⟧和⟦判别器⟧组成")]
    one, other = Project(), Project()
    one.build(*drafts, now=NOW)
    other.build(*reversed(drafts), now=NOW + 10**6)
    assert one.text() == other.text()


def test_the_guid_is_frozen() -> None:
    """A change here would cost every learner without a lock all schedules."""
    (note,) = identify([LENET], new_lock("frozen"), Scope(frozenset({"a.md"})), NOW).notes
    assert (note.guid, note.id) == ("elvlewght2jqma74", 1404250086000)


def test_a_word_in_brackets_may_come_and_go_but_not_change() -> None:
    answer = "模型在训练数据上表现很好、在新数据上表现很差的现象"
    project = Project()
    (guid,) = project.guids(fact("过拟合的含义", answer))
    assert project.guids(fact("过拟合（overfitting）的含义", answer)) == [guid]
    (other,) = project.build(fact("过拟合（underfitting）的含义", answer)).notes
    assert other.guid != guid
