"""The inline rules that deckgen adds to markdown-it-py's own, or writes anew so that tokens keep their places."""
# ruff: noqa: FBT001 (`silent` is how the parser calls its rules)

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as stock_image
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from deckgen.markdown.inline_parser import PlacedState
from deckgen.markdown.lazy_regex import lazy_regex


def newline(state: StateInline, silent: bool) -> bool:
    """A line break: hard after two spaces; spaces around it are dropped."""
    if not silent:
        last = state.tokens[-1] if state.tokens else None
        text = last.content if last is not None and last.type == "text" else ""
        kept = text.rstrip(" ")
        if last is not None and kept != text:
            last.content = kept
            if last.map:
                last.map = [last.map[0], last.map[0] + len(kept)]
        state.push("hardbreak" if len(text) - len(kept) > 1 else "softbreak", "br", 0)
    pos = state.pos + 1
    while pos < state.posMax and state.src[pos] in " \t":
        pos += 1
    state.pos = pos
    return True


_MATH = lazy_regex(r"\$((?:[^$\\]|\\.)+)\$(?!\d)", re.DOTALL)
_TEX = lazy_regex(r"^[^\u3400-\u9fff]*\\[A-Za-z]{2,}[^\u3400-\u9fff]*$")
_DOUBLE_MATH = lazy_regex(r"\$\$((?:[^$\\]|\\.|\$(?!\$))+)\$\$", re.DOTALL)


def math(state: StateInline, silent: bool) -> bool:
    """`$…$` without spaces inside or digits outside of its marks (`$5 and $6` are dollars); `$$…$$` anywhere.

    A space inside is let pass where a TeX command shows a formula: else the next mark would open one.
    """
    src, pos = state.src, state.pos
    if src.startswith("$$", pos):
        found = _DOUBLE_MATH.match(src, pos, state.posMax)
        kind = "math_inline_double"
    elif pos and src[pos - 1].isdigit():
        return False
    else:
        found = _MATH.match(src, pos, state.posMax)
        kind = "math_inline"
        if found and (found[1][0].isspace() or found[1][-1].isspace()) and not _TEX.search(found[1]):
            return False
    if not found or not found[1].strip():
        return False
    if not silent:
        token = state.push(kind, "math", 0)
        token.content = found[1]
        token.markup = "$$" if kind == "math_inline_double" else "$"
    state.pos = found.end()
    return True


_FORMULA = lazy_regex(r"[\\^_={}+<>]")


def math_backslash(state: StateInline, silent: bool) -> bool:
    r"""TeX's `\(…\)` and `\[…\]`; the latter only around what looks like a formula: `\[1\]` is an escaped bracket."""
    assert isinstance(state, PlacedState)
    src, pos = state.src, state.pos
    closing = {"(": "\\)", "[": "\\]"}.get(src[pos + 1 : pos + 2])
    if closing is None or not state.seen_after(closing, pos + 3):
        return False
    end = src.find(closing, pos + 2, state.posMax)
    content = src[pos + 2 : end]
    if end < 0 or not content.strip() or (closing == "\\]" and not _FORMULA.search(content)):
        return False
    if not silent:
        token = state.push("math_inline" if closing == "\\)" else "math_inline_double", "math", 0)
        token.content = content
        token.markup = src[pos : pos + 2]
    state.pos = end + 2
    return True


_URL = lazy_regex(r"(?i:https?)://(?=[^\W_]|\[)[!#-;=?-Z_a-z{}~]*")
_WHOLE_LINE_URL = lazy_regex(r"https?://[^\W_][^\s\"<>`\\\[\]]*(?=[ \t]*(?:\n|\Z))", re.IGNORECASE)
_CHINESE_MARK = lazy_regex("[\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…—]")
_URL_TAIL = lazy_regex(r"[?!.,:;*_~'$]+$|==+$")


def url_end(src: str, pos: int, limit: int) -> int:
    """Where the bare URL at `pos` ends (`pos` if there is none), as GFM: final marks and an unpaired `)` are text.

    Only ASCII, because Chinese text follows without a space; but a URL that fills its line may hold any letters.
    """
    found = _URL.match(src, pos, limit)
    if found is None:
        return pos
    if found.end() < limit and src[found.end()] not in " \t\n" and (pos == 0 or src[pos - 1] == "\n"):
        whole = _WHOLE_LINE_URL.match(src, pos, limit)
        if whole and not _CHINESE_MARK.search(whole.group()):
            return whole.end()
    url = found.group()
    while True:
        kept = _URL_TAIL.sub("", url)
        if kept.endswith(")") and kept.count(")") > kept.count("("):
            kept = kept[:-1]
        if kept == url:
            break
        url = kept
    return pos + len(url) if len(url) > len("https://") else pos


def url(state: StateInline, silent: bool) -> bool:
    """A bare `http://` or `https://` URL; in a link's text it is text that knows what it is (`info`)."""
    src, pos = state.src, state.pos
    if pos and src[pos - 1].isascii() and src[pos - 1].isalnum():
        return False
    end = url_end(src, pos, state.posMax)
    if end == pos:
        return False
    if not silent:
        text = src[pos:end]
        href = state.md.normalizeLink(text)
        if state.linkLevel > 0 or not state.md.validateLink(href):
            token = state.push("text", "", 0)
            token.content, token.info = text, "url"
        else:
            _push_link(state, href, text)
    state.pos = end
    return True


def _push_link(state: StateInline, href: str, text: str) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": href}
    opening.markup, opening.info = "linkify", "auto"
    state.push("text", "", 0).content = text
    closing = state.push("link_close", "a", -1)
    closing.markup, closing.info = "linkify", "auto"


_WIKI = lazy_regex(r"\[\[(?![\d\s,.;-]+\]\])([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\](?!\()")
_EMBED = lazy_regex(
    r"!\[\[([^\[\]|\n]+\.(?:png|jpe?g|gif|svg|webp|avif|bmp|tiff?|mp3|ogg|oga|opus|wav|m4a|flac|mp4|webm|mov|m4v))"
    r"(?:#[^\[\]|\n]*)?(?:\|([^\[\]\n]*))?\]\]",
    re.IGNORECASE,
)


def _shown_heading(target: str) -> str:
    """A link to a heading as Obsidian shows it: `[[#Dose]]` is *Dose*, `[[Drug#Dose]]` is *Drug > Dose*."""
    return " > ".join(part.strip().removeprefix("^") for part in target.split("#") if part.strip())


def wiki(state: StateInline, silent: bool) -> bool:
    """Obsidian's `[[Page]]`, `[[Page|text]]` and embedded media `![[picture.png|300]]`."""
    src, pos = state.src, state.pos
    is_media = src[pos] == "!"
    found = (_EMBED if is_media else _WIKI).match(src, pos, state.posMax)
    if found is None and is_media:  # another note: what stands in it is not on this card, its name is
        found, is_media = _WIKI.match(src, pos + 1, state.posMax), False
    if found is None:
        return False
    if not silent:
        target, text = found[1].strip(), found[2]
        if is_media:
            token = state.push("image", "img", 0)
            is_size = text is not None and re.fullmatch(r"\s*\d+(x\d+)?\s*", text)
            token.attrs = {"src": target, "alt": ""}
            if is_size:
                token.attrs["width"] = text.strip().partition("x")[0]
            token.content = "" if text is None or is_size else text
            token.children = [Token("text", "", 0, content=token.content)] if token.content else []
        else:
            opening = state.push("wiki_open", "span", 1)
            opening.attrs = {"class": "wikilink"}
            opening.meta = {"target": target}
            start = found.start(1) if text is None else found.start(2)
            opening.map = [pos, start]
            inner = state.push("text", "", 0)
            inner.content = found[1] if text is None else text
            if text is None and "#" in target:
                inner.meta = {"shown": _shown_heading(target)}
            inner.map = [start, start + len(inner.content)]
            state.push("wiki_close", "span", -1).map = [found.end() - 2, found.end()]
    state.pos = found.end()
    return True


_LOW = lazy_regex(r"~([A-Za-z0-9\u0370-\u03ff+\-\u2212()=]{1,12})~(?!~)")
_HIGH = lazy_regex(r"\^([A-Za-z0-9\u0370-\u03ff+\-\u2212()=*'\u2032/.]{1,12})\^(?!\^)")
_SIZES = lazy_regex(
    r"\{:?[ \t]*+((?:(?:[.#][\w-]++|[a-z-]++=(?:\"[^\"{}\n]*+\"|'[^'{}\n]*+'|[^\s{}\"']++))[ \t]*+)++)\}"
)
_SIZE = lazy_regex(r"""(?<![\w-])(width|height)=["']?(\d{1,4})(?:px)?(%?)(?=["'\s]|\Z)""")


def image(state: StateInline, silent: bool) -> bool:
    """CommonMark's image, and the size that Pandoc and kramdown let stand behind it: `![](a.png){width=300}`."""
    if not stock_image(state, silent):
        return False
    found = _SIZES.match(state.src, state.pos, state.posMax) if state.src[state.pos - 1] == ")" else None
    if found is not None:
        state.pos = found.end()
        if not silent:
            sizes = {name: number + percent for name, number, percent in _SIZE.findall(found[1])}
            state.tokens[-1].attrs.update(sizes)
    return True


_LETTER_OR_DIGIT = lazy_regex(r"[A-Za-z0-9\u0370-\u03ff]")
_BASE_OF_LOW = lazy_regex(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff)\]>*^]")
_BASE_OF_HIGH = lazy_regex(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u03ff)\]>*~]")


def subscript(state: StateInline, silent: bool) -> bool:
    """`H~2~O`: a few letters or digits right behind a letter; `3~5` is a range, `~/x` a path."""
    return _push_script(state, _LOW, _BASE_OF_LOW, "sub", silent=silent)


def superscript(state: StateInline, silent: bool) -> bool:
    """`x^2^`: the same, also behind a digit. `2^3^4` is a formula of some other language."""
    return _push_script(state, _HIGH, _BASE_OF_HIGH, "sup", silent=silent)


def _push_script(state: StateInline, form: re.Pattern[str], base: re.Pattern[str], tag: str, *, silent: bool) -> bool:
    src, pos = state.src, state.pos
    found = form.match(src, pos, state.posMax)
    last = pos - 1
    while last > 0 and "\ue010" <= src[last] <= "\ue04f":  # the mark of a cloze deletion
        last -= 1
    if found is None or pos == 0 or not base.match(src, last):
        return False
    is_in_chain = _LETTER_OR_DIGIT.match(src, found.end()) is not None
    if (is_in_chain and (found[1].isalpha() or src[last].isdigit())) or (
        found[1].isalpha() and src[max(0, last - 1)] == src[pos]
    ):
        return False  # `a^b^c`
    if not silent:
        opening = state.push(f"{tag}_open", tag, 1)
        opening.markup, opening.map = src[pos], [pos, pos + 1]
        inner = state.push("text", "", 0)
        inner.content, inner.map = found[1], [pos + 1, found.end() - 1]
        closing = state.push(f"{tag}_close", tag, -1)
        closing.markup, closing.map = src[pos], [found.end() - 1, found.end()]
    state.pos = found.end()
    return True


def highlight(state: StateInline, silent: bool) -> bool:
    """`==…==`: the marks, to be paired by `pair_highlights`. Within a Latin word (`a==b`) it is a comparison."""
    src, start = state.src, state.pos
    if silent or not src.startswith("==", start):
        return False
    scanned = state.scanDelims(start, True)
    end = start + scanned.length
    around = (src[start - 1 : start] if start else "") + (src[end : end + 1] if end < state.posMax else "")
    is_comparison = scanned.length != 2 or (len(around) == 2 and around.isascii() and around.isalnum())
    token = state.push("text", "", 0)
    token.content = src[start:end]
    if not is_comparison:
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord("="), 0, place, -1, open=scanned.can_open, close=scanned.can_close))
    state.pos = end
    return True


def pair_highlights(state: StateInline) -> None:
    """Turn the marks that `balance_pairs` has paired into tags."""
    lists = [state.delimiters, *(meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta)]
    for delimiters in lists:
        for delimiter in delimiters:
            if delimiter.marker == ord("=") and delimiter.end != -1:
                ends = ((delimiter.token, "mark_open", 1), (delimiters[delimiter.end].token, "mark_close", -1))
                for index, kind, nesting in ends:
                    token = state.tokens[index]
                    token.type, token.tag, token.markup, token.content = kind, "mark", "==", ""
                    token.nesting = 1 if nesting == 1 else -1
