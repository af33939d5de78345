"""Sentences that no rule takes → frames around joints: words such as *because*, *needs to* or 如果 that tell how
the parts of a sentence belong together, with a rule for each that the engine has tried on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.reports.drafts import plain
from deckgen.reports.rules_by_example.frames import Frame, Place
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText

_ENGLISH_PRONOUNS = "(it|they|this|that|these|those|we|you|he|she|i|there|here|which|what|one)"
_CHINESE_PRONOUNS = (
    "(它|他|她|我|你|这|那|其|此|该|上|下|本文|以上|以下|如果|即使|因为|由于|但|而|所以|因此|然后|同时|也|还|再|在"
    "|直接|一般|比较|现在|目前|实现|解决)"
)


class Joint(Struct, frozen=True):
    """Words between two parts: how a frame is shown, what a rule for it looks for, and what it asks."""

    shown: str
    id: str
    match: str
    front: str
    language: str = "en"

    @property
    def rule(self) -> str:
        """A rule for it, as it stands in a rule file."""
        first = "subject" if self.match.startswith("{subject") else "condition"
        pronouns = _ENGLISH_PRONOUNS + " …" if self.language == "en" else _CHINESE_PRONOUNS + "…"
        unless = [f"{{match: {{{first}: '{pronouns}'}}}}"]
        unless.extend(["{match: {answer: '的…'}}"] if self.language == "zh" else [])
        return "\n".join(
            [
                f"  - id: {self.id}",
                "    on: sentence",
                f"    language: {self.language}",
                f"    match: '{self.match}'",
                f"    unless: [{', '.join(unless)}]",
                f"    fields: {{Front: '{self.front}', Back: '{{answer}}'}}",
            ]
        )


JOINTS = (
    Joint("… can be …", "can-be", "{subject:name} can be {answer}", "What can be done with {subject}?"),
    Joint(
        "… needs to / has to …", "must", "{subject:name} (needs|need|has|have) to {answer}", "What must {subject} do?"
    ),
    Joint("… must / should …", "should", "{subject:name} (must|should) {answer}", "What should {subject} do?"),
    Joint("… can …", "can", "{subject:name} can {answer}", "What can {subject} do?"),
    Joint("… because …", "because", "{subject}[,] because {answer}", "Why? {subject} …"),
    Joint("… so that …", "so-that", "{subject}[,] so that {answer}", "What for? {subject} …"),
    Joint("… such as …", "such-as", "{subject} such as {answer}", "Examples? {subject} …"),
    Joint(
        "… instead of …", "instead-of", "{subject} (instead of|rather than) {answer}", "Instead of what? {subject} …"
    ),
    Joint("… based on …", "based-on", "{subject} based on {answer}", "Based on what? {subject} …"),
    Joint("… due to …", "due-to", "{subject} due to {answer}", "Due to what? {subject} …"),
    Joint("If …, …", "if", "If {condition}, [then] {answer}", "What if {condition}?"),
    Joint("When …, …", "when", "(When|Whenever|Once) {condition}, {answer}", "What happens when {condition}?"),
    Joint("To …, …", "to", "[In order] to {condition}, {answer}", "How does one {condition}?"),
    Joint("Since …, …", "since", "Since {condition}, {answer}", "What follows, since {condition}?"),
    Joint("By …, …", "by", "(By|Using) {condition}, {answer}", "What comes of it, by {condition}?"),
    Joint("…可以…", "可以", "{subject:name}可以{answer}", "{subject}可以做什么？", "zh"),
    Joint("…需要…", "需要", "{subject:name}(需要|必须){answer}", "{subject}需要什么？", "zh"),
    Joint("…采用…", "采用", "{subject:name}(采用|使用)[了]{answer}", "{subject}采用什么？", "zh"),
    Joint("…通过…", "通过", "{subject:name}通过{answer}", "{subject}通过什么？", "zh"),
    Joint("…基于…", "基于", "{subject:name}[是]基于{answer}", "{subject}基于什么？", "zh"),
    Joint("…导致…", "导致", "{subject:name}[会|就会|可能]导致{answer}", "{subject}会导致什么？", "zh"),
    Joint("…无法…", "无法", "{subject:name}(无法|不能|不可以){answer}", "{subject}不能做什么？", "zh"),
    Joint("…容易…", "容易", "{subject:name}[很|更|比较]容易{answer}", "{subject}容易怎样？", "zh"),
    Joint(
        "…类似于…", "类似", "{subject:name}(类似于|相当于|等价于|对应于|对应){answer}", "{subject}相当于什么？", "zh"
    ),
    Joint("…主要…", "主要", "{subject:name}主要{answer}", "{subject}主要怎样？", "zh"),
    Joint("如果…，…", "如果", "如果{condition}，[那么|则|就]{answer}", "如果{condition}，会怎样？", "zh"),
    Joint("由于…，…", "由于", "(由于|因为){condition}，[所以|因此]{answer}", "由于{condition}，会怎样？", "zh"),
    Joint("为了…，…", "为了", "为了{condition}，{answer}", "为了{condition}，要做什么？", "zh"),
    Joint("当…时，…", "当", "当{condition}[的]时[候]，{answer}", "当{condition}时，会怎样？", "zh"),
    Joint("对于…，…", "对于", "对于{condition}，{answer}", "对于{condition}，怎么做？", "zh"),
)


def find_joints(sentences: Sequence[Place], least: int) -> Iterator[tuple[Frame, str, list[Draft]]]:
    """The frames with `least` questions or more, the rule of each, and the cards that it makes."""
    text = "rules:\n" + "\n".join(joint.rule for joint in JOINTS)
    rules, problems = load_rules([PackText("suggested", "suggested.yaml", text)])
    assert not problems, problems
    found: dict[str, dict[str, tuple[Place, Draft]]] = {joint.id: {} for joint in JOINTS}
    for place in sentences:
        document, _ = read_document(Source(place.path, place.text + "\n"))
        for draft in extract([document], rules, Settings("Notes", confidence="maybe")).found:
            of_rule = found[draft.rule.rpartition("/")[2]]
            of_rule.setdefault(plain(draft.fields[0][1]).lower(), (place, draft))
    for joint in JOINTS:
        made = list(found[joint.id].values())
        if len(made) >= least:
            yield Frame(joint.shown, tuple(place for place, _ in made)), joint.rule, [draft for _, draft in made]
