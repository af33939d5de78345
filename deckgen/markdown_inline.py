"""Inline Markdown → tokens that know where in their source they stand.

The rules are markdown-it-py's own, with a few added (math, bare URLs, wiki links, ==highlight==), so that what a rule
of deckgen matches is what a card shows. Three things differ from the stock parser: every token carries its place
(`token.map` is a pair of character offsets), a rule is only tried on the characters that it can begin with, and work
is bounded: past `BUDGET` steps on one text brackets that are still open are text, past `TOKENS` tokens all is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.fragments_join import fragments_join
from markdown_it.rules_inline.state_inline import Delimiter, Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

Rule = Callable[[StateInline, bool], bool]

BUDGET = 300_000
"""Look-ahead steps on one text, beside twenty for each of its characters."""
TOKENS = 400_000
"""Tokens of one text; what comes after them is text."""
NESTING = 24
"""Brackets in brackets that are looked into; images and footnotes in one another: a sixth of it."""

# The characters that each rule can begin with.
STARTS = {
    "newline": "\n",
    "math_backslash": "\\",
    "escape": "\\",
    "math_inline": "$",
    "url": "hH",
    "backticks": "`",
    "strikethrough": "~",
    "highlight": "=",
    "emphasis": "*_",
    "wiki": "[!",
    "link": "[",
    "image": "!",
    "footnote_inline": "^",
    "footnote_ref": "[",
    "autolink": "<",
    "html_inline": "<",
    "entity": "&",
}
_STOP = re.compile(r"[\n\\$`~=*_\[\]!^<&]")
_STOP_OR_URL = re.compile(r"[\n\\$`~=*_\[\]!^<&]|https?://", re.IGNORECASE)

_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U0001aff0-\U0001b16f\U00020000-\U0003ffff]"
)


class PlacedState(StateInline):
    """The state of one parse: beside the stock one, what it needs for places and for bounded work."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.stop = _STOP_OR_URL if "://" in src else _STOP
        self.budget = BUDGET + 20 * len(src)
        self.inner = (0, 0)  # the range that the last nested `tokenize` went through: a link's text
        self.last_seen: dict[str, int] = {}

    def seen_after(self, text: str, pos: int) -> bool:
        """Whether `text` stands anywhere at or after `pos`: spares a closing mark's search, which is quadratic if vain."""
        if text not in self.last_seen:
            self.last_seen[text] = self.src.rfind(text)
        return self.last_seen[text] >= pos

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 (the base class's names)
        """As CommonMark, with the amendment for Chinese, Japanese and Korean (markdown-cjk-friendly).

        Those scripts have no spaces around emphasis, so a mark beside one of their characters counts as if it stood
        beside a space: `**概念：**这是` and `这是**“引”**的` are bold.
        """
        src, end, maximum = self.src, start, self.posMax
        marker = src[start]
        while end < maximum and src[end] == marker:
            end += 1
        last, following = (src[start - 1] if start else " "), (src[end] if end < maximum else " ")
        last_cjk, next_cjk = bool(_CJK.match(last)), bool(_CJK.match(following))
        last_mark = isMdAsciiPunct(ord(last)) or isPunctChar(last)
        next_mark = isMdAsciiPunct(ord(following)) or isPunctChar(following)
        last_space, next_space = isWhiteSpace(ord(last)), isWhiteSpace(ord(following))
        left = not next_space and (not next_mark or next_cjk or last_space or last_mark or last_cjk)
        right = not last_space and (not last_mark or last_cjk or next_space or next_mark or next_cjk)
        can_open = left and (canSplitWord or not right or last_mark)
        can_close = right and (canSplitWord or not left or next_mark)
        return Scanned(can_open, can_close, end - start)


class PlacedInline(ParserInline):
    """Markdown-it-py's inline parser, with places."""

    _table: dict[str, tuple[Rule, ...]]

    def prepare(self) -> None:
        """Sort the active rules by the characters that they begin with; to be called when all plugins are in."""
        table: dict[str, list[Rule]] = {}
        names = [name for name in self.ruler.get_active_rules() if name in STARTS]
        rules = dict(zip(self.ruler.get_active_rules(), self.ruler.getRules(""), strict=True))
        for name in names:
            for character in STARTS[name]:
                table.setdefault(character, []).append(rules[name])
        self._table = {character: tuple(found) for character, found in table.items()}

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """The stock entry: adjacent texts joined, as renderers expect it."""
        state = self._parse(src, md, env, tokens)
        fragments_join(state)
        return state.tokens

    def parse_placed(self, src: str, md: MarkdownIt, env: EnvType) -> list[Token]:
        """Tokens as the rules made them: each with its own place."""
        return self._parse(src, md, env, []).tokens

    def _parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> StateInline:
        state = PlacedState(src, md, env, tokens)
        depth = env.get("inline_depth", 0)
        if depth > NESTING // 6:  # an image in an image in an image: each level is parsed again
            _push_text(state, src, 0)
            return state
        env["inline_depth"] = depth + 1
        try:
            self.tokenize(state)
            for rule in self.ruler2.getRules(""):
                rule(state)
        finally:
            env["inline_depth"] = depth
        return state

    def tokenize(self, state: StateInline) -> None:
        """Tokens for the state's range."""
        assert isinstance(state, PlacedState)
        src, start, end, tokens, table, search = state.src, state.pos, state.posMax, state.tokens, self._table, state.stop.search
        while (pos := state.pos) < end:
            if len(tokens) > TOKENS:
                _push_text(state, src[pos:end], pos)
                state.pos = end
                break
            rules = table.get(src[pos])
            if rules:
                count = len(tokens)
                if any(rule(state, False) for rule in rules):
                    if state.pending:  # an unmatched run of backticks
                        state.pushPending()
                    if len(tokens) > count:
                        _place(tokens, count, pos, state)
                    continue
            found = search(src, pos + 1, end)
            stop = found.start() if found else end
            _push_text(state, src[pos:stop], pos)
            state.pos = stop
        state.inner = (start, end)

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 (the base class's name)
        """Step over one token without making it: look-ahead for the end of a bracket."""
        assert isinstance(state, PlacedState)
        pos = state.pos
        state.budget -= 1
        if state.budget < 0:
            state.pos = state.posMax
            return
        known = state.cache.get(pos)
        if known is not None:
            state.pos = known
            return
        rules = self._table.get(state.src[pos])
        if rules is None:
            found = state.stop.search(state.src, pos + 1, state.posMax)
            state.pos = found.start() if found else state.posMax
            return  # not worth remembering
        if state.level >= NESTING:
            state.pos = state.posMax
        else:
            state.level += 1
            if not any(rule(state, True) for rule in rules):
                state.pos = pos + 1
            state.level -= 1
        state.cache[pos] = state.pos


def _push_text(state: StateInline, text: str, pos: int) -> None:
    token = Token("text", "", 0, map=[pos, pos + len(text)], content=text)
    token.level = state.level
    state.tokens.append(token)


def _place(tokens: list[Token], count: int, pos: int, state: PlacedState) -> None:
    """Tell the tokens from `count` on, made by the rule that began at `pos`, where they stand."""
    end = state.pos
    first = tokens[count]
    if len(tokens) == count + 1:
        if first.map is None:
            first.map = [pos, end]
    elif first.info == "auto":
        for token in tokens[count:]:
            token.map = [pos, end]
    elif first.nesting == 1:
        if first.map is None:
            first.map = [pos, state.inner[0]]
            tokens[-1].map = [state.inner[1], end]
    else:  # a run of marks, one token for each
        for token in tokens[count:]:
            token.map = [pos, pos + len(token.content)]
            pos += len(token.content)


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


_MATH = re.compile(r"\$((?:[^$\\]|\\.)+)\$(?!\d)", re.DOTALL)
_DOUBLE_MATH = re.compile(r"\$\$((?:[^$\\]|\\.|\$(?!\$))+)\$\$", re.DOTALL)


def math(state: StateInline, silent: bool) -> bool:
    """`$…$`, not beside spaces inside or digits outside, so that `$5 and $6` are dollars; `$$…$$` wherever it stands."""
    src, pos = state.src, state.pos
    if src.startswith("$$", pos):
        found = _DOUBLE_MATH.match(src, pos, state.posMax)
        kind = "math_inline_double"
    elif pos and src[pos - 1].isdigit():
        return False
    else:
        found = _MATH.match(src, pos, state.posMax)
        kind = "math_inline"
        if found and (found[1][0].isspace() or found[1][-1].isspace()):
            return False
    if not found or not found[1].strip():
        return False
    if not silent:
        token = state.push(kind, "math", 0)
        token.content = found[1]
        token.markup = "$$" if kind == "math_inline_double" else "$"
    state.pos = found.end()
    return True


_FORMULA = re.compile(r"[\\^_={}+<>]")


def math_backslash(state: StateInline, silent: bool) -> bool:
    r"""TeX's `\(…\)` and `\[…\]`; the latter only round what looks like a formula, since `\[1\]` is an escaped bracket."""
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


_URL = re.compile(r"https?://(?=[^\W_]|\[)[^\s\x00-\x20\"<>`\\\[\]^|\x7f-\U0010ffff]*", re.IGNORECASE)
_WHOLE_LINE_URL = re.compile(r"https?://[^\W_][^\s\"<>`\\\[\]]*(?=[ \t]*(?:\n|\Z))", re.IGNORECASE)
_CHINESE_MARK = re.compile("[\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65“”‘’…—]")
_URL_TAIL = re.compile(r"[?!.,:;*_~'$]+$|==+$")


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


_WIKI = re.compile(r"\[\[(?![\d\s,.;-]+\]\])([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\](?!\()")
_EMBED = re.compile(
    r"!\[\[([^\[\]|\n]+\.(?:png|jpe?g|gif|svg|webp|avif|bmp|tiff?|mp3|ogg|oga|opus|wav|m4a|flac|mp4|webm|mov|m4v))"
    r"(?:#[^\[\]|\n]*)?(?:\|([^\[\]\n]*))?\]\]",
    re.IGNORECASE,
)


def wiki(state: StateInline, silent: bool) -> bool:
    """Obsidian's `[[Page]]`, `[[Page|text]]` and embedded media `![[picture.png|300]]`."""
    src, pos = state.src, state.pos
    found = (_EMBED if src[pos] == "!" else _WIKI).match(src, pos, state.posMax)
    if found is None:
        return False
    if not silent:
        target, text = found[1].strip(), found[2]
        if src[pos] == "!":
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
            inner.map = [start, start + len(inner.content)]
            state.push("wiki_close", "span", -1).map = [found.end() - 2, found.end()]
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
        state.delimiters.append(
            Delimiter(
                marker=ord("="), length=0, token=len(state.tokens) - 1, end=-1, open=scanned.can_open, close=scanned.can_close
            )
        )
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
