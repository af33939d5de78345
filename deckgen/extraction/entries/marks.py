"""One line of text → its label, the mark behind it, and its body: `Fetch - the distance …`, `**Basalt**: dark`.

The only reader of marks: every entry is parted here, whatever it stands in.
"""

from __future__ import annotations

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import enumerator_end
from deckgen.markdown.text import Text

LONGEST_LABEL = 64
_EMPHASIS = ("bold", "highlight", "code", "italic", "link")

# Two characters are one mark. `:->` and `:<->` mark a flashcard in notes written for Logseq. An arrow between two names
# without spaces is code (`list->next`). A colon parts words, not numbers (12:30, 3:1) nor the parts of a name
# (std::map); a hyphen or equals sign stands alone between spaces.
_MARK = lazy_regex(
    r"""\s*:(?:<-+>|-+>)\s*
      | \s*(?:<-+>|<=>|(?<![A-Za-z_)\]])-+>|-+>(?![a-z_])|=+>|[→⇒⟶↔⇔])\s*
      | \s*::(?!:)\s*
      | \s*：\s*
      | (?<=[\u2e80-\u9fff)）”」》]):\s*
      | \s*:(?=\s|$|[\u2e80-\u9fff“「《\ue000-\ue003])\s*
      | \s*——+\s*
      | \s+[—–]\s*(?=\S) | (?<=[\u2e80-\u9fff）)])\s*[—–]\s*(?=\S) | (?<=\w)[—–]\s+(?=\S) | (?<=\w)—(?=[A-Z])
      | \s+--?\s+(?=\S)
      | \s+==?\s+(?=\S) | (?<=[\u2e80-\u9fffA-Za-z]{2})=(?=[\u2e80-\u9fffA-Za-z]{2})""",
    0x40,  # re.VERBOSE
)
_ENDS_SENTENCE = lazy_regex(r"[。！？；!?;]|\.\s|……")
_CLOSING = {"(": ")", "（": "）", "[": "]", "【": "】", "“": "”", "「": "」", "《": "》", "{": "}"}
_GLOSS = lazy_regex(r"\s*(?:\([^()\n]{1,80}\)|（[^（）\n]{1,80}）|\([^()\n（）]{1,80}）)")
_CHECKBOX = lazy_regex(r"\[[ xX]\]\s+")
_EMOJI_CODE = lazy_regex(r":[a-z][a-z0-9_+-]+:\s+")
_DASHES = ("——", "—", "–", "-")
_COLON = lazy_regex(r"：|(?<=[\u3400-\u9fff）)]):")
_SHORT_END = 8  # characters of the end of a range
_CJK = lazy_regex(r"[\u3400-\u9fff]")
_BEGINS_BODY = lazy_regex(
    r"\s+(?=[A-Z](?!['’])[a-z]*\s)|\s+(?=[\u3400-\u9fff“《])(?![是指为由的在和与及或可有用会能不也都就则中等将被把让])"
)


class Parted(Struct, frozen=True):
    """A line in its parts, as places in its text: `label`, `body` (empty where there is none), and the mark."""

    label: tuple[int, int]
    mark: str
    body: tuple[int, int]
    emphasis: str = ""  # what the label is set in: bold, highlight, code, italic or link

    @property
    def has_body(self) -> bool:
        """Whether anything stands behind the mark."""
        return self.body[0] < self.body[1]


def first_place(plain: str, start: int, end: int) -> int:
    """Where a line begins behind its bullet, number, check box or emoji in letters (`:bulb:`)."""
    place = min(enumerator_end(plain, start), end)
    found = _CHECKBOX.match(plain, place, end) or _EMOJI_CODE.match(plain, place, end)
    place = found.end() if found else place
    while place < end and (plain[place].isspace() or plain.startswith(("**", "__"), place)):  # marks never closed
        place += 1 if plain[place].isspace() else 2
    return place if place < end else start


def part(text: Text, start: int, end: int) -> Parted | None:
    """The parts of a line of a text; None where nothing in it is a label."""
    plain = text.plain
    begin = first_place(plain, start, end)
    if begin >= end:
        return None
    return _part_emphasised(text, begin, end) or _part_highlit(plain, begin, end) or _part_plain(plain, begin, end)


def _part_highlit(plain: str, begin: int, end: int) -> Parted | None:
    """`::Label:: - …`, a label that is highlit as Bear writes it."""
    stop = plain.find("::", begin + 3, min(end, begin + LONGEST_LABEL + 2)) if plain.startswith("::", begin) else -1
    if stop < 0 or plain[begin + 2].isspace() or plain[stop - 1].isspace() or "\n" in plain[begin:stop]:
        return None
    found = _MARK.match(plain, stop + 2, end)
    if found is None:
        return None
    return Parted((begin + 2, stop), _mark(found.group()), _trimmed(plain, found.end(), end), "highlight")


def _part_emphasised(text: Text, begin: int, end: int) -> Parted | None:
    """`**Label**: …`, `**Label:** …`, `**Label** The …`, or an emphasised line that is nothing else."""
    plain = text.plain
    for kind in _EMPHASIS:
        run = next((run for run in text.mark_runs(kind) if run[0] <= begin < run[1]), None)
        if run is None or run[0] < begin - 2:
            continue
        stop = min(run[1], end)
        label_end = stop
        while label_end > begin and (plain[label_end - 1].isspace() or plain[label_end - 1] in "：:"):
            label_end -= 1
        if label_end - begin > LONGEST_LABEL or label_end <= begin:
            continue
        if _ENDS_SENTENCE.search(plain, begin, label_end) and kind != "code":
            continue
        inner = _MARK.search(plain, begin, label_end) if kind != "code" else None
        if inner is not None and inner.start() > begin:
            continue  # the mark is inside: what is emphasised is the whole of it
        gloss = _GLOSS.match(plain, stop, end)
        with_gloss = gloss.end() if gloss else stop
        if label_end < stop:  # the mark is emphasised with the label
            return Parted((begin, label_end), plain[label_end:stop].strip(), _trimmed(plain, stop, end), kind)
        if not plain[with_gloss:end].strip():
            return Parted((begin, with_gloss), "", (end, end), kind)
        found = _MARK.match(plain, with_gloss, end)
        if found:
            return Parted((begin, with_gloss), _mark(found.group()), _trimmed(plain, found.end(), end), kind)
        found = _BEGINS_BODY.match(plain, with_gloss, end)
        if found and (kind == "code" or (kind in ("bold", "highlight") and label_end - begin > 1)):
            return Parted((begin, with_gloss), "", _trimmed(plain, found.end(), end), kind)
    return None


_ENDS_FORMULA = lazy_regex(r"[A-Z\d)]$")
_IN_FORMULA = lazy_regex(r"\(?[A-Z][A-Z\d()]*(?![A-Za-z])")


def _part_plain(plain: str, begin: int, end: int) -> Parted | None:
    for found in _MARK.finditer(plain, begin, min(end, begin + LONGEST_LABEL + 4)):
        first, last = found.span()
        if first <= begin or _is_inside_brackets(plain, begin, first):
            continue
        if first - begin > LONGEST_LABEL or _ENDS_SENTENCE.search(plain, begin, first):
            return None
        mark = _mark(found.group())
        if mark in _DASHES and _is_range(plain, last, min(end, begin + LONGEST_LABEL)):
            continue
        if mark in ("—", "–", "-", ":") and plain[first - 1].isdigit() and plain[last : last + 1].isdigit():
            continue
        if found.group() in _DASHES and _IN_FORMULA.match(plain, last) and _ENDS_FORMULA.search(plain, begin, first):
            continue  # HOOC—COOH
        return Parted((begin, first), mark, _trimmed(plain, last, end))
    return None


def _mark(found: str) -> str:
    """A mark as rules ask for it: that of a flashcard is one more way to write `::`."""
    mark = found.strip()
    return "::" if mark.startswith(":") and mark.endswith(">") else mark


def _is_range(plain: str, start: int, end: int) -> bool:
    """Whether a dash stands in a range before the mark: `隋唐——清朝：…`."""
    colon = _COLON.search(plain, start, end)
    between = plain[start : colon.start()].strip() if colon is not None else ""
    return 0 < len(between) <= _SHORT_END and has_chinese(between) and _ENDS_SENTENCE.search(between) is None


def part_heading(text: Text, start: int, end: int) -> Parted | None:
    """The parts of a heading: a dash before a short end is no mark, but stands in a range or between two names."""
    parted = part(text, start, end)
    if parted is None or parted.mark not in _DASHES:
        return parted
    body = text.plain[slice(*parted.body)]
    return None if has_chinese(body) and len(body) <= _SHORT_END else parted


def _is_inside_brackets(plain: str, begin: int, place: int) -> bool:
    waiting: list[str] = []
    for character in plain[begin:place]:
        if character in _CLOSING:
            waiting.append(_CLOSING[character])
        elif (character in ")）" and waiting and waiting[-1] in ")）") or (waiting and character == waiting[-1]):
            waiting.pop()
    return bool(waiting)


def _trimmed(plain: str, start: int, end: int) -> tuple[int, int]:
    """Without white space at the ends: nothing else goes."""
    while start < end and plain[start].isspace():
        start += 1
    while end > start and plain[end - 1].isspace():
        end -= 1
    return start, end


def label_of_line(text: Text) -> str:
    """What an item is called, as shown; empty for one that is a sentence."""
    plain = text.plain
    end = plain.find("\n") if "\n" in plain else len(plain)
    parted = part(text, 0, end)
    if parted is not None:
        return text.shown(*parted.label).strip()
    start = first_place(plain, 0, end)
    longest = LONGEST_LABEL // 2 if has_chinese(plain) else LONGEST_LABEL
    is_name = end - start <= longest and not _ENDS_SENTENCE.search(plain[start:end].rstrip("?？") + " ")
    return text.shown(start, end).strip() if is_name else ""


def gloss_of(plain: str) -> tuple[str, str] | None:
    """`海啸（tsunami）` → the word and what stands in the brackets at its end."""
    text = plain.strip()
    if not text.endswith((")", "）")):
        return None
    opening = max(text.rfind("("), text.rfind("（"))
    if opening <= 0:
        return None
    return text[:opening].strip(), text[opening + 1 : -1].strip()


def has_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return _CJK.search(text) is not None
