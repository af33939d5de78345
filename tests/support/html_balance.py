"""Whether every tag of a piece of HTML is closed, in the right order: by the parser of the standard library."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset(["br", "hr", "img", "wbr", "col", "source", "input"])


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.opened: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.opened.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """It closes itself."""

    def handle_endtag(self, tag: str) -> None:
        if self.opened and self.opened[-1] == tag:
            self.opened.pop()
        elif tag not in VOID:
            self.wrong.append(f"</{tag}> within {self.opened}")


def unbalanced(html: str) -> list[str]:
    """What is wrong with it; nothing, where all is closed."""
    tags = _Tags()
    tags.feed(html)
    tags.close()
    return tags.wrong + [f"<{tag}> is never closed" for tag in tags.opened]
