"""What may change in a question that stays the same question, and what makes it another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_factories import Project, cloze, fact

from deckgen.identity.chinese_scripts import is_converted, simplified
from deckgen.identity.normal_form import normalise
from deckgen.identity.same_subject import ask_the_same, is_exchanged
from deckgen.model import Draft

SAME = [
    ("过拟合", "什么是过拟合？"),
    ("过拟合的含义", "过拟合是什么意思"),
    ("为什么深层网络难训练", "深层网络难训练的原因"),
    ("如何挑选学习率", "怎样挑选学习率？"),
    ("残差连接的作用", "残差连接有什么用途"),
    ("栈和队列的区别", "栈与队列有什么不同"),
    ("循环神经网络的缺点", "循环神经网络（RNN）的坏处"),
    ("recurrent network", "recurrent network (RNN)"),
    ("RNN", "RNN（循环神经网络）"),
    ("激活函数的阀值", "激活函数的阈值"),
    ("學習率的含義", "学习率的意思"),
    ("What is overfitting?", "What does overfitting mean?"),
    ("the learning-rate schedule", "the learning rate schedule"),
    ("“过拟合”的定义", "过拟合的定义"),
    ("梯度为零的点", "梯度是零的点"),
    ("把图像缩小", "将图像缩小"),
]
OTHER = [
    ("栈和队列的区别", "栈和队列的优点"),
    ("为什么用残差连接", "如何用残差连接"),
    ("“在”的用法", "“于”的用法"),
    ("的", "地"),
    ("监督学习", "无监督学习"),
    ("梯度下降", "随机梯度下降"),
    ("A比B快", "B比A快"),
    ("convert str to bytes", "convert bytes to str"),
    ("f(x)", "f(y)"),
    ("sort()", "sort(reverse)"),
    ("阀（左）", "阀（右）"),
    ("ResNet（50）", "ResNet（101）"),
    ("x < y", "x > y"),
    ("x == y", "x != y"),
    ("n!的增长", "n的增长"),
    (".NET", "NET"),
    ("$\\min f$", "$\\max f$"),
    ("α衰变", "β衰变"),
    ("ひだり", "みぎ"),
    ("왼쪽", "오른쪽"),
    ("левый", "правый"),
    ("裡外", "里内"),
    ("与非门", "非门"),
    ("所有元素", "有元素"),
    ("了解方程", "解方程"),
    ("图的着色", "图的色"),
    ("geometric mean", "geometric"),
    ("x-y", "x y"),
    ("血型（A）", "血型"),
    ("目的", "目"),
    ("頭髮的樣子", "頭發的樣子"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_question_in_other_words(one: str, other: str) -> None:
    assert ask_the_same(normalise(one), normalise(other))
    assert ask_the_same(normalise(other), normalise(one))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_question(one: str, other: str) -> None:
    assert not ask_the_same(normalise(one), normalise(other))
    assert not ask_the_same(normalise(other), normalise(one))


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert ask_the_same(one, one)
    assert ask_the_same(one, other) == ask_the_same(other, one)
    assert is_exchanged(one, other) == is_exchanged(other, one)
    assert not is_exchanged(one, one)


@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        ("训练慢，还占显存", "训练很慢，还占显存", False),
        ("训练慢，还占显存", "推理慢，还占显存", True),
        ("训练时稳定", "训练时不稳定", True),
        ("让梯度容易通过", "使梯度更容易通过", False),
        ("it does converge", "it does not converge", True),
        ("梯度變小", "梯度变小", False),
    ],
)
def test_a_word_in_the_place_of_another(one: str, other: str, is_other: bool) -> None:
    assert is_exchanged(one, other) is is_other


def test_conversion_goes_one_way() -> None:
    """頭髮 and 頭發 are two words of one script, though both become 头发."""
    assert simplified("頭髮") == simplified("頭發") == "头发"
    assert is_converted("頭髮", "头发")
    assert not is_converted("頭髮", "頭發")
    assert not is_converted("頭发", "头髮")


SIBLINGS = [
    "太大/太小",
    "过拟合/欠拟合",
    "极大/极小",
    "最大/最小",
    "左心室/右心室",
    "甲方/乙方",
    "上/下",
    "增/减",
    "正/负",
    "前/后",
    "内/外",
    "升/降",
    "高/低",
    "长/短",
    "强/弱",
    "冷/热",
    "入/出",
    "阴/阳",
    "东/西",
    "南/北",
    "春/夏",
    "秋/冬",
    "父/母",
    "男/女",
    "主/从",
    "主/副",
    "同/异",
    "有/无",
    "加/减",
    "开/关",
    "收/发",
    "买/卖",
    "授/受",
    "借/贷",
    "奇/偶",
    "真/假",
    "先/后",
    "快/慢",
    "多/少",
    "深/浅",
    "粗/细",
    "明/暗",
    "新/旧",
    "优/劣",
    "胜/败",
    "动脉/静脉",
    "吸气/呼气",
    "监督/无监督",
    "监督/半监督",
    "方差/协方差",
    "连续/不连续",
    "钠/钾",
    "唐/宋",
    "李白/杜甫",
    "心/肺",
    "红/绿",
    "一/二",
    "第三/第四",
    "子/丑",
    "编码/解码",
    "加密/解密",
    "串行/并行",
    "同步/异步",
    "静态/动态",
    "公钥/私钥",
    "客户端/服务端",
    "读/写",
    "推/拉",
    "乐观/悲观",
    "行/列",
    "横/纵",
    "充分/必要",
    "线性/非线性",
    "酸/碱",
    "氧化/还原",
    "羟/烃",
    "终止/中止",
    "定金/订金",
    "权利/权力",
    "均值/中位数",
    "训练/推理",
    "进程/线程",
    "债权人/债务人",
    "主语/宾语",
    "递增/递减",
    "收敛/发散",
    "单射/满射",
    "前序/后序",
    "栈/队列",
    "分子/分母",
    "主键/外键",
    "上游/下游",
    "有向/无向",
    "稠密/稀疏",
    "山东/山西",
    "left/right",
    "min/max",
    "over/under",
    "upper/lower",
    "hyper/hypo",
    "inter/intra",
    "mono/poly",
    "client/server",
    "master/slave",
    "read/write",
    "push/pull",
    "encode/decode",
    "with/without",
    "stable/unstable",
    "is/isn't",
    "nitrate/nitrite",
    "he/she",
    "α/β",
    "≤/≥",
    "→/←",
    "++i/i++",
    "-o/-O",
    "\\min/\\max",
    "f(x)/f(y)",
]
FRAMES = ("{}", "什么是{}", "为什么{}的一侧在训练的时候总是占用更多的资源", "the {} side of a large distributed system")
ANSWERS = (
    ("应当按照约定的期限支付价款，并妥善保管标的物", "应当按照约定的期限支付价款，并妥善保管标的物"),
    ("把富含氧气的血液泵入主动脉，再送到全身各处的器官", "把缺少氧气的血液泵入肺动脉，再送到左右两侧的肺里"),
)


def asked(question: str, answer: str) -> Draft:
    return fact(question, answer)


def question_parts(question: str, answer: str) -> Draft:
    return fact("特点", answer, outside=question)


def said_between(question: str, answer: str) -> Draft:
    return fact(question, answer, f"众所周知，{question}指的是{answer}，它用得很多。")


def covered(question: str, answer: str) -> Draft:
    return cloze(f"{question}：⟦{answer}⟧。")


def uncovered(question: str, answer: str) -> Draft:
    return cloze(f"说到{question}，⟦众所周知⟧，{answer}。")


@pytest.mark.parametrize("make", [asked, question_parts, said_between, covered, uncovered])
@pytest.mark.parametrize("siblings", SIBLINGS)
def test_a_fact_replaced_by_its_sibling_in_one_build(siblings: str, make: object) -> None:
    """Whether the answer stays or changes with it, at the same place, with nothing else that is like it."""
    one, _, other = siblings.partition("/")
    assert callable(make)
    other_note = fact("残差连接", "把一层的输入直接加到它的输出上，让梯度容易通过")
    for frame in FRAMES:
        for first, second in ANSWERS:
            project = Project()
            guid, kept = project.guids(make(frame.format(one), first), other_note)
            notes = project.build(make(frame.format(other), second), other_note).notes
            assert notes[0].guid != guid, (frame, first)
            assert notes[1].guid == kept


def test_a_section_of_one_name_below_a_sibling() -> None:
    """The heading above is no part of the question; the answer tells them apart."""
    project = Project()
    old = fact("特点", "壁较厚，收缩有力，把含氧的血泵入主动脉，供应全身", headings=("心脏", "左心室"))
    new = fact("特点", "壁较薄，收缩较弱，把缺氧的血泵入肺动脉，送到肺里", headings=("心脏", "右心室"))
    (guid,) = project.guids(old)
    (note,) = project.build(new).notes
    assert note.guid != guid
    assert [miss.condition for miss in (project.last.near_misses if project.last else ())] == ["question"]


def test_a_rule_that_now_captures_the_sibling_in_the_sentence() -> None:
    text = "半监督学习和监督学习都需要一部分有标签的数据。"
    project = Project()
    (guid,) = project.guids(fact("监督学习", "有标签的数据", text))
    (note,) = project.build(fact("半监督学习", "有标签的数据", text)).notes
    assert note.guid != guid


def test_a_whole_deck_becomes_traditional_and_back() -> None:
    """Short answers, shared answers: nothing but the script changed."""
    words = [("学习率", "學習率"), ("批归一化", "批歸一化"), ("随机梯度", "隨機梯度"), ("词向量", "詞向量")]
    here = [fact(one, "参数", f"{one}：参数") for one, _ in words]
    there = [fact(one, "參數", f"{one}：參數") for _, one in words]
    project = Project()
    guids = project.guids(*here)
    result = project.build(*there)
    assert [note.guid for note in result.notes] == guids
    assert {note.reason for note in result.notes} == {"other script"}
    assert project.guids(*here) == guids
