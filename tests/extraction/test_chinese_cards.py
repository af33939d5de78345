"""Chinese cards: what speaks against one, in its label, its answer and the note that it stands in."""

from __future__ import annotations

import pytest

from deckgen.extraction.chinese_signals import is_outline, is_talk
from deckgen.extraction.entries.chinese_sides import asked_name, lists_kinds
from deckgen.extraction.extract import extract
from deckgen.extraction.owner_names import without_number
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.patterns.passage import Passage
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

RULES, PROBLEMS = load_rules([pack for name in ("structure", "zh/facts") if (pack := read_shipped(name)) is not None])
assert not PROBLEMS

DIARY = """# 学琴

今天又去琴行了，老师说我的手型不对。我觉得挺好的啊。

昨天试了新的弦，好像没有以前亮。
"""


def drafts_of(text: str) -> list[Draft]:
    document, _ = read_document(Source("notes/a.md", text))
    return list(extract([document], RULES, Settings("Deck")).found)


def levels(text: str) -> dict[str, str]:
    return {draft.fields[0][1]: draft.confidence for draft in drafts_of(text)}


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("五音", "宫、商、角、徵、羽"),
        ("三大油料作物", "大豆、花生和油菜"),
        ("民事责任", "违约责任与侵权责任"),
        ("两种误差", "系统误差，偶然误差"),
        ("文房四宝", "笔、墨、纸、砚"),
    ],
)
def test_kinds_and_members_that_a_label_names(label: str, said: str) -> None:
    assert lists_kinds(label, said)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("五音", "宫、商、角"),
        ("杜甫", "《春望》、《登高》"),
        ("民事责任", "违约、侵权"),
        ("凌汛", "河里的冰凌堵住水流，使水位上涨"),
        ("第三产业", "餐饮、旅游、金融"),
        ("常用和弦有三种", "大和弦、小和弦、属和弦"),
        ("带权周转时间", "周转时间 / 运行时间"),
        ("二进制乘法", "看乘数的一位是不是1, 是就移位再相加"),
        ("民事责任", ""),
    ],
)
def test_what_is_no_row_of_kinds(label: str, said: str) -> None:
    assert not lists_kinds(label, said)


def test_a_note_that_tells_of_its_author_makes_suggestions() -> None:
    entry = "\n## 琴弦\n\n- 尼龙弦：音色柔和，手感软的弦\n"
    assert levels(f"# 学琴\n{entry}") == {"尼龙弦": "likely"}
    assert levels(f"{DIARY}{entry}") == {"尼龙弦": "maybe"}


def test_what_is_no_talk() -> None:
    assert is_talk(tuple(DIARY.split("\n")))
    quoted = "\n".join(f"> {line}" for line in DIARY.split("\n"))
    assert not is_talk(tuple(quoted.split("\n")))
    assert not is_talk(("我国的自我教育理论，忘我、大我、小我，我党我军。",))
    assert not is_talk(("今天的教材。", *["尼龙弦是用尼龙做的弦，音色柔和。"] * 20))


def test_an_answer_in_two_parts() -> None:
    below = "  - 1865年，芝加哥\n"
    assert levels(f"# 期货\n\n- 标准合约：数量、质量、时间\n{below}") == {"标准合约": "maybe"}
    assert levels(f"# 期货\n\n- 标准合约：交易所统一制定的合约\n{below}") == {"标准合约": "likely"}
    assert levels("# 期货\n\n- 标准合约：数量、质量、时间\n") == {"标准合约": "likely"}


@pytest.mark.parametrize(
    "label", ["为后来的研究奠定基础", "胡塞尔去掉自然的态度", "很容易得出结论", "进一步解释", "中文翻譯"]
)
def test_a_label_that_says_what_is_done(label: str) -> None:
    assert "likely" not in levels(f"# 哲学\n\n- {label}：这一派的主张和方法都由此开始\n").values()


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("一种常见的手法", "maybe"),
        ("古建筑的主要构件", "maybe"),
        ("柱子和屋顶之间的木块，用来把屋顶的重量传给柱子", "likely"),
    ],
)
def test_a_definition_that_holds_of_many_things(said: str, level: str) -> None:
    assert levels(f"# 古建筑\n\n**斗拱**是{said}。\n").get("**斗拱**是什么？", "maybe") == level


def test_an_exercise_is_no_answer() -> None:
    text = "# 阅读\n\n1. 两本书有哪些不同？请说说你的理解。\n2. 作者写了哪两座山？泰山和华山。\n"
    assert levels(text)["作者写了哪两座山？"] == "likely"
    assert levels(text).get("两本书有哪些不同？", "maybe") == "maybe"


def test_items_of_unlike_kinds() -> None:
    text = "# 雕刻\n\n## 刻刀的种类\n\n- 平刀\n- 先在石头上画出字的轮廓，再从外往里慢慢地刻\n"
    assert "likely" not in levels(text).values()


def test_sections_that_only_say_their_heading_again() -> None:
    text = "# 历史\n\n## 西辽的兴起和衰落\n\n### 西辽兴起的经过\n\n略。\n\n### 西辽衰落的经过\n\n略。\n"
    assert "likely" not in levels(text).values()


@pytest.mark.parametrize("said", ["宪政理论体系的重要组成部分", "大数定律的一个推论"])
def test_what_tells_how_it_stands_to_something_else(said: str) -> None:
    assert "likely" not in levels(f"# 理论\n\n**违宪审查**是{said}。\n").values()


OUTLINE = """# 海商法

- 海商法的概念：定义、特点
- 船舶：登记、抵押、权利范围
- 船员：资格、职责
- 提单：种类、作用、转让
- 租船合同：订立、履行、解除
- 船舶碰撞：构成、责任
- 海难救助：条件、报酬
- 共同海损：范围、理算
- 海上保险：保险利益、委付
"""


def test_the_words_of_an_outline_are_no_answers() -> None:
    assert is_outline(tuple(OUTLINE.split("\n")))
    assert levels(OUTLINE)["海商法：船舶"] == levels(OUTLINE)["船舶碰撞"] == "maybe"
    text = "# 海商法\n\n- 船舶：登记、抵押、优先权\n- 提单：承运人收到货物以后开出的凭证\n"
    assert not is_outline(tuple(text.split("\n")))
    assert list(levels(text).values()).count("likely") == 2


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("对冲基金 —— “富人的游戏”", "对冲基金"),
        ("对冲基金——「富人的游戏」", "对冲基金"),
        ("内存扩充（让小内存运行大的程序）", "内存扩充"),
        ("Capacitance - 电容", "电容"),
        ("对冲基金 (Hedge Fund)", "对冲基金 (Hedge Fund)"),
        ("TCP - 三次握手", "TCP - 三次握手"),
        ("从北京——到上海", "从北京——到上海"),
        ("首次公开募股（IPO）", "首次公开募股（IPO）"),
    ],
)
def test_how_a_question_names_an_owner(written: str, named: str) -> None:
    passage = asked_name(Passage.of(written))
    assert passage is not None
    assert passage.plain == named


def test_a_list_keeps_the_formulas_of_its_items() -> None:
    text = (
        "# 电感\n\n## 电感的性质\n\n1. 电流不变时是导线\n2. 顺着电流方向：\n   $$\n   V = L\n   $$\n3. 电流不会突变\n"
    )
    answers = {draft.fields[0][1]: draft.fields[1][1] for draft in drafts_of(text)}
    assert "V = L" in answers["电感的性质有哪些？（3）"]


def test_an_everyday_word_in_english() -> None:
    text = "# 牌局\n\n**规则**（rules）是大家都要守的约定。\n\n**越位**（offside）是在球后面的人先越过了球。\n"
    found = levels(text)
    assert found["**规则**的英文是什么？"] == "maybe"
    assert found["**越位**的英文是什么？"] == "likely"


def test_what_only_names_what_is_to_be_learned() -> None:
    assert levels("# 法理学\n\n- 法律监督：法律监督的概念、体系\n").get("法律监督", "maybe") == "maybe"
    named = asked_name(Passage.of("争霸的影响"), "积极影响")
    assert named is not None
    assert named.plain == "争霸"


def test_the_options_of_an_exercise_are_no_facts() -> None:
    option = "六朝志怪小说是指魏晋时代记述神仙鬼怪的小说。\n"
    assert levels(f"# 小说\n\n{option}")
    assert not levels(f"# 小说\n\n## 下列表述不正确的一项是（D）\n\n{option}")


def test_a_foreign_label_in_small_letters() -> None:
    assert levels("# 并行计算\n\n- rank：进程在整个任务里的序号\n") == {"rank": "likely"}


def level_of(text: str, front: str) -> str:
    """The level of a card that is made of a note, which has to be there."""
    return levels(text)[front]


def test_a_reading_log_makes_suggestions() -> None:
    head = "# 清\n\n| 书名 | 作者 | 阅读时间 | 评价 |\n| --- | --- | --- | --- |\n"
    found = levels(f"{head}| 叫魂 | 孔飞力 | 2023-05-01 | 优秀 |\n| 雍正朝 | 冯尔康 | 2023-06-11 | 尚可 |\n")
    assert {level for front, level in found.items() if "阅读时间" in front or "评价" in front} <= {"maybe"}
    assert found["《叫魂》的作者是谁？"] == "likely"


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("在任意区间上，函数都有", "maybe"),
        ("函数在任意区间上都连续，这里采用的是", "maybe"),
        ("函数在任意区间上都连续而且有界", "likely"),
    ],
)
def test_an_answer_that_breaks_off(said: str, level: str) -> None:
    assert level_of(f"# 函数\n\n- **柯西变换**：{said}\n", "**柯西变换**") == level


def test_a_label_that_is_read_in_kana() -> None:
    text = "# 第二课\n\n| 单词 | 假名 |\n| --- | --- |\n| タオル | たおる |\n| 財布 | さいふ |\n"
    assert {level for front, level in levels(text).items() if "タオル" in front} <= {"maybe"}


def test_a_note_about_german_asks_for_no_english() -> None:
    table = "| 中文 | 单词 |\n| --- | --- |\n| 我们 | wir |\n| 桌子 | Tisch |\n"
    text = f"# 句子\n\nich und du, der Hund ist nicht da\n\n{table}"
    assert {level for front, level in levels(text).items() if "英文" in front} <= {"maybe"}


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("# 访问\n\nABAC基于属性的访问控制。\n", "ABAC基于什么？"),
        ("# 合同\n\n当事人的意思表示真实。\n", "当事人是什么意思？"),
        ("# 函数\n\n## 周期函数\n\n正弦函数是一种周期函数。\n", "正弦函数是什么？"),
        ("# 注释\n\n代词，指代渔人所见的村子。\n", "代词指的是什么？"),
        ("# 收购\n\n2015年宝能开始大量收购万科的股票。\n", "万科的股票是被谁收购的？"),
        ("# 行政\n\n比例原則係指手段和目的之間要有合理的均衡。\n", "比例原則係指的是什么？"),
        ("# 技术\n\n反渗透是工程中的一种技术。\n", "反渗透是什么？"),
        ("# 危机\n\n本币快速贬值--国际收支失衡又被称为“货币危机”。\n", "本币快速贬值--国际收支失衡又叫什么？"),
    ],
)
def test_a_sentence_that_is_read_wrongly(text: str, front: str) -> None:
    assert levels(text).get(front, "maybe") == "maybe"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("农业", "它们的早期文明靠两条大河灌溉"),
        ("吸热反应", "从环境中吸收热量的反应；放热反应：向环境放出热量的反应"),
        ("文字", "文字的发明大约在公元前三千年"),
        ("第9版外科", "本病多见于三十岁以下的男性"),
        ("借", "固定资产的减值损失"),
        ("乙", "有炎症而没有化脓的切口"),
        ("闭区间", "##一种包含两个端点的区间"),
        ("物质", "标志客观实在的哲学范畴，这种实在是"),
        ("泥石流", "山区里**突然发生的洪流。"),
    ],
)
def test_a_term_that_its_answer_does_not_define(label: str, said: str) -> None:
    assert set(levels(f"# 总论\n\n- {label}：{said}\n").values()) <= {"maybe"}
    assert set(levels("# 总论\n\n- 对流层：靠近地面的一层大气\n").values()) == {"likely"}


def test_a_word_of_the_label_is_no_other_label() -> None:
    assert level_of("# 注释\n\n- 山色空濛：山上云雾很重的样子。空濛：迷茫的样子\n", "山色空濛") == "likely"


def test_a_definition_of_something_else() -> None:
    broad = "# 审批\n\n## 审批要素\n\n- 含义：广义上是指贷款方案里应当写明的各项内容\n- 特点：逐项列出\n"
    assert level_of(broad, "审批要素的含义是什么？") == "likely"
    below = "  - 定义：{}是描述系统混乱程度的状态函数\n  - 特点：只看始末状态\n"
    other = levels(f"# 热化学\n\n- 巧妙的办法\n{below.format('熵')}")
    assert other.get("巧妙的办法的定义是什么？", "maybe") == "maybe"


def test_an_example_is_not_all_that_is_said() -> None:
    head = "# 认知发展\n\n- 认知发展期：\n    - 前运算期（2-7岁）\n        - "
    assert level_of(f"{head}ex. 和别的孩子一起过家家\n", "前运算期（2-7岁）") == "maybe"
    assert level_of(f"{head}儿童用词语和图画代表东西的阶段\n", "前运算期（2-7岁）") == "likely"


def test_a_mark_in_front_of_a_heading() -> None:
    fronts = levels("# 外科\n\n## 第二节 ｜ 冻伤\n\n- **一度**：皮肤表层红肿，几天就好\n")
    assert list(fronts) == ["冻伤：**一度**"]


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("image-20240812093015123", "maybe"),
        ("控制水流的门，2024年重修", "likely"),
        ("==控制水流的门，可以升降", "maybe"),
        ("==控制水流==的门，可以升降", "likely"),
        ("控制水流的门，上面这张图里就有", "maybe"),
        ("控制水流的门，样子像一张图", "likely"),
        ("闸门和堤坝是一回事（❌）", "maybe"),
    ],
)
def test_what_is_left_in_an_answer(said: str, level: str) -> None:
    assert {found for front, found in levels(f"# 水工\n\n- **闸门**：{said}\n").items() if "闸门" in front} == {level}


@pytest.mark.parametrize(("label", "level"), [("有夯土层", "maybe"), ("夯土层", "likely")])
def test_a_list_below_what_something_has(label: str, level: str) -> None:
    found = levels(f"# 城墙\n\n- {label}\n  - 黄土层\n  - 灰土层\n")
    assert {one for front, one in found.items() if "包括哪些" in front} == {level}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("第五节 ｜ 闸门", "闸门"),
        ("第 3 章：闸门的种类", "闸门的种类"),
        ("第五节闸门", "第五节闸门"),
        ("第五节 ｜ 闸", "第五节 ｜ 闸"),
        ("闸门 ｜ 第五节", "闸门 ｜ 第五节"),
    ],
)
def test_a_section_is_named_without_its_number(name: str, shown: str) -> None:
    assert without_number(name) == shown


def test_a_heading_that_goes_on_is_named_as_a_whole() -> None:
    fronts = levels("# 徐霞客：游黄山日记\n\n## 注释\n\n- 忽逢：忽然之间遇到了什么。\n- 如许：像眼前看到的这么多。\n")
    assert {"徐霞客：游黄山日记：忽逢", "徐霞客：游黄山日记：如许"} <= set(fronts)


def test_code_is_no_english() -> None:
    text = "# 画图\n\n- 描边 outline(blur(image))\n- 填色 fill\n"
    assert {level for front, level in levels(text).items() if "描边" in front} <= {"maybe"}


def test_a_translation_below_a_text_is_no_section() -> None:
    text = "# 劝学\n\n## 青取之于蓝\n\n### 白话翻譯\n\n靛青是从蓝草里提取的，可是比蓝草的颜色更深。\n"
    assert {level for front, level in levels(text).items() if "翻譯" in front} <= {"maybe"}


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("## 凍傷\n\n- 病因：皮膚長時間受冷\n", "凍傷的病因是什麼？"),
        ("## 冻伤\n\n- 病因：皮肤长时间受冷\n", "冻伤的病因是什么？"),
        ("## 儒林外史\n\n- 作者：吳敬梓，清朝人，寫過許多詩\n", "儒林外史的作者是誰？"),
        ("海拔越高，空氣中的氧氣就越稀薄，這是書裡寫的。\n", "海拔越高，空氣中的氧氣會怎樣？"),
        ("## 冻伤\n\n这种病也写作“凍傷”，冬天多见。\n\n- 病因：皮肤长时间受冷\n", "冻伤的病因是什么？"),
    ],
)
def test_a_note_is_asked_in_its_own_script(text: str, front: str) -> None:
    assert front in levels(text)


def test_the_script_of_a_question_is_no_part_of_its_key() -> None:
    (one,) = [draft for draft in drafts_of("## 凍傷\n\n- 病因：皮膚長時間受冷\n") if draft.rule == "structure/role-zh"]
    assert (one.key, one.question) == (("凍傷", "病因"), "凍傷\n病因")


@pytest.mark.parametrize(
    ("said", "front", "level"),
    [
        ("撒哈拉曾经是水草丰美的草原。", "撒哈拉曾经是什么？", "maybe"),
        ("撒哈拉是世界上最大的热沙漠。", "撒哈拉是什么？", "likely"),
        ("**制革**是一种工作方法。", "**制革**是什么？", "maybe"),
        ("**鞣酸**是一种从树皮里提取的涩味物质。", "**鞣酸**是什么？", "likely"),
    ],
)
def test_a_definition_of_nothing(said: str, front: str, level: str) -> None:
    assert level_of(f"# 自然\n\n{said}\n", front) == level


@pytest.mark.parametrize(("label", "level"), [("夯土举例", "maybe"), ("夯土层", "likely")])
def test_examples_are_no_parts(label: str, level: str) -> None:
    found = levels(f"# 城墙\n\n- {label}\n  - 黄土层\n  - 灰土层\n")
    assert {one for front, one in found.items() if "包括哪些" in front} <= {level}


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("# 茶\n\n- 制茶主要分为三步：杀青、揉捻、干燥\n", "制茶分为哪三步？"),
        ("# 乐器\n\n- 弹拨乐器：如琵琶、古筝和三弦等\n", "弹拨乐器有哪些例子？"),
        ("# 乐器\n\n- 弹拨乐器：如果用力过大，弦会断，要换新的\n", "弹拨乐器"),
        ("## 丝虫\n\n- 寄生部位：淋巴系统\n", "丝虫的寄生部位在哪里？"),
        ("## 汤头【重要】\n\n- 功效：清热解毒\n", "汤头的功效是什么？"),
        ("## 什么是夯土\n\n- 用途：筑墙\n", "夯土的用途是什么？"),
        ("## 夯土（背景）\n\n- 用途：筑墙\n", "夯土（背景）的用途是什么？"),
    ],
)
def test_what_a_label_is_asked_as(text: str, front: str) -> None:
    assert front in levels(text)


@pytest.mark.parametrize(
    ("head", "cell", "front"),
    [
        ("是否耐寒", "不耐寒", "茶树是否耐寒？"),
        ("平均海拔", "约八百米左右", "茶树的平均海拔是多少？"),
        ("最低温度", "很高", "茶树的最低温度怎样？"),
        ("治疗", "剪去病叶", "茶树怎么治疗？"),
        ("举例", "龙井", "茶树有哪些例子？"),
        ("名作", "《茶经》《大观茶论》", "茶树的名作有哪些？"),
        ("直射点", "赤道", "茶树的直射点在哪里？"),
        ("pKa", "约四", "茶树：pKa？"),
        ("叶", "厚而光亮", "茶树：叶？"),
        ("注释", "常绿的灌木", "茶树指什么？"),
    ],
)
def test_what_a_cell_is_asked_as(head: str, cell: str, front: str) -> None:
    assert front in levels(f"# 植物\n\n| 植物 | {head} | 产地 |\n| --- | --- | --- |\n| 茶树 | {cell} | 云南 |\n")


def test_columns_of_one_kind_have_the_sides_that_the_rows_name() -> None:
    text = "# 茶\n\n| 内容 | 炒青绿茶 | 蒸青绿茶 |\n| --- | --- | --- |\n| 香气来源 | 热锅 | 热汽 |\n| 工序 | 四道 | 三道 |\n"
    assert "炒青绿茶的香气来源是什么？" in levels(text)


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("# 茶史\n\n## 课程\n\n- 教材：第二版，图书馆里有两本可以借\n", "教材"),
        ("# 物权\n\n- 留置权人：假设您把车送去修，没有付钱，修理厂可以不还\n", "留置权人"),
        ("# 森林\n\n叶子的颜色主要受两方面的影响：\n\n- 内部因素：色素的含量\n", "因素"),
    ],
)
def test_remarks_and_sentences_make_suggestions(text: str, front: str) -> None:
    assert {level for one, level in levels(text).items() if front in one} <= {"maybe"}


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("## 竞争冒险\n\n- 如何消除？接一个滤波电容\n", "竞争冒险：如何消除？"),
        ("## 竞争冒险\n\n- 如何消除竞争冒险？接一个滤波电容\n", "如何消除竞争冒险？"),
        ("## 雪盲\n\n### 治疗\n\n- 局部用药：冷敷、遮光，滴眼药水\n", "雪盲的治疗：局部用药"),
        ("## 雪盲\n\n### 治疗\n\n- 遮光眼镜：一种只留一条缝的眼镜\n", "遮光眼镜"),
        ("## 雪盲\n\n### 分类\n\n- 轻度雪盲：只有流泪，休息一天就好\n", "轻度雪盲"),
    ],
)
def test_what_stands_below_a_thing_is_asked_with_it(text: str, front: str) -> None:
    assert front in levels(text)


@pytest.mark.parametrize(
    ("said", "front"),
    [
        ("**区域**是满足下列两个条件的点集。", "**区域**是什么？"),
        ("**夜航**无非是不点灯的航行方式。", "**夜航**无非是什么？"),
        ("1921年7月是中国革命历史上的重要转折点。", "1921年7月是什么？"),
        ("**制茶**是把鲜叶炒干揉成一团", "**制茶**是什么？"),
    ],
)
def test_sentences_that_define_nothing_make_suggestions(said: str, front: str) -> None:
    assert levels(f"# 笔记本\n\n{said}\n").get(front, "maybe") == "maybe"


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        ("这意味着什么？", "maybe"),
        ("例子1：两条河哪条更长？", "maybe"),
        ("请从意境的角度赏析全诗？", "maybe"),
        ("我国最长的河是哪条？", "likely"),
        ("请求权有哪几种？", "likely"),
    ],
)
def test_a_question_is_one_by_itself(asked: str, level: str) -> None:
    assert levels(f"# 江河\n\n- {asked}\n  - 长江，全长六千多公里\n")[asked] == level


def test_a_meaning_ends_before_the_next_one() -> None:
    (one,) = [
        d for d in drafts_of("# 茶\n\n绿茶是指不发酵的茶叶；红茶是指完全发酵的茶叶。\n") if "绿茶" in d.fields[0][1]
    ]
    assert one.fields[1][1] == "不发酵的茶叶"


@pytest.mark.parametrize(("label", "level"), [("确定入口语句", "maybe"), ("入口语句", "likely")])
def test_what_one_does_has_no_parts(label: str, level: str) -> None:
    found = levels(f"# 编译\n\n- {label}\n  - 程序的第一句语句\n  - 转向到的语句\n")
    assert {one for front, one in found.items() if "包括哪些" in front} <= {level}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("# 管理\n\n**上周**是管理思想的发展历史。\n", "上周"),
        ("# 破产\n\n- 审查期限\n  - 一般情况\n  - 复杂情况\n", "审查期限有哪些"),
        ("# 磁盘\n\n平均寻道长度 = 所有寻道距离之和 /\n", "平均寻道长度"),
        ("# 曲\n\n- 意大利协奏曲的定义：对比 $a=b$ 和它的推论\n", "意大利协奏曲"),
    ],
)
def test_pieces_and_empty_answers_make_suggestions(text: str, part: str) -> None:
    assert {level for front, level in levels(text).items() if part in front} <= {"maybe"}


def test_from_one_gear_to_another_names_no_members() -> None:
    assert not lists_kinds("二挡到三档", "向上推动回到空挡，再向上到达三挡")


@pytest.mark.parametrize(
    ("label", "items", "level"),
    [
        ("清洁方针和目标", "  - 饮水清洁方针\n  - 饮水清洁目标\n", "maybe"),
        ("方针和目标", "  - 不许漏水\n  - 三年不修\n", "likely"),
    ],
)
def test_what_names_its_own_items_asks_nothing(label: str, items: str, level: str) -> None:
    found = levels(f"# 水厂\n\n- {label}\n{items}")
    assert {one for front, one in found.items() if label in front and "有哪些" in front} <= {level}


def test_an_exception_is_one_of_something() -> None:
    assert "个别清偿无效的例外是什么？" in levels("## 个别清偿无效\n\n- 例外：清偿使债务人受益的，有效\n")
