"""A field's Markdown → HTML, by the parser that the rules matched with.

Cloze marks and rendering's own marks are still in it; `deletions` and `escaping.unmark` take them out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.parser import parser
from deckgen.model import MediaFile
from deckgen.rendering.code import code_html
from deckgen.rendering.escaping import FORBIDDEN, escape_code, escape_html, escape_text, tex_html, without_instructions
from deckgen.rendering.media import FILMS, SOUNDS, is_remote
from deckgen.rendering.raw_html import Html, is_harmless, sanitise, without_comments, without_unknown_tags

if TYPE_CHECKING:
    from markdown_it.token import Token


class Written(Struct, frozen=True):
    """A field as HTML, and what it took."""

    html: str
    is_sanitised: bool = False  # some raw HTML was taken out of it


def write_markdown(markdown: str, media: Mapping[str, MediaFile], raw_html: Html) -> Written:
    """The HTML of a field. A field of one paragraph has no `<p>`."""
    markdown = FORBIDDEN.sub("", markdown).strip("\n") if FORBIDDEN.search(markdown) else markdown.strip("\n")
    if not markdown.strip():
        return Written("")
    writer = Writer(media, raw_html)
    html = writer.write(parser().parse(markdown, {}))
    if writer.has_left_out and (_DELETION.search(markdown) or not _TAGS.sub("", html).strip()):
        writer = Writer(media, raw_html, leaves_out=False)
        html = writer.write(parser().parse(markdown, {}))
    elif writer.has_left_out:
        html = html.replace("<li></li>\n", "").replace("<p></p>\n", "")
    is_sanitised = False
    if writer.has_html and raw_html == "sanitize":
        is_sanitised = not all(is_harmless(fragment) for fragment in writer.fragments)
        html = sanitise(html)
    return Written(html.strip(), is_sanitised)


def write_html(html: str, media: Mapping[str, MediaFile], raw_html: Html) -> Written:
    """A field that is HTML as it stands, in the words of the learner: what could do harm is taken out all the same."""
    html = without_comments(FORBIDDEN.sub("", html)).strip()
    written = Writer(media, raw_html).with_names(html)
    return Written(written if raw_html == "trust" else sanitise(written), raw_html != "trust" and not is_harmless(html))


_LIVE_LINK = lazy_regex(r"(?:https?|mailto|ftp|tel|obsidian|zotero):", re.IGNORECASE)
_SIZE = lazy_regex(r"(.*)\|\s*(\d{1,4})(?:x\d{1,4})?\s*\Z", re.DOTALL)
_DANGLING_NOTE = lazy_regex(r"\[\^(?:\d{1,3}|fn\d*|note[\w-]*)\]")
_PLAIN_BREAK = lazy_regex(r"<(br|wbr)\s*/?>", re.IGNORECASE)
_SHOWN = lazy_regex(r"""<(?:img|audio|video|source)\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_ALTERNATIVE = lazy_regex(r"""\salt\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_SOURCE = lazy_regex(r"""(\ssrc\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)


_LONGEST_NAME = 100  # characters: the expression takes the square of them at worst
_NAME_BY_A_MACHINE = lazy_regex(
    r"(?:pasted[ _-]?image|image|img|picture|pic|photo|screenshot|screen shot|dsc"
    r"|截图|截屏|屏幕截图|微信图片|微信截图|图片)?"
    r"[ _-]?\(?[\d _.:()-]*(?:at|AM|PM)?[\d _.:()-]*(?:\.(?:png|jpe?g|gif|webp|svg))?",
    re.IGNORECASE,
)
"""What programs call a picture that was pasted, photographed or cut from the screen."""
_DELETION = lazy_regex("[\ue010-\ue04f]")
_TAGS = lazy_regex(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_WORDS = lazy_regex("[^\\s\ue000-\uf8ff]")  # marks of deletions, which are private-use characters, are no words


class Writer:
    """Writes one field: it remembers footnotes and open links on the way."""

    def __init__(self, media: Mapping[str, MediaFile], raw_html: Html, *, leaves_out: bool = True) -> None:
        self.media = media
        self.raw_html = raw_html
        self.leaves_out = leaves_out  # whether the name of a file that is not there says nothing beside other words
        self.has_left_out = False
        self.has_html = False
        self.fragments: list[str] = []
        self.links: list[bool] = []  # for each open link, whether it leads anywhere
        self.footnotes: dict[int, str] = {}
        self.is_among_words = False  # whether the inline content that is being written is more than a formula

    def write(self, tokens: Sequence[Token]) -> str:
        """HTML of a whole field."""
        body = self._take_footnotes(tokens)
        if len(body) == 3 and body[0].type == "paragraph_open":
            body = body[1:2]
        _mark_callouts(body)
        pieces: list[str] = []
        self._write_into(pieces, body)
        return "".join(pieces)

    def _write_into(self, pieces: list[str], tokens: Iterable[Token]) -> None:
        for token in tokens:
            kind = token.type
            if kind == "text":
                pieces.append(self._text(token))
            elif kind == "inline":
                children = token.children or []
                self.is_among_words = any(child.type == "math_inline_double" for child in children) and any(
                    child.type != "math_inline_double" and _WORDS.search(child.content) for child in children
                )
                self._write_into(pieces, children)
            elif rule := _RULES.get(kind):
                pieces.append(rule(self, token))
            elif not token.hidden:
                pieces.append(_tag(token))

    def _take_footnotes(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """The tokens without the notes at the end, which stand where they are referred to."""
        starts = [i for i, t in enumerate(tokens) if t.type == "footnote_block_open"]
        if not starts:
            return tokens
        note: list[Token] = []
        for token in tokens[starts[0] :]:
            if token.type == "footnote_open":
                note = []
            elif token.type == "footnote_close":
                self.footnotes[len(self.footnotes)] = self.write(note)
            elif token.type != "footnote_anchor":
                note.append(token)
        return tokens[: starts[0]]

    # Inline

    def _text(self, token: Token) -> str:
        content = str(token.meta.get("shown", token.content))
        if "[^" in content:  # a reference to a note that stands elsewhere in the document
            content = _DANGLING_NOTE.sub("", content)
        return escape_text(content)

    def _code_inline(self, token: Token) -> str:
        return f"<code>{escape_code(token.content)}</code>"

    def _math_inline(self, token: Token) -> str:
        return tex_html(token.content)

    def _math_in_dollars(self, token: Token) -> str:
        # Many write all math as $$…$$ (kramdown does): among words it is part of the line.
        return tex_html(token.content, is_display=token.markup != "$$" or not self.is_among_words)

    def _link_open(self, token: Token) -> str:
        """Only what leads somewhere from a card: a path to another note does not."""
        href = str(token.attrs.get("href", ""))
        self.links.append(_LIVE_LINK.match(href) is not None)
        return f'<a href="{_quoted(href)}">' if self.links[-1] else ""

    def _link_close(self, _token: Token) -> str:
        return "</a>" if self.links.pop() else ""

    def _image(self, token: Token) -> str:
        """The picture, sound or film; what is not to be had is its alternative text."""
        target = str(token.attrs.get("src", ""))
        width, height = str(token.attrs.get("width", "")), str(token.attrs.get("height", ""))
        alternative = "".join(t.content or "\n" for t in token.children or ())
        if sized := _SIZE.match(alternative):
            alternative, width = sized[1], sized[2]
        file = self.media.get(target)
        if file is None and not is_remote(target):
            return escape_text(self._words_for(alternative.strip(), target))
        name = file.name if file else target
        extension = name.rpartition(".")[2].lower()
        if file and extension in SOUNDS:
            return f"[sound:{name}]"
        if extension in FILMS:
            return f'<video src="{_quoted(name)}" controls></video>'
        shown = {"src": name, "alt": alternative.strip(), "title": str(token.attrs.get("title", ""))}
        shown |= {"width": width, "height": height}
        return "<img" + "".join(f' {key}="{_quoted(value)}"' for key, value in shown.items() if value) + ">"

    def _footnote_ref(self, token: Token) -> str:
        """The note itself, small and in brackets: there is no foot of a page on a card."""
        note = self.footnotes.get(token.meta["id"], "").strip()
        return f' <small class="footnote">({note})</small>' if note else ""

    # Raw HTML

    def _html(self, token: Token) -> str:
        if "task-list-item-checkbox" in token.content:  # of the parser's own making
            return "☑" if 'checked="checked"' in token.content else "☐"
        html = without_comments(token.content)
        if not html.strip():
            return ""
        if plain := _PLAIN_BREAK.fullmatch(html):
            return f"<{plain[1].lower()}>"
        if self.raw_html == "escape":
            return escape_text(html)
        if self.raw_html == "sanitize":
            html = without_unknown_tags(without_instructions(html))
        self.has_html = True
        self.fragments.append(html)
        return self.with_names(html)

    def with_names(self, html: str) -> str:
        """HTML in which files have their names in the package."""
        return _SHOWN.sub(self._local, html) if "src" in html.lower() else html

    def _local(self, found: re.Match[str]) -> str:
        """A tag that shows a file: with its name in the package, or the alternative text where there is none."""
        tag, source = found.group(), _SOURCE.search(found.group())
        if source is None or is_remote(target := source[2].strip("\"'")):
            return tag
        file = self.media.get(target)
        if file is not None:
            return tag[: source.start()] + f'{source[1]}"{file.name}"' + tag[source.end() :]
        alternative = _ALTERNATIVE.search(tag)
        written = alternative[1].strip("\"'") if alternative else ""
        words = self._words_for(written, target)
        return words if words == written else escape_text(words)

    def _words_for(self, alternative: str, target: str) -> str:
        """What stands for a file that is not there: its alternative text, if that is more than the file's name."""
        name = posixpath.basename(unquote(target))
        is_name = alternative.lower() in ("", name.lower(), name.rpartition(".")[0].lower())
        if is_name or (len(alternative) <= _LONGEST_NAME and _NAME_BY_A_MACHINE.fullmatch(alternative)):
            self.has_left_out |= self.leaves_out
            return "" if self.leaves_out else alternative or name
        return alternative

    # Blocks

    def _math_block(self, token: Token) -> str:
        return f"<div>{tex_html(token.content, is_display=True)}</div>\n"

    def _code(self, token: Token) -> str:
        if token.info.strip().lower() == "math":  # GitHub's and GitLab's
            return self._math_block(token)
        return code_html(token.content, token.info)

    def _list_item_open(self, token: Token) -> str:
        return '<li class="task">' if "task-list-item" in str(token.attrs.get("class", "")) else "<li>"


# As `block_reading` has it; a deletion's mark may stand before.
_CALLOUT = lazy_regex(r"([\ue010-\ue04f]*)\[!([\w-]+)(?:\|[^\]]*)?\][-+]?[ \t]*")


def _mark_callouts(tokens: Sequence[Token]) -> None:
    """Obsidian's and GitHub's `> [!note] Title`: the quote gets its kind, its first line becomes the title."""
    for index, token in enumerate(tokens[:-2]):
        inline = tokens[index + 2]
        if token.type != "blockquote_open" or tokens[index + 1].type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        found = _CALLOUT.match(first.content) if first.type == "text" else None
        if found is None:
            continue
        kind = found[2].lower()
        breaks = (i for i, child in enumerate(inline.children) if child.type in ("softbreak", "hardbreak"))
        end = next(breaks, len(inline.children))
        first.content = found[1] + first.content[found.end() :]
        title, rest = inline.children[:end], inline.children[end + 1 :]
        if end == 1 and not first.content.removeprefix(found[1]).strip():
            first.content = found[1] + kind.replace("-", " ").capitalize()
        token.type, token.meta = "callout_open", {"kind": kind if kind.isascii() else "note"}
        make = type(token)
        inline.children = [make("callout_title_open", "p", 1), *title, make("callout_title_close", "p", -1), *rest]
        tokens[index + 1].hidden = tokens[index + 3].hidden = True
        if rest:
            inline.children.insert(len(title) + 2, make("paragraph_open", "p", 1))
            inline.children.append(make("paragraph_close", "p", -1, block=True))


_RULES: Mapping[str, Callable[[Writer, Token], str]] = {
    "softbreak": lambda _writer, _token: "\n",
    "hardbreak": lambda _writer, _token: "<br>",
    "code_inline": Writer._code_inline,
    "math_inline": Writer._math_inline,
    "math_inline_double": Writer._math_in_dollars,
    "link_open": Writer._link_open,
    "link_close": Writer._link_close,
    "wiki_open": lambda _writer, _token: "",
    "wiki_close": lambda _writer, _token: "",
    "image": Writer._image,
    "footnote_ref": Writer._footnote_ref,
    "html_inline": Writer._html,
    "html_block": Writer._html,
    "callout_open": lambda _writer, token: f'<blockquote class="callout {token.meta["kind"]}">\n',
    "callout_title_open": lambda _writer, _token: '<p class="title">',
    "callout_title_close": lambda _writer, _token: "</p>\n",
    "math_block": Writer._math_block,
    "fence": Writer._code,
    "code_block": Writer._code,
    "hr": lambda _writer, _token: "<hr>\n",
    "table_open": lambda _writer, _token: '<div class="wide"><table>\n',
    "table_close": lambda _writer, _token: "</table></div>\n",
    "bullet_list_open": lambda _writer, _token: "<ul>\n",
    "list_item_open": Writer._list_item_open,
}

_ON_LINES_OF_THEIR_OWN = frozenset({"blockquote", "dl", "ol", "table", "tbody", "thead", "tr", "ul"})
_KEPT_ATTRIBUTES = ("start", "style")


def _tag(token: Token) -> str:
    """The tag of a token that is nothing but one."""
    if token.nesting < 0:
        return f"</{token.tag}>\n" if token.block else f"</{token.tag}>"
    attrs = token.attrs
    kept = "".join(f' {key}="{_quoted(str(attrs[key]))}"' for key in _KEPT_ATTRIBUTES if key in attrs) if attrs else ""
    return f"<{token.tag}{kept}>\n" if token.tag in _ON_LINES_OF_THEIR_OWN else f"<{token.tag}{kept}>"


def _quoted(value: str) -> str:
    return escape_html(value).replace('"', "&quot;")
