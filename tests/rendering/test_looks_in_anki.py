"""Cards of every kind under the styles of Anki's own reviewer, in chromium: by day and by night, at three widths.

The styles are those of the installed `aqt`; they are read here and never copied. Screenshots go to dist/looks/.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import deckgen, write_files

from deckgen.rendering.note_types import CSS

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "dist" / "looks"
WIDTHS = (1000, 420, 360)

CELLS = " | ".join(["一段并不短的说明文字"] * 3)
SIX = " | ".join(["a cell with several words"] * 6)
BACKS = {
    "words": "A short answer with `code`, **bold**, *italic*, ==marked== and [a link](https://example.org).",
    "list": "- one\n- two\n  - nested\n- three",
    "numbered": "1. one\n2. two",
    "task": "- [ ] open\n- [x] done",
    "quote": "> What is said.\n>\n> > Within it.",
    "callout": "> [!note] A callout\n> with a body",
    "warning": "> [!warning] Careful\n> with a body",
    "danger": "> [!danger] Stop\n> with a body",
    "tip": "> [!tip] Try\n> with a body",
    "important": "> [!important] Mind\n> with a body",
    "narrow-table": "| a | b |\n| - | - |\n| 1 | 2 |",
    "chinese-table": f"| 甲 | 乙 | 丙 |\n| - | - | - |\n| {CELLS} |",
    "wide-table": f"| a | b | c | d | e | f |\n| - | - | - | - | - | - |\n| {SIX} |",
    "code": '```python\n# a comment\ndef area(width: int) -> float:\n    """Text."""\n    return width * 2.5  # '
    + "x" * 90
    + "\n```",
    "html": '```html\n<p class="a">text</p>\n```',
    "diff": "```diff\n+ added\n- removed\n```",
    "math": r"$a^2 + b^2 = c^2$ and $$\int_0^1 x\,dx$$",
    "long-word": "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 2,
    "arabic": "الجواب مكتوب من اليمين إلى اليسار",
    "keys": "<kbd>Ctrl</kbd> and H~2~O and x^2^",
}
RULES = """
rules:
  - id: card
    on: section
    when: {match: {heading: '{:text}'}}
    fields: {Front: '{heading}', Back: '{body}'}
"""
CONTRAST = """() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n.slice(0, 3), 1] : n; };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3])).concat(1);
  const ground = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(parse(getComputedStyle(e).backgroundColor));
    return layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = c => { const f = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const found = [];
  const texts = document.createTreeWalker(document.getElementById("qa"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("style, script")) continue;
    const below = ground(element), ink = over(parse(getComputedStyle(element).color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    found.push([Math.round(100 * (a + 0.05) / (b + 0.05)) / 100, element.outerHTML.slice(0, 80)]);
  }
  return found.filter(([ratio]) => ratio < 4.5);
}"""
OVERFLOW = """() => [...document.querySelectorAll("#qa *")].filter(e => {
  const scrolls = e.closest(".wide, pre");
  const right = e.getBoundingClientRect().right;
  return !e.closest("style, script, math, .tex") && (scrolls && scrolls !== e ? false : right > innerWidth + 1);
}).map(e => e.outerHTML.slice(0, 80))"""


def reviewer_styles() -> str:
    """What Anki's reviewer page loads before a card."""
    spec = importlib.util.find_spec("_aqt")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("aqt is not installed: the test extra has it")
    styles = Path(next(iter(spec.submodule_search_locations))) / "data/web/css"
    return "".join((styles / name).read_text("utf-8") for name in ("webview.css", "reviewer.css"))


def page_of(side: str, *, is_night: bool) -> str:
    """A card's side as Anki's desktop puts it into its page."""
    night = ("night-mode", "nightMode night_mode") if is_night else ("", "")
    return (
        f'<!doctype html><html class="{night[0]} isLin" dir=ltr><head><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f'<style>{reviewer_styles()}</style></head><body class="card card1 {night[1]} isLin">'
        f"<div id=qa><style>{CSS}</style>{side}</div></body></html>"
    )


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The back of each card, by its name."""
    folder = tmp_path_factory.mktemp("looks")
    notes = "# 学习笔记 Notes\n\n" + "\n\n".join(f"## {name} 是什么 question\n\n{back}" for name, back in BACKS.items())
    write_files(folder, {"deck.yaml": "deck: D\nid: d\nrules: [./r.yaml]\n", "r.yaml": RULES, "笔记.md": notes + "\n"})
    listed = deckgen("list", "--format", "json", cwd=folder)
    assert listed.code == 0, listed.err
    found = {}
    for note in listed.json:
        fields = note["fields"]
        math = re.sub(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", "<span class=tex>\\g<0></span>", fields["Back"])
        found[fields["Front"].split()[0]] = (
            f'<div class="context" dir="auto">{fields.get("Context", "")}</div><div class="question" dir="auto">{fields["Front"]}</div>'
            f'<hr id=answer><div class="answer" dir="auto">{math}</div><div class="source" dir="auto">{fields.get("Source", "")}</div>'
        )
    del found["学习笔记"]
    assert set(found) == set(BACKS)
    found["typed"] = (
        '<div class="question" dir="auto">Type it</div><hr id=answer><div class="answer" dir="auto"><div><code id=typeans><span class=typeBad>adenosin'
        "</span><br><span id=typearrow>&darr;</span><br><span class=typeMissed>adenosine</span></code></div></div>"
    )
    return found


@pytest.fixture(scope="module")
def window(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("is_night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_card_can_be_read_and_fits(window: Any, sides: dict[str, str], width: int, *, is_night: bool) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    window.set_viewport_size({"width": width, "height": 700})
    wrong = {}
    for name, side in sides.items():
        window.set_content(page_of(side, is_night=is_night))
        window.screenshot(path=SHOTS / f"{name}-{width}-{'night' if is_night else 'day'}.png")
        if found := window.evaluate(CONTRAST) + window.evaluate(OVERFLOW):
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize(
    ("is_night", "paper", "ink"),
    [(False, "rgb(255, 255, 255)", "rgb(31, 35, 40)"), (True, "rgb(28, 32, 36)", "rgb(213, 218, 224)")],
)
def test_the_palette_applies(window: Any, sides: dict[str, str], paper: str, ink: str, *, is_night: bool) -> None:
    window.set_content(page_of(sides["words"], is_night=is_night))
    read = "() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; }"
    assert window.evaluate(read) == [paper, ink]


def test_the_learner_can_choose_another_paper_for_the_night(window: Any, sides: dict[str, str]) -> None:
    """The example of docs/cards.md."""
    side = "<style>.card.nightMode { --paper: #000 }</style>" + sides["words"]
    window.set_content(page_of(side, is_night=True))
    assert window.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


def test_both_lines_of_a_typed_answer_begin_at_one_edge(window: Any, sides: dict[str, str]) -> None:
    window.set_content(page_of(sides["typed"], is_night=False))
    left = window.evaluate(
        "['.typeBad', '.typeMissed'].map(s => document.querySelector(s).getBoundingClientRect().left)"
    )
    assert left[0] == left[1]


def test_a_wide_table_scrolls_and_its_cells_stay_readable(window: Any, sides: dict[str, str]) -> None:
    window.set_viewport_size({"width": 420, "height": 700})
    window.set_content(page_of(sides["wide-table"], is_night=False))
    width, scroll, cell = window.evaluate(
        "() => { const w = document.querySelector('.wide'); "
        "return [w.clientWidth, w.scrollWidth, Math.min(...[...w.querySelectorAll('td')].map(c => c.offsetWidth))]; }"
    )
    assert scroll > width
    assert cell >= 70
    window.set_content(page_of(sides["chinese-table"], is_night=False))
    assert window.evaluate(
        "() => { const w = document.querySelector('.wide'); return w.scrollWidth <= w.clientWidth; }"
    )


def test_right_to_left_text_begins_at_the_right(window: Any, sides: dict[str, str]) -> None:
    window.set_content(page_of(sides["arabic"], is_night=False))
    assert window.evaluate("getComputedStyle(document.querySelector('.answer')).direction") == "rtl"


def test_the_preview_weighs_as_anki_does(window: Any, sides: dict[str, str]) -> None:
    """A rule that loses against Anki's own styles loses in the preview too."""
    ours = (ROOT / "deckgen/reports/preview/reviewer.css").read_text("utf-8")
    read = (
        "() => ['body', '.question', '.answer', 'code', 'a', 'hr', '.source'].map(s => { const e = document.querySelector(s);"
        " if (!e) return s; const c = getComputedStyle(e);"
        " return [s, c.color, c.backgroundColor, c.fontFamily, c.marginTop, c.textAlign].join(' '); })"
    )
    for is_night in (False, True):
        page = page_of(sides["words"], is_night=is_night)
        window.set_content(page)
        anki = window.evaluate(read)
        window.set_content(page.replace(reviewer_styles(), ours))
        assert window.evaluate(read) == anki
