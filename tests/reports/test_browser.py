"""The coverage page in a real browser: what a person sees and touches, and that nothing of a note runs there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsers import DESK, PHONE, Window
from command_line import deckgen, write_files


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of a demo deck."""
    out = tmp_path_factory.mktemp("page") / "dlss.html"
    assert deckgen("coverage", Path(__file__).parents[2] / "decks" / "dlss", "--html", out).code == 0
    return out.as_uri()


class Opened(Window):
    """The page, and what is on it."""

    def mark(self, text: str) -> Any:
        return self.page.locator("mark", has_text=text).first

    @property
    def panel(self) -> Any:
        return self.page.locator("#panel")

    def color(self, selector: Any) -> str:
        return str(selector.evaluate("node => getComputedStyle(node).backgroundColor"))


def test_hovering_shows_question_and_answer(browser: Any, demo: str) -> None:
    with Opened(browser, demo, **DESK) as opened:
        assert not opened.panel.is_visible()
        opened.mark("OFA的全称是").hover()
        assert opened.panel.locator(".front").all_inner_texts() == ["OFA的全称是什么？"]
        assert opened.panel.locator(".field").all_inner_texts() == ["Optical Flow Accelerator"]
        assert opened.panel.locator(".name").all_inner_texts() == ["zh/facts/full-name"]
        opened.page.locator("h1").hover()
        assert not opened.panel.is_visible()
        assert opened.problems == []


def test_a_sentence_of_two_notes_shows_both(browser: Any, demo: str) -> None:
    with Opened(browser, demo, **DESK) as opened:
        opened.mark("DLSS由英伟达于2018年推出").hover()
        assert opened.panel.locator(".front").all_inner_texts() == ["DLSS是谁推出的？", "DLSS是什么时候推出的？"]


def test_what_was_passed_over_is_plain(browser: Any, demo: str) -> None:
    with Opened(browser, demo, **DESK) as opened:
        assert opened.page.locator("mark", has_text="当时能用上的游戏屈指可数").count() == 0
        line = opened.page.locator(".line", has_text="当时能用上的游戏屈指可数")
        assert line.count() == 1
        assert opened.color(line) == "rgba(0, 0, 0, 0)"
        assert opened.color(opened.mark("OFA的全称是")) not in (
            "rgba(0, 0, 0, 0)",
            opened.color(opened.page.locator("body")),
        )


def test_rules_have_colours_of_their_own(browser: Any, demo: str) -> None:
    with Opened(browser, demo, **DESK) as opened:
        chips = opened.page.locator(".chip").all()
        colors = [chip.evaluate("node => getComputedStyle(node, '::before').backgroundColor") for chip in chips]
        assert len(chips) > 5
        assert len(set(colors)) == len(colors)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_it_fits_the_screen_and_can_be_read(browser: Any, demo: str, scheme: str, size: dict[str, Any]) -> None:
    with Opened(browser, demo, color_scheme=scheme, **size) as opened:
        width = size["viewport"]["width"]
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
        contrast = opened.page.evaluate(CONTRAST)
        assert contrast["text"] >= 7
        assert min(contrast["marks"]) >= 4.5
        assert (contrast["paper"] > 0.5) == (scheme == "light")
        assert opened.page.locator(".line > span").first.evaluate("n => parseFloat(getComputedStyle(n).fontSize)") >= 12


# Contrast as WCAG has it, of the text on the page and of the text in each colour; by what the browser really paints.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const style = getComputedStyle(document.body), ink = light(style.color), paper = light(style.backgroundColor);
  const marks = [...document.querySelectorAll("mark")].map((m) => ratio(ink, light(getComputedStyle(m).backgroundColor)));
  return {paper, text: ratio(ink, paper), marks};
}"""


def test_tapping_on_a_phone(browser: Any, demo: str) -> None:
    with Opened(browser, demo, **PHONE) as opened:
        opened.mark("OFA的全称是").tap()
        assert opened.panel.locator(".front").inner_text() == "OFA的全称是什么？"
        box = opened.panel.bounding_box()
        assert (box["x"], box["width"], round(box["y"] + box["height"])) == (0, 390, 844)
        opened.mark("OFA的作用是").tap()
        assert opened.panel.locator(".front").inner_text() == "OFA的作用是什么？"
        opened.page.locator("#close").tap()
        assert not opened.panel.is_visible()
        assert opened.problems == []


def test_the_keyboard_does_all_of_it(browser: Any, demo: str) -> None:
    with Opened(browser, demo, **DESK) as opened:
        opened.mark("OFA的全称是").focus()
        opened.page.keyboard.press("Enter")
        assert opened.panel.locator(".front").inner_text() == "OFA的全称是什么？"
        opened.page.keyboard.press("Escape")
        assert not opened.panel.is_visible()
        assert "OFA的全称是" in opened.page.evaluate("document.activeElement.textContent")


def test_choosing_a_rule_leaves_its_colour_alone(browser: Any, demo: str) -> None:
    with Opened(browser, demo, reduced_motion="reduce", **DESK) as opened:
        shown, other = opened.mark("OFA的全称是"), opened.mark("OFA的作用是")
        opened.page.locator(".chip", has_text="zh/facts/full-name").first.click()
        assert opened.color(shown) != "rgba(0, 0, 0, 0)"
        assert opened.color(other) == "rgba(0, 0, 0, 0)"
        opened.page.locator(".chip", has_text="zh/facts/full-name").first.click()
        assert opened.color(other) != "rgba(0, 0, 0, 0)"


ATTACKS = """# </script><script>alert("heading")</script>是什么？

<img src=x onerror="alert('image')"> <svg onload="alert('svg')"></svg>

- **"><img src=x onerror=alert("term")>**：</script><script>alert("data")</script>
- **' onmouseover='alert("mark")**：<!--<script>alert("comment")
- **[甲](javascript:alert("link"))**：乙&lt;script&gt;alert("entity")&lt;/script&gt;

\u202e反过来\u202c 平常的字
"""


def test_nothing_of_a_note_runs(browser: Any, tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": ATTACKS, "deck.yaml": "deck: N\nid: n\nconfidence: maybe\n"})
    assert deckgen("coverage", "--html", "out.html", cwd=tmp_path).code == 0
    with Opened(browser, (tmp_path / "out.html").as_uri(), **DESK) as opened:
        marks = opened.page.locator("mark").all()
        assert len(marks) >= 4
        for mark in marks:
            mark.click()
            assert opened.panel.is_visible()
        assert opened.problems == []
        assert opened.requests == [(tmp_path / "out.html").as_uri()]
        assert opened.page.locator("img, svg, a, iframe").count() == 0
        assert opened.page.locator("script").count() == 2
        shown = opened.page.locator(".line > span").all_inner_texts()
        assert shown == [line.replace("\xa0", " ") for line in ATTACKS.split("\n")]


def test_the_policy_stops_what_escaping_would_miss(browser: Any, demo: str) -> None:
    """A script, an inline handler, a style and a picture that somehow got in do nothing."""
    with Opened(browser, demo, **DESK) as opened:
        opened.page.evaluate("""() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<b id=x onclick=\\"document.title='run'\\" style='color:red'>x</b>");
          document.body.insertAdjacentHTML("beforeend", "<img src='https://example.invalid/x.png'>");
          document.getElementById("x").click();
        }""")
        assert opened.page.title() == "深度学习::DLSS: coverage"
        assert opened.page.locator("#x").evaluate("n => getComputedStyle(n).color") != "rgb(255, 0, 0)"
        assert len([problem for problem in opened.problems if "Content Security Policy" in problem]) >= 4
        assert opened.refused == [("https://example.invalid/x.png", "csp")]
