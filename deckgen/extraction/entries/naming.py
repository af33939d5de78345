"""An entry → what it is called, which class it is, and whom it belongs to."""

from __future__ import annotations

import re

from deckgen.extraction.entries.dependent_labels import is_condition, needs_owner, says_which
from deckgen.extraction.entries.english_sides import has_value
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.labels import ARROWS, Labels
from deckgen.extraction.entries.marks import first_place, gloss_of, has_chinese
from deckgen.extraction.entries.owners import (
    LONGEST_OWNER,
    label_end,
    label_passage,
    name_passage,
    named,
    owner_of,
    uncounted_name,
    whole_heading,
    with_role,
)
from deckgen.extraction.entries.questions import (
    answer_start,
    is_answered,
    is_option,
    is_right_option,
    question_end,
    question_prefix_end,
    undecorated,
)
from deckgen.extraction.entries.told_sides import defines, owner_of_side
from deckgen.extraction.entries.vocabulary import vocabulary_below
from deckgen.extraction.entries.words import Pair, language_pair
from deckgen.markdown.blocks import ListBlock, ListItem
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.document import Document
from deckgen.markdown.escaping import escaped
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.chinese_words import is_one_word, names_kind
from deckgen.patterns.folded_text import fold_characters
from deckgen.patterns.passage import Passage

_CHINESE = lazy_regex(r"[\u3400-\u9fff]+")
_SAYS = lazy_regex("分为|分成|包括|包含|如下|以下|下列")
_SAYS_NOTHING = lazy_regex(r"^\W*(?:基本)?(?:含义|概念|定义|内涵|内容|主要内容|基本内容|概述|简介)\W*$")
"""A side between a thing and another side of it that says nothing: the 分类 below the 含义 of 授权 is that of 授权."""
_ENDS_IN_SIDE = lazy_regex(r"的?(?:基本)?(?:含义|概念|定义|内涵|概述|简介)$")
_SERIES = lazy_regex(r"[\u3400-\u9fff]{2,4}\s*(?:[一二三四五六七八九十]{1,2}|\d{1,2})")
_LAWS = ("定律", "定理", "公式", "方程", "方程式")
_SHORT, _SHORT_SIDE, _LONGEST_CONTEXT = 3, 4, 24  # characters of a word, of a side (生理功能), of what it is about
_AMOUNT = lazy_regex(r"[<>≤≥~]?\s*\d[\d.,~～–\-—]*\s*[\u3400-\u9fff%％℃]{1,4}(?:\s*\d+\s*[\u3400-\u9fff%％℃]{1,4})?")
_ONE_CHARACTER = lazy_regex(r"[\u3400-\u9fff]")
"""A heading of a word list that only sorts: 玖 above 九族."""
_OF = lazy_regex(r" (?:of|between|behind|against|for) ")
_FEW_WORDS, _MANY_WORDS = 4, 7  # of a heading that asks for what stands below it
COMPARES = ("difference", "differences", "comparison", "similarities")
_KINDS = ("types", "type", "kinds", "kind", "forms", "form", "classes", "parts", "groups")


class EntryNaming:
    """What is known of an entry by its own line and by what it stands below."""

    def __init__(self, document: Document, entry: Entry, labels: Labels) -> None:
        self.document, self.entry, self.labels = document, entry, labels
        self.label_class, self.reason = labels.class_of(entry)

    @cached_property
    def entry_class(self) -> str:
        """The class of its label, for rules."""
        if self.label_class == "question":
            if self.is_choice:
                return "question" if self.right_option is not None else "choice"
            return "none" if self.is_asked_on else "question"
        if self.label_class == "stem":
            if self.is_choice:
                return "question" if self.right_option is not None else "choice"
            return "stem"
        if self.label_class in ("term", "maybe", "role", "clause", "none") and self.word is not None:
            return self.label_class if self._names_side else "term" if self._is_explained else "word"
        return "term" if self.label_class == "maybe" else self.label_class

    @property
    def _names_side(self) -> bool:
        """Whether a Chinese label before a mark is a side of something, and no word: 遗传方式：AD."""
        entry = self.entry
        is_parted = entry.parted is not None and entry.parted.has_body and bool(entry.parted.mark)
        is_named = self.label_class in ("term", "role") and has_chinese(entry.label)
        return is_parted and is_named and bool(self.label_class == "role" or self.labels.role_in(entry.label))

    @property
    def _is_explained(self) -> bool:
        """Whether what stands below a Chinese term with its foreign name says what it is, and so answers."""
        entry = self.entry
        is_bare = entry.parted is None or not entry.parted.has_body
        is_glossed = (
            gloss_of(entry.label) is not None and has_chinese(entry.label) and not has_chinese(entry.label[-3:])
        )
        is_chinese = self.document.language in ("", "zh")
        return is_bare and is_glossed and is_chinese and bool(entry.blocks) and self.label_class == "term"

    @property
    def doubt(self) -> str:
        """Why its label, which is taken for a name, may be none."""
        if self.entry_class != "term":
            return ""
        if self.label_class == "maybe":
            return self.reason
        if self.label_class != "term" or self.entry.form == "heading":
            return ""
        if is_condition(self.entry.label):
            return "it is a condition, or says by what something is recognised"
        if not needs_owner(self.entry.label) or self.labels.role_in(self.entry.label) or self.about():
            return ""
        parted = self.entry.parted
        if parted is not None and (parted.emphasis in ("bold", "highlight") or parted.mark in (*ARROWS, "=", "==")):
            return ""
        owner = self.owner_entry
        is_named = owner is not None and fold_characters(named(owner)) in fold_characters(self.entry.label)
        return "" if is_named else "it names nothing by itself"

    @cached_property
    def word(self) -> Pair | None:
        """Both sides of an entry that pairs words of two languages."""
        entry = self.entry
        if entry.text is None:
            return None
        listed = vocabulary_below(entry.parent).get(id(entry)) if entry.parent is not None else None
        return listed or (language_pair(entry) if entry.form != "heading" else None)

    def reading(self) -> Passage | None:
        """How a word is read."""
        pair = self.word if self.entry_class == "word" else None
        text = self.entry.text
        return Passage(text, *pair.reading) if text is not None and pair is not None and pair.reading else None

    @cached_property
    def span(self) -> tuple[int, int]:
        """The label's place in the text of the entry."""
        entry = self.entry
        text = entry.text
        assert text is not None
        if self.label_class in ("question", "stem"):
            return self.question_span
        if self.entry_class == "word" and self.word is not None:
            return self.word.word
        if entry.parted is not None:
            return entry.parted.label
        start = first_place(text.plain, entry.start, entry.end)
        if entry.form == "heading":
            start = entry.start
        return start, label_end(text.plain, start, entry.end)

    @cached_property
    def question_span(self) -> tuple[int, int]:
        """The place of the question in the entry's text, without what stands around it."""
        entry = self.entry
        text = entry.text
        assert text is not None
        plain = text.plain[entry.start : entry.end]
        start = entry.start + question_prefix_end(plain)
        start = max(start, first_place(text.plain, entry.start, entry.end))
        end = question_end(plain)
        if end:
            return start, entry.start + end
        asked = undecorated(plain).rstrip()
        return start, entry.start + len(asked.rstrip(" .:：") if self.label_class == "stem" else asked)

    def label(self) -> Passage | None:
        """What it is called, or asks."""
        text = self.entry.text
        if text is None:
            return None
        start, end = self.span
        return Passage(text, start, end) if start < end else None

    def gloss(self) -> Passage | None:
        """What stands in brackets at the end of the label."""
        found = gloss_of(self.entry.label)
        return Passage.of(escaped(found[1])) if found else None

    @cached_property
    def language(self) -> str:
        """That of label and owner, where they are in a script of their own; else of all."""
        entry, document = self.entry, self.document
        if self.entry_class == "word":
            return document.language
        owner = self.owner_entry
        spoken = entry.label + (" " + named(owner) if owner is not None else "")
        if has_chinese(spoken) and not has_chinese(entry.label) and document.language not in ("", "zh"):
            return document.language  # a Chinese or Japanese name in a text of another language
        if has_chinese(spoken):
            return document.language_of(spoken)
        return document.language_of(f"{spoken}\n{entry.body[:500]}")

    # --- what it is about --------------------------------------------------------------------------------------------

    @cached_property
    def owners(self) -> tuple[Entry | None, list[Entry]]:
        """The nearest name above, and the roles between."""
        return owner_of(self.entry, self.labels)

    @property
    def owner_entry(self) -> Entry | None:
        """The nearest entry above that names something."""
        return self.owners[0]

    def owner(self) -> Passage | None:
        """The nearest name above, with a role between."""
        found, between = self.owners
        if found is None:
            return None
        own = self.entry.label.strip()
        owner = name_passage(found)
        if has_chinese(own):
            between = [role for role in between if not _SAYS_NOTHING.search(role.label) and own not in role.label]
            if self.labels.role_in(owner.plain) and _SERIES.fullmatch(own):
                return None  # 链路层的功能的功能四: a number among the sides that the owner names
            owner = _without_side(owner, own) if self.label_class == "role" else owner
        return with_role(self.entry, owner, [name_passage(role) for role in between])

    def asked_owner(self) -> Passage | None:
        """The owner as a question in English names it: the nearest item above, which may begin with a small letter."""
        found, between = owner_of(self.entry, self.labels, with_small=True)
        if found is None:
            return None
        nearest, outer = uncounted_name(found), self.owner_entry
        if outer is not None and outer is not found and says_which(nearest.plain):  # of what it is, stands above it
            nearest = Passage.of(f"{name_passage(outer).markdown}: {nearest.markdown}", is_outside=True)
        telling = [name_passage(role) for role in between if not self.labels.is_generic(named(role))]
        return with_role(self.entry, nearest, telling)

    def inner_owner(self) -> Passage | None:
        """The owner as far as it stands in the note: a file that is renamed leaves it as it is."""
        found, between = self.owners
        if found is None or found.form != "name":
            return self.owner()
        roles = [name_passage(role) for role in between]
        return with_role(self.entry, roles[0], roles[1:]) if roles else None

    def older_owner(self) -> Passage | None:
        """The owner as older versions knew it, where that was another name."""
        found, between = owner_of(self.entry, self.labels, as_written=True)
        if found is None:
            return None
        return with_role(self.entry, label_passage(found), [label_passage(role) for role in between])

    @property
    def is_everyday(self) -> bool:
        """Whether the label is a short word of everyday Chinese: what it is about, shows in what it stands below."""
        label = self.entry.label.strip()
        if _AMOUNT.fullmatch(label) is not None:
            return True  # 20 年以上: of what, shows above
        if _CHINESE.fullmatch(label) is None:
            return False
        return (len(label) <= _SHORT and is_one_word(label)) or (
            len(label) <= _SHORT_SIDE and bool(role := self.labels.role_in(label)) and role not in _LAWS
        )

    def context(self) -> Passage | None:
        """The owner that tells what an everyday word is about, where its body does not define it."""
        if not has_chinese(self.entry.label) or self.owner_entry is None or self.owner_entry.form == "name":
            return None  # the name of the note stands above the card
        if not self.is_everyday:
            about = self.about() or owner_of_side(self.entry, self.owner())
            return None if about is not None and _ONE_CHARACTER.fullmatch(about.plain) else about
        if names_kind(self.entry.label.strip()) and defines(self.entry):
            return None
        owner = whole_heading(self.owner_entry) or self.owner()
        if owner is None or len(owner.plain) > _LONGEST_CONTEXT or _SAYS.search(owner.plain):
            return None
        label, named = fold_characters(self.entry.label.strip()), fold_characters(owner.plain)
        return None if label in named or named in label else owner

    def about(self) -> Passage | None:
        """The owner of a label that names something only with it; of a plain label of Latin letters also where the
        owner tells a side of something: *Causes of war*.
        """
        found = self.owner_entry
        if found is None or self.label_class not in ("term", "role") or self.entry.form == "heading":
            return None
        label = self.entry.label.strip()
        parted = self.entry.parted
        is_bold = parted is not None and parted.emphasis in ("bold", "highlight")
        is_side = not has_chinese(label) and self._tells_side(found, is_bold=is_bold)
        said = self.entry.body.strip() if not self.entry.children else ""
        if not (needs_owner(label) or is_side or has_value(label, said)):
            return None
        owner = self.owner() if has_chinese(label) else self.asked_owner()
        if owner is None or len(owner.plain) > LONGEST_OWNER:
            return None
        one, other = fold_characters(label), fold_characters(owner.plain)
        return None if one in other or other in one else owner

    def _tells_side(self, owner: Entry, *, is_bold: bool) -> bool:
        """Whether what stands below an owner is what it asks for: *Causes of war*; the title of a note is a topic. A
        bold label is a term, but where things are compared.
        """
        name = named(owner)
        is_topic = owner.form == "heading" and all(
            above.text is None or above.form == "name" for above in owner.above()
        )
        is_short = name.count(" ") < _FEW_WORDS and " and " not in name
        if not (_OF.search(name) if is_topic else is_short or _OF.search(name)) or name.count(" ") > _MANY_WORDS:
            return False
        return self.labels.role_in(name) in COMPARES if is_bold else self.labels.role_in(name) not in ("", *_KINDS)

    def roles(self) -> Passage | None:
        """The role right above."""
        between = self.owners[1]
        return name_passage(between[0]) if between else None

    @property
    def is_asked_on(self) -> bool:
        """Whether only more questions stand below a question, and no answer."""
        below = [*self.entry.children, *self.entry.following]
        if not below or question_end(self.entry.plain) or self.entry.form == "heading":
            return False
        return all(self.labels.class_of(child)[0] == "question" and not is_answered(child.plain) for child in below)

    # --- options -----------------------------------------------------------------------------------------------------

    @cached_property
    def options(self) -> list[Entry]:
        """What below it looks like an option of a choice."""
        return [
            child
            for child in (*self.entry.children, *self.entry.following)
            if is_option(child.plain) or self._has_box(child)
        ]

    def _has_box(self, child: Entry) -> bool:
        item = self._item(child)
        return item is not None and item.checked is not None

    def _item(self, child: Entry) -> ListItem | None:
        for block in self.entry.blocks:
            if isinstance(block, ListBlock):
                found = next((item for item in block.items if item.line == child.line), None)
                if found is not None:
                    return found
        return None

    @property
    def is_choice(self) -> bool:
        """Whether it offers several answers."""
        return len(self.options) >= 2

    @cached_property
    def right_option(self) -> Passage | None:
        """The option that is marked as the right one."""
        if self.label_class not in ("question", "stem") or not self.is_choice:
            return None
        right = [
            o
            for o in self.options
            if is_right_option(o.plain) or ((item := self._item(o)) is not None and item.checked)
        ]
        if len(right) != 1:
            right = [
                o
                for o in self.options
                if o.text is not None and "bold" in o.text.marks(first_place(o.text.plain, o.start, o.end), o.end)
            ]
        if len(right) != 1:
            right = self._named_right()
        if len(right) != 1 or right[0].text is None:
            return None
        option = right[0]
        assert option.text is not None
        start = first_place(option.text.plain, option.start, option.end)
        plain = option.text.plain[start : option.end]
        found = re.search(r"\s*(?:[✓✔√☑✅]|\[correct\]|\(correct\)|（正确）)\s*$", plain, re.IGNORECASE)
        return Passage(option.text, start, start + found.start() if found else option.end)

    def _named_right(self) -> list[Entry]:
        """`答案：B`, `Answer: B`, among what stands below."""
        for child in (*self.entry.children, *self.entry.following):
            place = answer_start(child.plain)
            named = child.plain[place:].strip(" .。)）*") if place else ""
            if len(named) == 1 and named.isalpha():
                return [o for o in self.options if o.plain.lstrip(" (（").casefold().startswith(named.casefold())]
        return []


def _without_side(owner: Passage, label: str) -> Passage:
    """An owner without a side at its end that says nothing more than the label: 授权的含义 of 定义 is 授权."""
    plain = owner.plain
    found = _ENDS_IN_SIDE.search(plain)
    end = found.start() if found else len(plain) - len(label) if plain.endswith(label) else len(plain)
    end -= plain[:end].endswith("的")
    return owner.part(0, end) if 1 < end < len(plain) else owner
