"""Scenarios in which a simpler design loses a schedule or hands it to another fact, one test each: builds, locks and time."""

from __future__ import annotations

import random
import time
import tracemalloc

import msgspec
import pytest
from identity_factories import NOW, Project, cloze, fact, merged, scope_of

from deckgen.identity.assign import is_ahead
from deckgen.identity.identify import identify
from deckgen.identity.lock import Lock, key_digest, new_lock, parse_lock
from deckgen.model import Draft, MediaFile

OVERFITTING = "模型在训练数据上表现很好、在新数据上表现很差的现象"
PICTURE = MediaFile("![](a.png)", "a.png", "0" * 64, "a-1.png")


def test_a_line_added_on_top_bumps_nothing() -> None:
    project = Project()
    before = project.build(fact("池化", "降低分辨率", line=3)).notes
    after = project.build(fact("池化", "降低分辨率", line=30, headings=("新的标题",))).notes
    assert (after[0].mod, after[0].change) == (before[0].mod, "unchanged")


def test_a_new_renderer_bumps_nothing() -> None:
    """The hash is of Markdown; the header remembers the renderer."""
    from msgspec.structs import replace

    project = Project()
    (before,) = project.build(fact("池化", "`降低` 分辨率")).notes
    project.lock = replace(project.lock, header=replace(project.lock.header, rendering="2"))
    (after,) = project.build(fact("池化", "`降低` 分辨率")).notes
    assert after.mod == before.mod
    assert project.lock.header.rendering == "2"


def test_a_lost_lock_overwrites_nothing_in_anki() -> None:
    drafts = [fact("池化", "降低分辨率"), fact("卷积", "滑动的窗口")]
    project = Project()
    first = project.build(*drafts, now=NOW).notes
    clone = Project().build(*drafts, now=NOW + 10**6).notes
    assert [(n.guid, n.id, n.mod) for n in clone] == [(n.guid, n.id, n.mod) for n in first]
    assert all(note.mod < 1_704_067_200 for note in clone)


def test_list_shows_the_guids_and_ids_that_build_will_write() -> None:
    drafts = [fact(f"问题{i}", f"答案{i}") for i in range(50)]
    project = Project()
    listed = identify(drafts, project.lock, scope_of(drafts), NOW).notes
    built = project.build(*drafts, now=NOW + 77).notes
    assert [(n.guid, n.id) for n in listed] == [(n.guid, n.id) for n in built]


def test_two_folders_of_one_name_are_two_projects() -> None:
    draft = fact("Introduction", "what this is about")
    one = identify([draft], new_lock("notes-a1b2c3"), scope_of([draft]), NOW).notes[0]
    two = identify([draft], new_lock("notes-d4e5f6"), scope_of([draft]), NOW).notes[0]
    assert one.guid != two.guid


def test_files_built_one_after_the_other_do_not_retire_each_other() -> None:
    project = Project()
    one, two = fact("池化", "降低分辨率", path="one.md"), fact("卷积", "滑动的窗口", path="two.md")
    first = project.build(one).notes[0]
    second = project.build(two, unread=frozenset({"one.md"})).notes[0]
    third = project.build(one, unread=frozenset({"two.md"}))
    assert third.notes[0].guid == first.guid
    assert not third.retired
    assert not project.line(second.guid).retired


def test_a_text_over_the_bound_makes_its_notes_sleep() -> None:
    project = Project()
    one, two = fact("池化", "降低分辨率"), fact("卷积", "滑动的窗口")
    project.build(one, two)
    text = project.text()
    project.build(two, untried=frozenset({("a.md", "facts/is")}))
    assert project.text() == text


def test_a_pattern_in_sources_with_a_slip() -> None:
    project = Project()
    drafts = [fact(f"问题{i}", f"答案{i}") for i in range(30)]
    first = project.build(*drafts).notes
    result = project.build()
    assert [d.kind for d in result.diagnostics] == ["many-retired"]
    assert [n.guid for n in project.build(*drafts).notes] == [n.guid for n in first]


def test_a_checkout_without_pictures() -> None:
    project = Project()
    (first,) = project.build(fact("网络的结构", "![](a.png)", media=(PICTURE,))).notes
    text = project.text()
    (note,) = project.build(fact("网络的结构", "![](a.png)", is_missing_media=True)).notes
    assert note.is_held_back
    assert project.text() == text
    assert note.mod == first.mod


def test_the_kind_is_in_the_key() -> None:
    """Anki would refuse the note as conflicting, for ever."""
    project = Project()
    (basic,) = project.guids(fact("池化", "降低分辨率"))
    (word,) = project.build(fact("池化", "降低分辨率", kind="Word")).notes
    assert word.guid != basic
    assert project.line(basic).retired == "gone"


def test_a_number_of_a_cloze_is_never_given_to_another_deletion() -> None:
    project = Project()
    (first,) = project.build(cloze("池化分为⟦最大池化⟧和⟦平均池化⟧两种")).notes
    (second,) = project.build(cloze("池化分为最大池化和⟦平均池化⟧两种")).notes
    (third,) = project.build(cloze("池化分为最大池化和⟦平均池化⟧⟦两种⟧")).notes
    assert [first.cloze, second.cloze, third.cloze] == [(1, 2), (2,), (2, 3)]
    assert first.guid == second.guid == third.guid


def test_each_and_together_are_two_kinds() -> None:
    project = Project()
    (each,) = project.guids(cloze("池化分为⟦最大池化⟧和⟦平均池化⟧"))
    assert project.guids(cloze("池化分为⟦最大池化⟧和⟦平均池化⟧", kind="Cloze together")) != [each]


def test_a_union_of_two_locks_loses_nothing() -> None:
    base = Project()
    shared = fact("池化", "降低分辨率")
    base.build(shared)
    one, two = Project(lock=base.lock), Project(lock=base.lock)
    mine, yours = fact("卷积", "滑动的窗口"), fact("激活", "非线性的函数")
    one.build(fact("池化", "降低特征图的分辨率"), mine, now=NOW + 50)
    two.build(shared, yours, now=NOW + 60)
    lock, problems = parse_lock(merged(one.text(), two.text()), "deck.lock")
    assert not problems
    drafts = [fact("池化", "降低特征图的分辨率"), mine, yours]
    result = identify(drafts, lock, scope_of(drafts), NOW + 90)
    assert {note.change for note in result.notes} == {"unchanged"}
    assert not result.lock.variants


def test_a_fact_reworded_on_one_branch_and_kept_on_the_other() -> None:
    """Both wordings stand in the text: the older keeps the GUID, the other is salted and named."""
    base = Project()
    x, y = fact("过拟合的含义", OVERFITTING), fact("过拟合的意思", OVERFITTING)
    (guid,) = base.guids(x)
    branch = Project(lock=base.lock)
    assert branch.guids(y, now=NOW + 5) == [guid]
    lock, _ = parse_lock(merged(base.text(), branch.text()), "deck.lock")
    alone = identify([y], lock, scope_of([y]), NOW + 9)
    assert [(n.guid, n.change) for n in alone.notes] == [(guid, "unchanged")]
    both = identify([y, x], lock, scope_of([y, x]), NOW + 9)
    assert [n.guid == guid for n in both.notes] == [False, True]
    assert [d.kind for d in both.diagnostics] == ["made-on-two-branches"]


def test_a_rewording_on_a_branch_and_a_new_fact_of_the_old_wording() -> None:
    """The line that the merge left behind does not take the fact of another line."""
    base = Project()
    x, y = fact("过拟合的含义", OVERFITTING), fact("过拟合的意思", OVERFITTING)
    other = fact("过拟合的含义", "参数比样本多", path="b.md")
    (guid,) = base.guids(x)
    branch = Project(lock=base.lock)
    branch.build(y)
    expected = branch.guids(y, other)
    lock, _ = parse_lock(merged(base.text(), branch.text()), "deck.lock")
    result = identify([y, other], lock, scope_of([y, other]), NOW + 9)
    assert [note.guid for note in result.notes] == expected
    assert expected[0] == guid
    assert not result.diagnostics


def test_a_state_in_between_that_was_never_built_is_shown_as_a_near_miss() -> None:
    project = Project()
    (old,) = project.guids(fact("王积薪的生平", "唐代的棋手", "王积薪的生平：唐代的棋手"))
    result = project.build(fact("王积薪一生", "唐代的棋手", "王积薪一生：唐代的棋手"))
    (miss,) = result.near_misses
    assert (miss.old.guid, miss.condition) == (old, "answer")
    assert project.guids(result.notes[0].draft, same=((old, result.notes[0].guid),)) == [old]


def test_a_clock_that_was_ahead_once() -> None:
    project = Project()
    project.build(fact("池化", "降低分辨率"), now=NOW)
    (late,) = project.build(fact("池化", "降低了分辨率"), now=NOW + 10**8).notes
    result = project.build(fact("池化", "降低分辨率"), now=NOW + 10)
    assert result.notes[0].mod == late.mod + 1
    assert is_ahead(result.notes[0], NOW + 10)


def test_cut_in_one_file_saved_and_pasted_into_another() -> None:
    """`watch` builds in between: the same words anywhere, reworded ones only where they stood."""
    project = Project()
    (guid,) = project.guids(fact("过拟合的含义", OVERFITTING))
    project.build()
    (pasted,) = project.build(fact("过拟合的含义", OVERFITTING, path="b.md")).notes
    assert (pasted.guid, pasted.change) == (guid, "restored")
    project.build()
    (reworded,) = project.build(fact("过拟合的意思", OVERFITTING, path="c.md")).notes
    assert reworded.guid != guid
    (miss,) = project.last.near_misses if project.last else ()
    assert miss.condition == "place"
    project.build()
    (there,) = project.build(fact("过拟合是指什么意思", OVERFITTING, path="b.md")).notes
    assert there.change == "new" or there.guid in (guid, reworded.guid)


def test_a_reworded_fact_comes_back_where_it_stood() -> None:
    project = Project()
    (guid,) = project.guids(fact("过拟合的含义", OVERFITTING))
    project.build()
    (note,) = project.build(fact("过拟合的意思", OVERFITTING)).notes
    assert (note.guid, note.change, note.reason) == (guid, "restored", "reworded")


def test_one_constant_question_for_all_files() -> None:
    """No order decides: each keeps its own by answer."""
    drafts = [fact("本文讲什么", f"第{i}篇的主题{'甲乙丙丁'[i] * 6}", path=f"{i}.md", key=()) for i in range(4)]
    project = Project()
    first = project.guids(*drafts)
    assert project.guids(*reversed(drafts)) == first[::-1]
    assert project.guids(*drafts[1:]) == first[1:]


def test_an_image_alone_is_its_path() -> None:
    project = Project()
    first = project.guids(fact("![](a.png)", "结构"), fact("![](b.png)", "结构"))
    assert len(set(first)) == 2
    assert project.guids(fact("![the net](a.png)", "结构"), fact("![](b.png)", "结构")) == first


def test_letter_case_and_superscripts_tell_facts_apart() -> None:
    project = Project()
    guids = project.guids(fact("-o", "写出"), fact("-O", "优化"), fact("x²", "平方"), fact("x2", "第二个"))
    assert len(set(guids)) == 4
    assert project.guids(fact("x2", "第二个"), fact("-O", "优化")) == [guids[3], guids[1]]


def test_a_family_of_long_questions_is_no_evidence() -> None:
    """Of each it is true that the others are as like it as the new one."""

    def sibling(name: str) -> Draft:
        question = f"在{name}里训练很深的模型时最常见的数值稳定性问题是什么"
        return fact(question, f"梯度容易在{name}里消失或者爆炸，要小心地初始化")

    project = Project()
    residual, dense = project.guids(sibling("残差网络"), sibling("稠密网络"))
    notes = project.build(sibling("残差网络"), sibling("胶囊网络")).notes
    assert notes[0].guid == residual
    assert notes[1].guid != dense


def test_a_long_question_with_a_short_answer() -> None:
    """One short term makes it another question."""
    project = Project()
    (old,) = project.guids(fact("哪一家公司最早在显卡里加入了光线追踪的专用单元", "英伟达"))
    (note,) = project.build(fact("哪一家公司最早在显卡里加入了张量运算的专用单元", "英伟达")).notes
    assert note.guid != old


def test_siblings_of_one_question_in_one_place_of_which_one_is_replaced() -> None:
    project = Project()
    slow, dear = project.guids(fact("缺点", "慢"), fact("缺点", "贵"))
    notes = project.build(fact("缺点", "重"), fact("缺点", "贵")).notes
    assert notes[1].guid == dear
    assert notes[0].guid != slow


def test_a_note_that_sleeps_is_paired_by_its_answer_only() -> None:
    project = Project()
    (old,) = project.guids(fact("池化", "降低特征图的分辨率，保留最显著的特征", path="b.md"))
    edited = fact("池化", "降低特征图的分辨率，保留最明显的特征")
    (note,) = project.build(edited, unread=frozenset({"b.md"})).notes
    assert note.guid != old


def test_a_third_of_one_question_is_salted_though_the_plain_guid_is_free() -> None:
    plain = Project().guids(fact("缺点", "慢"))[0]
    project = Project()
    two = project.guids(fact("缺点", "慢"), fact("缺点", "贵"))
    three = project.guids(fact("缺点", "慢"), fact("缺点", "贵"), fact("缺点", "重"))
    assert plain not in three
    assert three[:2] == two


def test_a_former_key_is_salted_though_the_plain_guid_is_free() -> None:
    project = Project()
    (plain,) = project.guids(fact("缺点", "慢"))
    (line,) = project.lock.lines
    other = msgspec.structs.replace(
        line,
        guid="a" * 16,
        key=("不足",),
        question="不足",
        text="不足:慢",
        digest="d",
        answer="",
        was=(key_digest("Basic", "facts/is", ("缺点",)),),
    )
    project.lock = Lock(project.lock.header, (other,))
    (note,) = project.build(fact("缺点", "另一个", path="b.md")).notes
    assert note.change == "new"
    assert note.guid != plain


@pytest.mark.parametrize("name", "甲乙丙丁戊己")  # in about half of them the line left behind is the older one
def test_a_reworded_fact_and_the_old_words_again_after_a_merge(name: str) -> None:
    """The line that the merge left behind comes after the one that is of now."""
    base = Project()
    x, y = fact(f"{name}的含义", OVERFITTING), fact(f"{name}的意思", OVERFITTING)
    base.build(x)
    branch = Project(lock=base.lock)
    branch.build(y)
    expected = branch.guids(y, x)
    lock, _ = parse_lock(merged(base.text(), branch.text()), "deck.lock")
    result = identify([y, x], lock, scope_of([y, x]), NOW + 9)
    assert [note.guid for note in result.notes] == expected
    assert not result.diagnostics


def test_two_lines_alike_in_everything_are_not_a_tie() -> None:
    """Either would be true; the one that stands there keeps it, then the oldest."""
    project = Project()
    project.build(fact("池化", "降低分辨率"))
    (line,) = project.lock.lines
    twin = msgspec.structs.replace(line, guid="a" * 16, id=line.id + 5000, mod=line.mod - 7)
    project.lock = Lock(project.lock.header, (twin, line))
    result = project.build(fact("池化", "降低分辨率"))
    assert [note.guid for note in result.notes] == ["a" * 16]
    assert [retired.guid for retired in result.retired] == [line.guid]


HAN = [chr(0x4E00 + 7 * i) for i in range(2500)]


@pytest.mark.slow
def test_ten_thousand_notes_all_reworded_take_linear_time_and_memory() -> None:
    """All pairs would be a hundred million comparisons."""
    rnd = random.Random(1)

    def words(count: int) -> str:
        return "".join(rnd.choices(HAN, k=count))

    entries = [(words(8), words(20), words(30)) for _ in range(10_000)]
    drafts = [fact(q, a, f"{q}是{a}，{m}。", path=f"{i % 50}.md") for i, (q, a, m) in enumerate(entries)]
    project = Project()
    project.build(*drafts)
    edited = [
        fact(f"{q}的含义", a, f"{q}的含义是{a}，{m}吧。", path=f"{i % 50}.md") for i, (q, a, m) in enumerate(entries)
    ]
    start = time.process_time()
    result = identify(edited, project.lock, scope_of(edited), NOW)
    took = time.process_time() - start
    assert sum(note.reason == "reworded" for note in result.notes) > 9_950
    assert took < 12, f"{took:.1f} s"
    tracemalloc.start()
    identify(edited[:1000], project.lock, scope_of(edited), NOW)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()
