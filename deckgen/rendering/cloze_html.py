"""Cloze deletions: from marks in Markdown to Anki's `{{c1::…::hint}}` in HTML that is still well-formed.

The marks go through the Markdown parser as letters and come out somewhere among the tags. A deletion that begins and
ends in different elements becomes several of one number; what would read as a cloze's syntax is written otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence

from msgspec import Struct, field

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN
from deckgen.rendering.escaping import TEX_CLOSES, TEX_OPENS

_DIGITS = "\ue040\ue041\ue042\ue043\ue044\ue045\ue046\ue047\ue048\ue049"
# Behind an opening mark: which deletion it is. The parser may drop it (in a title), move or double it (in a footnote).
MARKS = lazy_regex(f"[{DELETION_OPEN}{DELETION_HINT}{DELETION_CLOSE}{_DIGITS}]")
OPENING = f"{DELETION_OPEN}[{_DIGITS}]*"

_HINT_AND_CLOSE = f"(?:{DELETION_HINT}[^{DELETION_CLOSE}]*)?{DELETION_CLOSE}"
_DELIMITERS = r"(?:\*+|_+|~~|==)"
_OPEN_BEFORE_DELIMITERS = lazy_regex(rf"{DELETION_OPEN}({_DELIMITERS})(?![\s*_~={DELETION_HINT}{DELETION_CLOSE}])")
_CLOSE_AFTER_DELIMITERS = lazy_regex(rf"(?<![\s*_~={DELETION_OPEN}])({_DELIMITERS})({_HINT_AND_CLOSE})")
_OPEN_AT_BLOCK = lazy_regex(
    rf"""^([ \t]*(?:>[ \t]?)*){DELETION_OPEN}
    ((?:[ \t]*(?:[-*+]|\d{{1,9}}[.)]|>|\#{{1,6}})[ \t]+ | [ \t]*\|[ \t]* | (?:```|~~~)[^\n`]*\n | \$\$\n)+)""",
    re.MULTILINE | re.VERBOSE,
)
_CLOSE_AT_BLOCK = lazy_regex(
    rf"(\n[ \t]*(?:```+|~~~+|\$\$)[ \t]*|(?<=\S)[ \t]*\|[ \t]*)({_HINT_AND_CLOSE})(?=[ \t]*$)", re.MULTILINE
)
_VERBATIM = lazy_regex(r"(```.*?```|~~~.*?~~~|`[^`]*`|\$[^$]*\$)", re.DOTALL)


def settle_marks(markdown: str) -> str:
    """Marks where Markdown's own syntax does not notice them: inside emphasis, behind a bullet, within a fence."""
    if not MARKS.search(markdown):
        return markdown
    settled = _OPEN_AT_BLOCK.sub(rf"\1\2{DELETION_OPEN}", without_stray_marks(markdown))
    settled = _CLOSE_AT_BLOCK.sub(r"\2\1", settled)
    pieces = _VERBATIM.split(settled)
    pieces[::2] = map(_settle_in_emphasis, pieces[::2])
    before, *after = "".join(pieces).split(DELETION_OPEN)
    return before + "".join(_numbered(i) + text for i, text in enumerate(after))


def _numbered(index: int) -> str:
    return DELETION_OPEN + "".join(_DIGITS[int(digit)] for digit in str(index))


def _index(opening: str) -> int:
    return int("".join(str(_DIGITS.index(digit)) for digit in opening[1:]))


def _settle_in_emphasis(markdown: str) -> str:
    for _ in range(8):  # marks of emphasis within one another
        before = markdown
        markdown = _OPEN_BEFORE_DELIMITERS.sub(rf"\1{DELETION_OPEN}", markdown)
        markdown = _CLOSE_AFTER_DELIMITERS.sub(r"\2\1", markdown)
        if markdown == before:
            break
    return markdown


_NO_MARKS = f"[^{DELETION_OPEN}{DELETION_HINT}{DELETION_CLOSE}]*"
_DELETION = lazy_regex(f"{DELETION_OPEN}{_NO_MARKS}(?:{DELETION_HINT}{_NO_MARKS})?{DELETION_CLOSE}")


def count_deletions(markdown: str) -> int:
    """How many deletions a field has: pairs of marks with none between, as identity numbers them."""
    return len(_DELETION.findall(markdown)) if DELETION_OPEN in markdown else 0


def without_stray_marks(markdown: str) -> str:
    """The field with the marks of its deletions only."""
    pieces, end = [], 0
    for found in _DELETION.finditer(markdown):
        pieces += [MARKS.sub("", markdown[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*pieces, MARKS.sub("", markdown[end:])])


def without_deletions(text: str) -> str:
    """The text of a field that is no cloze: its marks and hints are gone."""
    if not MARKS.search(text):
        return text
    return MARKS.sub("", re.sub(f"{DELETION_HINT}[^{DELETION_CLOSE}]*(?={DELETION_CLOSE})", "", text))


class _Deletion(Struct):
    number: int
    start: int  # index of the first token in it
    is_in_tex: bool  # begins in a formula
    end: int = 0  # index after the last one, before the hint
    hint: str = ""
    runs: list[tuple[int, int]] = field(default_factory=list)


_TOKEN = lazy_regex(
    rf"""(</?[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>|{OPENING}|[{DELETION_HINT}{DELETION_CLOSE}{TEX_OPENS}{TEX_CLOSES}])"""
)
_NAME = lazy_regex(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset({"br", "hr", "img", "wbr", "col", "source", "input"})
_SHOWN_BY_ITSELF = frozenset({"img", "audio", "video"})
# Where text may not stand directly: a deletion goes inside these, unless it holds the whole of what they are part of.
_CONTAINERS = {
    "tr": ("table",),
    "td": ("table",),
    "th": ("table",),
    "thead": ("table",),
    "tbody": ("table",),
    "tfoot": ("table",),
    "caption": ("table",),
    "table": ("div",),
    "li": ("ul", "ol"),
    "dt": ("dl",),
    "dd": ("dl",),
    "pre": (),
}


def place_deletions(html: str, numbers: Sequence[int]) -> tuple[str, frozenset[int]]:
    """The HTML with `{{cN::…}}` for its marks, and the numbers that delete something to be seen.

    `numbers` has the number of each deletion of the field, in the order of its Markdown.
    """
    tokens, deletions = _read(html, numbers)
    partners = _match_tags(tokens)
    openings: dict[int, list[_Deletion]] = {}
    closings: dict[int, list[_Deletion]] = {}
    covered = [0] * (len(tokens) + 1)
    for deletion in deletions:
        _take_in(deletion, tokens, partners)
        deletion.runs = _runs(tokens, partners, deletion.start, deletion.end)
        for start, end in deletion.runs:
            openings.setdefault(start, []).append(deletion)
            closings.setdefault(end, []).insert(0, deletion)
            covered[start] += 1
            covered[end] -= 1
    pieces: list[str] = []
    depth, in_tex = 0, False
    for index in range(len(tokens) + 1):
        for deletion in closings.get(index, ()):
            # The hint stands with the first run alone: `[hint]` once, then `[…]`.
            hint = f"::{deletion.hint}" if deletion.hint and deletion.runs[0][1] == index else ""
            pieces.append(hint + "}}")
        pieces.extend("{{c" + str(deletion.number) + "::" for deletion in openings.get(index, ()))
        depth += covered[index]
        if index == len(tokens):
            break
        token = tokens[index]
        if token in TEX_OPENS or token in TEX_CLOSES:
            in_tex = token in TEX_OPENS and _has_deletion(tokens, index, depth, openings)
        elif in_tex:
            is_first = index in openings or index in closings
            is_last = index + 1 in openings or index + 1 in closings
            token = _apart_in_tex(token, is_first=is_first, is_last=is_last)
        elif depth:
            token = _apart(token)
        elif "{{c" in token:
            token = re.sub(r"\{\{(?=c\d)", "&#123;&#123;", token)
        pieces.append(token)
    return "".join(pieces), frozenset(d.number for d in deletions if d.runs)


def _read(html: str, numbers: Sequence[int]) -> tuple[list[str], list[_Deletion]]:
    """The HTML's tokens (tags, texts, TeX marks) without deletion marks and hints, and the deletions in order."""
    tokens: list[str] = []
    deletions: list[_Deletion] = []
    opened: list[_Deletion] = []
    hint_at: list[int | None] = []
    in_tex = False
    for token in _TOKEN.split(html):
        if token.startswith(DELETION_OPEN):
            deletion = _Deletion(numbers[_index(token)], len(tokens), in_tex)
            deletions.append(deletion)
            opened.append(deletion)
            hint_at.append(None)
        elif token == DELETION_HINT:
            if opened and hint_at[-1] is None:
                hint_at[-1] = len(tokens)
        elif token == DELETION_CLOSE:
            if opened:
                _close(opened.pop(), hint_at.pop(), tokens, in_tex=in_tex)
        elif token:
            in_tex = token in TEX_OPENS or (in_tex and token not in TEX_CLOSES)
            tokens.append(MARKS.sub("", token))  # no mark within a tag
    while opened:
        _close(opened.pop(), hint_at.pop(), tokens, in_tex=in_tex)
    return tokens, deletions


def _close(deletion: _Deletion, hint_at: int | None, tokens: list[str], *, in_tex: bool) -> None:
    if hint_at is not None:
        inside = tokens[hint_at:]
        kept = [t for t in inside if _is_structure(t)]
        # Tags that end or begin in the hint belong to the text around it.
        if _is_balanced(kept):
            deletion.hint = _apart("".join(inside).strip())
            del tokens[hint_at:]
        else:
            deletion.hint = _apart("".join(t for t in inside if t not in kept).strip())
            tokens[hint_at:] = kept
        deletion.end = hint_at
        if in_tex and deletion.is_in_tex and deletion.hint and "\\" not in deletion.hint:
            deletion.hint = f"\\text{{{deletion.hint}}} "  # words, not a product of letters
    else:
        deletion.end = len(tokens)


def _is_balanced(tags: list[str]) -> bool:
    return all(partner is not None for partner in _match_tags(tags).values())


def _tag_name(token: str) -> str | None:
    found = _NAME.match(token) if token.startswith("<") and token.endswith(">") else None
    return found[1].lower() if found else None


def _is_structure(token: str) -> bool:
    return token in TEX_OPENS or token in TEX_CLOSES or _tag_name(token) is not None


def _match_tags(tokens: Sequence[str]) -> dict[int, int | None]:
    """For each tag that is not void, and each delimiter of math, the index of its other half."""
    partners: dict[int, int | None] = {}
    opened: list[tuple[str, int]] = []
    tex = 0  # where the math that is open began; it never nests
    for index, token in enumerate(tokens):
        if token in TEX_OPENS:
            partners[index], tex = None, index
            continue
        if token in TEX_CLOSES:
            partners[index], partners[tex] = tex, index
            continue
        name = _tag_name(token)
        if name is None or name in _VOID or token.endswith("/>"):
            continue
        partners[index] = None
        if not token.startswith("</"):
            opened.append((name, index))
        elif any(n == name for n, _ in opened):
            while opened:
                before, start = opened.pop()
                if before == name:
                    partners[start], partners[index] = index, start
                    break
    return partners


_INLINE = frozenset({"a", "b", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"})


def _take_in(deletion: _Deletion, tokens: list[str], partners: dict[int, int | None]) -> None:
    """Take in the tags at its ends that otherwise would cut it: `<b>⟦x</b> y⟧` is `⟦<b>x</b> y⟧`."""
    while deletion.start > 0 and _tag_name(tokens[deletion.start - 1]) in _INLINE:
        partner = partners.get(deletion.start - 1)
        if partner is None or not deletion.start <= partner < deletion.end:
            break
        deletion.start -= 1
    while deletion.end < len(tokens) and _tag_name(tokens[deletion.end]) in _INLINE:
        partner = partners.get(deletion.end)
        if partner is None or not deletion.start <= partner < deletion.end:
            break
        deletion.end += 1


def _runs(tokens: list[str], partners: dict[int, int | None], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of a deletion that no tag is cut by, without the blank ones."""
    whole = {_tag_name(tokens[i]) for i in range(start, end) if _is_whole(partners, i, start, end)}
    tags = [index for index in range(start, end) if index in partners]
    cuts = [i for i in tags if not _is_whole(partners, i, start, end) or _is_loose(_tag_name(tokens[i]), whole)]
    while True:  # what holds a cut is cut as well
        known = set(cuts)
        held = [i for i in tags if i not in known and bisect(cuts, i) != bisect(cuts, partners[i] or 0)]
        if not held:
            break
        cuts = sorted([*cuts, *held])
    runs = []
    for cut in [*cuts, end]:
        if start < cut and _shows(tokens[start:cut]):
            runs.append(_trim(tokens, start, cut))
        start = cut + 1
    return runs


def _is_loose(name: str | None, whole: set[str | None]) -> bool:
    """Whether text may not stand beside such a tag, and all of what it is part of is not in the deletion."""
    containers = _CONTAINERS.get(name or "")
    return bool(containers) and not whole.intersection(containers or ())


def _is_whole(partners: dict[int, int | None], index: int, start: int, end: int) -> bool:
    partner = partners.get(index)
    return partner is not None and start <= partner < end


def _shows(tokens: list[str]) -> bool:
    return any(
        (name in _SHOWN_BY_ITSELF) if (name := _tag_name(t)) else t.strip() not in ("", *TEX_OPENS, *TEX_CLOSES)
        for t in tokens
    )


def _trim(tokens: list[str], start: int, end: int) -> tuple[int, int]:
    """Without blank texts at its ends."""
    while not tokens[start].strip():
        start += 1
    while not tokens[end - 1].strip():
        end -= 1
    return start, end


def _has_deletion(tokens: list[str], index: int, depth: int, openings: dict[int, list[_Deletion]]) -> bool:
    if depth or index in openings:
        return True
    while index < len(tokens) and tokens[index] not in TEX_CLOSES:
        index += 1
        if index in openings:
            return True
    return False


_AT_CLOZE = lazy_regex(r"\}(?=\}|\Z)|(?<=\})\}|\{(?=\{|\Z)|(?<=\{)\{|:(?=:|\Z)|(?<=:):|\A:")
_ENTITIES = {"{": "&#123;", "}": "&#125;", ":": "&#58;"}


def _apart(text: str) -> str:
    """Text in a deletion: braces and colons that would end it, or begin a hint, as entities."""
    if "}" in text or "{" in text or ":" in text:
        return _AT_CLOZE.sub(lambda found: _ENTITIES[found.group()], text)
    return text


_TEX_TEXT = lazy_regex(r"\\(?:text\w*|mbox|mathrm|mathtt|operatorname\*?)\s*\{[^{}]*\}")


def _apart_in_tex(tex: str, *, is_first: bool, is_last: bool) -> str:
    r"""TeX in or around a deletion: spaces mean nothing to it, so braces and colons stand apart.

    Not entities: Anki's editor would turn them back at the first edit. In `\text` a space shows, `{:}` does not.
    `is_first`, `is_last`: a deletion begins or ends right there.
    """
    tex = _TEX_TEXT.sub(lambda found: found.group().replace("::", "{:}{:}"), tex)
    tex = re.sub(r"([{}:])(?=\1)", r"\1 ", tex)
    before = " " if is_first and tex[:1] in ("}", ":") else ""
    after = " " if is_last and tex[-1:] in ("{", "}", ":") else ""
    return before + tex + after
