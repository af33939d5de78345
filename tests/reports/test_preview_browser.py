"""The preview in a real browser: cards found, turned and read by clicks and keys; nothing of a note runs there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsers import DESK, PHONE, Window
from command_line import deckgen, write_files

from deckgen.build.pipeline import open_and_run
from deckgen.project.project import Request
from deckgen.reports.preview.page import EDITORS
from deckgen.reports.preview.server import Served, open_server

ROOT = Path(__file__).parents[2]
DECKS = ("dlss", "go-tournaments", "multi-task-learning")
DIST = ROOT / "dist"


class Preview(Window):
    """The page, and what is on it."""

    @property
    def card(self) -> Any:
        """The frame that the card is drawn in."""
        return self.page.frame_locator("#side")

    @property
    def text(self) -> str:
        return str(self.card.locator("#qa").inner_text())

    @property
    def titles(self) -> list[str]:
        """Of the rows that are drawn."""
        return [str(text) for text in self.page.locator(".row b").all_inner_texts()]

    @property
    def count(self) -> str:
        return str(self.page.locator("#count").inner_text())

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def choose(self, filter_name: str, value: str) -> None:
        self.page.locator(f"#by-{filter_name}").select_option(value)


def page_of(folder: Path, out: Path, *options: str) -> str:
    ended = deckgen("preview", folder, "--html", out, *options)
    assert ended.code == 0, ended.err
    return out.as_uri()


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of the pages of the demo decks."""
    folder = tmp_path_factory.mktemp("pages")
    return {deck: page_of(ROOT / "decks" / deck, folder / f"{deck}.html") for deck in DECKS}


@pytest.mark.parametrize("deck", DECKS)
def test_cards_are_shown_turned_filtered_and_searched(browser: Any, demos: dict[str, str], deck: str) -> None:
    with Preview(browser, demos[deck], **DESK) as preview:
        total = int(preview.count.split()[0])
        assert total > 100
        # by keys
        first = preview.text
        assert preview.titles[0] in first
        preview.press("Space")
        assert len(preview.text) > len(first)
        preview.press("Space")
        assert preview.text == first
        preview.press("j", "j", "k")
        assert preview.titles[1] in preview.text
        preview.press("/")
        preview.page.keyboard.type(preview.titles[1][:5])
        found = int(preview.count.split()[0])
        assert 1 <= found < total
        preview.press("Escape")
        assert preview.count.startswith(f"{total} ")
        # by clicks
        preview.page.locator(".row").nth(3).click()
        assert preview.titles[3] in preview.text
        preview.page.locator("#flip").click()
        assert preview.page.locator("#flip").inner_text() == "Show question"
        rules = preview.page.locator("#by-rule option").evaluate_all("nodes => nodes.map((node) => node.value)")
        preview.choose("rule", rules[1])
        assert 1 <= int(preview.count.split()[0]) < total
        assert set(preview.page.locator(".row i span:first-child").all_inner_texts()) == {rules[1]}
        preview.choose("rule", "")
        preview.choose("change", "unchanged")
        assert preview.count.startswith(f"{total} ")
        assert preview.problems == []
        assert preview.requests == [demos[deck]]


def test_every_card_of_a_deck_is_drawn(browser: Any, demos: dict[str, str]) -> None:
    with Preview(browser, demos["multi-task-learning"], **DESK) as preview:
        for _ in range(int(preview.count.split()[0])):
            preview.press("Space", "j")
        assert preview.card.locator("math, img, .question").count() > 0
        assert preview.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("deck", DECKS)
def test_it_fits_the_screen(browser: Any, demos: dict[str, str], deck: str, scheme: str, size: dict[str, Any]) -> None:
    """Nothing is wider than the screen; pictures of it are in `dist/`, for whoever wants to look."""
    with Preview(browser, demos[deck], color_scheme=scheme, **size) as preview:
        is_phone = size is PHONE
        row = preview.page.locator(".row").nth(2)
        row.tap() if is_phone else row.click()
        preview.page.locator("#flip").click()
        assert preview.page.evaluate("document.documentElement.scrollWidth") == size["viewport"]["width"]
        body = preview.card.locator("body")
        assert body.evaluate("node => node.scrollWidth <= node.ownerDocument.defaultView.innerWidth")
        assert ("nightMode" in str(body.get_attribute("class"))) == (scheme == "dark")
        paper = body.evaluate("node => getComputedStyle(node).backgroundColor")
        assert paper == ("rgb(28, 32, 36)" if scheme == "dark" else "rgb(255, 255, 255)")
        DIST.mkdir(exist_ok=True)
        preview.page.screenshot(path=DIST / f"preview-{deck}-{'phone' if is_phone else 'desk'}-{scheme}.png")
        if is_phone:
            preview.page.locator("#back").tap()
            assert not preview.page.locator("#card").is_visible()
        assert preview.problems == []


def test_light_and_dark_by_hand(browser: Any, demos: dict[str, str]) -> None:
    with Preview(browser, demos["dlss"], **DESK) as preview:
        preview.press("d")
        assert "nightMode" in str(preview.card.locator("body").get_attribute("class"))
        preview.page.locator("#light").click()
        assert "nightMode" not in str(preview.card.locator("body").get_attribute("class"))
        preview.page.locator("#list").focus()
        preview.press("p")
        preview.page.wait_for_timeout(250)
        assert preview.page.locator("#side").bounding_box()["width"] == 390


def test_keys_work_from_within_the_card(browser: Any, demos: dict[str, str]) -> None:
    with Preview(browser, demos["dlss"], **DESK) as preview:
        first = preview.text
        preview.card.locator("#qa").click()
        preview.press("j")
        assert preview.text != first


def test_the_source_is_a_link_to_the_editor(browser: Any, tmp_path: Path) -> None:
    notes = write_files(tmp_path / "a b", {"中 文.md": "# Mail\n\nSMTP stands for Simple Mail Transfer Protocol.\n"})
    where = quote(notes.as_posix()) + "/%E4%B8%AD%20%E6%96%87.md"
    for editor, address in (
        ("vscode", f"vscode://file{where}:3:1"),
        ("emacs://open?url=file://{path}&line={line}", f"emacs://open?url=file://{where}&line=3"),
    ):
        with Preview(browser, page_of(notes, tmp_path / "p.html", "--editor", editor), **DESK) as preview:
            assert preview.page.locator("a.place").get_attribute("href") == address
    with Preview(browser, page_of(notes, tmp_path / "p.html", "--editor", "none"), **DESK) as preview:
        assert preview.page.locator("a.place").count() == 0
        assert preview.page.locator(".place").inner_text() == "中 文.md:3"


RULE = "rules:\n- {id: r, on: section, fields: {Front: '{title}', Back: '{body}'}}\n- {id: c, on: list_item, find: '{x:rest}', note: Cloze, fields: {Text: '{text}'}, cloze: [x]}\n"
ATTACKS = """# <script>alert("title")</script><img src=x onerror="alert('title')">

<script>alert("script")</script>
<img src="x" onerror="alert('image')"><svg onload="alert('svg')"><script>alert('svg script')</script></svg>
<a href="javascript:alert('link')">a link</a> [another](javascript:alert('markdown'))
<iframe src="javascript:alert('frame')" srcdoc="<script>alert('srcdoc')</script>"></iframe>
<form action="javascript:alert('form')"><button>send</button></form>
<meta http-equiv="refresh" content="0; url=https://example.invalid/"><base href="https://example.invalid/">
<link rel="stylesheet" href="https://example.invalid/a.css"><style>@import "https://example.invalid/b.css";</style>
<div style="background: url(https://example.invalid/c.png)">a picture</div>
<details ontoggle="alert('toggle')" open><summary>x</summary></details>
<video poster="https://example.invalid/p.png" src="https://example.invalid/v.mp4"></video>
<object data="javascript:alert('object')"></object><embed src="javascript:alert('embed')">
![a picture with a script](evil.svg) ![far away](https://example.invalid/d.png)

</script><!--<script>alert("end of data")
"""
EVIL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert('svg')"><script>alert('svg file')</script>
<image href="https://example.invalid/e.png"/><circle r="4" cx="4" cy="4"/></svg>"""


@pytest.mark.parametrize("mode", ["sanitize", "escape", "trust"])
def test_nothing_of_a_note_runs(browser: Any, tmp_path: Path, mode: str) -> None:
    """Neither with `html: trust`, nor from a picture: no script, no dialog, no request, no complaint in the console."""
    config = f"rules: [./r.yaml]\nhtml: {mode}\ncss: '.card {{ background: url(https://example.invalid/f.png) }}'\n"
    files = {"a.md": ATTACKS, "evil.svg": EVIL, "deck.yaml": config, "r.yaml": RULE}
    with Preview(browser, page_of(write_files(tmp_path, files), tmp_path / "p.html"), **DESK) as preview:
        assert int(preview.count.split()[0]) >= 1
        for _ in range(int(preview.count.split()[0])):
            preview.press("Space")
            assert preview.text
            for link in preview.card.locator("a").all():
                assert not str(link.get_attribute("href") or "").startswith("javascript")
            assert preview.card.locator("script, iframe, object, embed, form, meta, base, link").count() == 0
            preview.press("j")
        preview.page.wait_for_timeout(200)
        assert preview.problems == []
        assert preview.requests == [(tmp_path / "p.html").as_uri()]


def test_a_frame_without_scripts_and_a_policy_stand_behind(browser: Any, demos: dict[str, str]) -> None:
    """What somehow got past the cleaning does nothing either."""
    with Preview(browser, demos["dlss"], **DESK) as preview:
        preview.page.evaluate("""() => {
          const page = document.getElementById("side").contentDocument, script = page.createElement("script");
          script.textContent = "parent.document.title = 'run'";
          page.body.append(script);
          page.body.insertAdjacentHTML("beforeend", "<b id=x onclick=\\"parent.document.title='run'\\">x</b>");
          page.body.insertAdjacentHTML("beforeend", "<img src='https://example.invalid/x.png' onerror=\\"parent.document.title='run'\\">");
          page.getElementById("x").click();
        }""")
        preview.page.wait_for_timeout(200)
        assert preview.page.title() == "深度学习::DLSS: cards"
        assert [url for url, why in preview.refused if why != "csp"] == []


def many_notes(count: int) -> str:
    return "# Many\n\n" + "".join(f"- **term {n}**: meaning {n} of $x_{{{n}}}$\n" for n in range(count))


def test_ten_thousand_cards_without_a_stutter(browser: Any, tmp_path: Path) -> None:
    rule = "rules:\n- {id: r, on: list_item, match: '{a:rest}: {b:rest}', fields: {Front: '{a}', Back: '{b}'}}\n"
    notes = write_files(tmp_path, {"a.md": many_notes(10_000), "deck.yaml": "rules: [./r.yaml]\n", "r.yaml": rule})
    with Preview(browser, page_of(notes, tmp_path / "p.html"), **DESK) as preview:
        assert preview.count == "10,000 cards"
        assert len(preview.titles) < 60
        preview.press("End")
        assert "term 9999" in preview.text
        slowest = preview.page.evaluate("""async () => {
          const list = document.getElementById("list"), frame = () => new Promise(requestAnimationFrame);
          let slowest = 0, last = await frame();
          for (let step = 0; step < 120; step++) {
            list.scrollTop = (step * 7919 % 120) / 120 * list.scrollHeight;
            const now = await frame();
            slowest = Math.max(slowest, now - last);
            last = now;
          }
          return slowest;
        }""")
        assert slowest < 250, f"{slowest} ms between two frames"  # a stutter is seen from 100 ms on; CI is slow
        preview.press("/")
        preview.page.keyboard.type("term 4321")
        assert preview.count == "1 of 10,000 cards"
        assert preview.titles == ["term 4321"]
        assert preview.problems == []


@pytest.fixture
def live(tmp_path: Path) -> Iterator[tuple[Path, Served, str]]:
    """A folder of notes, what is served of it, and where."""
    write_files(tmp_path, {"a.md": "# Mail\n\nSMTP stands for Simple Mail Transfer Protocol.\n"})
    served = Served(EDITORS["file"])
    served.take(*open_and_run(Request((tmp_path,)), 1_760_000_000))
    server = open_server(served, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, served, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_cards_change_while_one_looks(browser: Any, live: tuple[Path, Served, str]) -> None:
    folder, served, address = live
    with Preview(browser, address, **DESK) as preview:
        assert preview.titles == ["What does SMTP stand for?"]
        preview.press("Space")
        (folder / "a.md").write_text(
            "# Mail\n\nIMAP stands for Internet Message Access Protocol.\n\nSMTP stands for Simple Mail Transfer Protocol, of 1981.\n"
        )
        served.take(*open_and_run(Request((folder,)), 1_760_000_000))
        preview.page.locator(".row").nth(1).wait_for()
        assert "SMTP" in preview.text  # the same card, still turned
        assert preview.page.locator("#flip").inner_text() == "Show question"
        (folder / "deck.yaml").write_text("dekc: x\n")
        served.take(*open_and_run(Request((folder,)), 1_760_000_000))
        preview.page.wait_for_selector("#notices.broken")
        preview.page.locator("#notices").click()
        assert "unknown-key" in preview.page.locator("#notice-list").inner_text()
        preview.press("Escape")
        (folder / "deck.yaml").unlink()
        served.take(*open_and_run(Request((folder,)), 1_760_000_000))
        preview.page.wait_for_selector("#notices", state="hidden")
        assert preview.problems == []
