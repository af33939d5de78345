"""What a build did not look at sleeps; what the author says by hand goes before everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from identity_factories import NOW, Project, fact, merged

from deckgen.identity.identify import identify
from deckgen.identity.lock import parse_lock
from deckgen.identity.scope import Scope

LENET = fact("LeNet", "一种早期的卷积神经网络，用来识别手写数字")
RESNET = fact("ResNet", "用残差连接训练上百层网络的结构")


def test_one_file_built_alone_leaves_the_others_asleep() -> None:
    project = Project()
    a, b = LENET, fact("Vim", "一个文本编辑器", path="b.md")
    first = project.guids(a, b)
    before = {line.guid: line for line in project.lock.lines}
    result = project.build(fact("LeNet", "一种卷积网络"), unread=frozenset({"b.md"}))
    assert not result.retired
    assert project.line(first[1]) == before[first[1]]
    assert result.notes[0].guid == first[0]


def test_what_moved_into_the_only_file_that_is_read_keeps_its_guid_and_its_line() -> None:
    project = Project()
    here, there = fact("Vim", "一个文本编辑器", path="b.md"), fact("Vim", "一个文本编辑器", path="a.md")
    (guid,) = project.guids(here)
    text = project.text()
    (note,) = project.build(there, unread=frozenset({"b.md"})).notes
    assert (note.guid, note.change) == (guid, "unchanged")
    assert project.text() == text


def test_a_rule_that_was_not_tried_retires_nothing_there() -> None:
    project = Project()
    first = project.guids(LENET, RESNET)
    result = project.build(RESNET, untried=frozenset({("a.md", "facts/is")}))
    assert not result.retired
    assert project.guids(LENET, RESNET) == first


def test_a_file_that_is_gone_or_excluded_and_a_rule_that_is_gone_retire() -> None:
    project = Project()
    there = fact("Vim", "一个文本编辑器", path="b.md")
    old = fact("Emacs", "另一个文本编辑器", rule="facts/old")
    vim, emacs, _ = project.guids(there, old, LENET)
    result = project.build(LENET, excluded=frozenset({"b.md"}), rules=frozenset({"facts/is"}))
    assert {line.guid: line.retired for line in result.retired} == {vim: "excluded", emacs: "rule"}
    assert {line.guid for line in project.build(excluded=frozenset()).retired} == {
        line.guid for line in project.lock.lines if line.question == "LeNet"
    }


def test_an_empty_folder_by_mistake_warns_and_everything_comes_back() -> None:
    project = Project()
    drafts = [fact(f"事实{chr(0x4E00 + i * 37)}", f"答案{i}", line=i) for i in range(25)]
    first = project.guids(*drafts)
    result = project.build()
    assert [d.kind for d in result.diagnostics] == ["many-retired"]
    assert len(result.retired) == 25
    assert project.guids(*drafts) == first
    assert not project.build(*drafts[:21]).diagnostics


def test_by_hand() -> None:
    project = Project()
    old, other = project.guids(fact("LSTM", "一种循环神经网络"), RESNET)
    reworded = fact("长短期记忆网络", "能记住较早输入的循环网络")
    trial = identify([reworded, RESNET], project.lock, Scope(frozenset({"a.md"})), NOW)
    assert trial.notes[0].change == "new"
    (note, _) = project.build(reworded, RESNET, same=((old, trial.notes[0].guid),)).notes
    assert (note.guid, note.reason) == (old, "by hand")
    assert project.guids(reworded, RESNET) == [old, other]


def test_by_hand_after_the_new_note_was_built() -> None:
    project = Project()
    (old,) = project.guids(fact("LSTM", "一种循环神经网络"))
    reworded = fact("长短期记忆网络", "能记住较早输入的循环网络")
    (new,) = project.guids(reworded)
    result = project.build(reworded, same=((old, new),))
    assert [note.guid for note in result.notes] == [old]
    assert [line.guid for line in result.retired] == [new]
    assert project.guids(reworded) == [old]


@pytest.mark.parametrize(
    ("same", "kind"),
    [
        (lambda a, b: (("nosuchguid", a),), "same-unknown"),
        (lambda a, b: ((a, "nosuchguid"),), "same-unknown"),
        (lambda a, b: ((a, b),), "same-taken"),
    ],
)
def test_by_hand_refused(same: Callable[[str, str], tuple[tuple[str, str], ...]], kind: str) -> None:
    project = Project()
    first, second = project.guids(LENET, RESNET)
    result = project.build(LENET, RESNET, same=same(first, second))
    assert [d.kind for d in result.diagnostics] == [kind]
    assert [note.guid for note in result.notes] == [first, second]


def test_two_guids_swapped_by_hand() -> None:
    project = Project()
    first, second = project.guids(LENET, RESNET)
    assert project.guids(LENET, RESNET, same=((first, second), (second, first))) == [second, first]


def test_a_near_miss_says_what_spoke_against_it() -> None:
    project = Project()
    old, _ = project.guids(fact("王积薪的生平", "唐代的围棋国手，曾任翰林棋待诏"), RESNET)
    result = project.build(fact("王积薪的生平", "字不详", path="b.md"), RESNET)
    (miss,) = result.near_misses
    assert (miss.old.guid, miss.new, miss.condition) == (old, result.notes[0].guid, "question")
    assert miss.hint == f"--same {old}={miss.new}"


def test_what_is_said_to_be_another_is_remembered() -> None:
    project = Project()
    (old,) = project.guids(fact("Jaeger", "open-source distributed tracing of requests"))
    zipkin = fact("Zipkin", "open-source distributed tracing of requests")
    before = project.text()
    result = project.build(zipkin)
    assert [(miss.old.guid, miss.condition) for miss in result.near_misses] == [(old, "names")]
    new = result.notes[0].guid
    project.lock = parse_lock(before, "deck.lock")[0]
    result = project.build(zipkin, another=((old, new),))
    assert not result.near_misses
    assert result.notes[0].guid == new
    assert project.line(old).another == (new,)
    project.lock = parse_lock(merged(before, project.text()), "deck.lock")[0]
    result = project.build(zipkin)
    assert project.line(old).another == (new,), "what either branch said holds"
    back = fact("Jaeger", "open-source distributed tracing of requests")
    assert project.guids(back, zipkin) == [old, new]
    assert project.line(old).another == (new,)


def test_what_was_taken_for_an_old_note_and_is_another() -> None:
    project = Project()
    (old,) = project.guids(fact("osmosis", "the flow of a solvent"))
    shown = fact("Osmosis", "the flow of a solvent")
    before = project.text()
    assert project.guids(shown) == [old]
    project.lock = parse_lock(before, "deck.lock")[0]
    (new,) = project.guids(shown, another=((old, old),))
    assert new != old
    assert project.line(old).another == (new,)
    assert project.guids(shown) == [new]
    result = project.build(shown, another=(("x", "y"),))
    assert [d.kind for d in result.diagnostics] == ["same-unknown"]


def test_a_note_that_is_another_one_of_its_question_keeps_its_own_fact() -> None:
    """The GUID of the question alone is that of one of the two; the other one asks the same and is no stranger to it."""
    project = Project()
    first = fact("mercury", "the planet nearest to the sun")
    second = fact("mercury", "a metal that is liquid in a warm room", path="b.md")
    planet, metal = project.guids(first)[0], project.guids(first, second)[1]
    project.build(first, second, another=((metal, planet),))
    assert project.line(metal).another == (planet,)
    assert project.guids(first, second) == [planet, metal]


def test_the_last_word_by_hand_holds() -> None:
    """What was said to be another note, and then that it is this one after all, stays this one."""
    project = Project()
    (old,) = project.guids(fact("Jaeger", "open-source distributed tracing of requests"))
    zipkin = fact("Zipkin", "open-source distributed tracing of requests")
    new = project.build(zipkin).notes[0].guid
    project.build(zipkin, another=((old, new),))
    assert project.guids(zipkin, same=((old, new),)) == [old]
    assert project.guids(zipkin) == [old]
    assert project.guids(fact("Zipkin", "open-source distributed tracing of all requests")) == [old]


def test_every_retired_note_is_shown_with_its_best_candidate() -> None:
    """Of another rule, too; not one that is like nothing new."""
    project = Project()
    lathe, gone = fact("Lathe", "a machine that turns a workpiece against a tool"), fact("Zebra", "grazes at dawn")
    guids = project.guids(lathe, gone)
    other = fact("Turning", "a machine that turns a workpiece against some tool", rule="structure/term")
    result = project.build(other)
    assert {line.guid for line in result.retired} == set(guids)
    assert [(miss.old.guid, miss.condition) for miss in result.near_misses] == [(guids[0], "names")]
