"""Decisions on the preview's page: who may write them, and what a person does there."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import DESK, Window
from command_line import write_files

from deckgen.build.pipeline import open_and_run
from deckgen.project.choices import Choices, Wording, parse_choices
from deckgen.project.project import Request
from deckgen.reports.preview.page import EDITORS
from deckgen.reports.preview.server import Served, open_server

RULES = """
rules:
  - {id: term, on: definition, fields: {Front: '{term}', Back: '{definition}'}}
  - {id: pair, on: list_item, confidence: maybe, match: '{a} -> {b}', fields: {Front: '{a}', Back: '{b}'}}
"""
FILES = {
    "deck.yaml": "deck: Coast\nid: coast\nrules: [./rules.yaml]\n",
    "rules.yaml": RULES,
    "a.md": "Fetch\n: the distance that the wind has blown\n\nSwash\n: water that runs up a beach\n",
    "tides/b.md": "Berm\n: a terrace of sand\n\nSpit\n: a ridge of sand\n\n- groyne -> a wall\n",
}


class Site:
    """A folder of notes, and the server of its page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.served = Served(EDITORS["none"])
        self.build()
        self.server = open_server(self.served, 0)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def build(self) -> None:
        """What the server does when a file changes."""
        self.served.take(*open_and_run(Request((self.folder,)), 1_760_000_000))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def notes(self) -> dict[str, dict[str, Any]]:
        """The notes by their questions."""
        data = self.served.data
        return {card["title"]: data["notes"][card["note"]] for card in data["cards"]}

    @property
    def choices(self) -> Choices:
        path = self.folder / "deck.choices.yaml"
        return parse_choices(path.read_text() if path.exists() else "", "")[0]

    def post(self, asked: object, *, path: str = "/decide", **headers: str | None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        own = {"Content-Type": "application/json", "Origin": self.address.rstrip("/")}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**own, **named}.items() if value is not None}
        connection.request("POST", path, body=json.dumps(asked), headers=sent)
        status = connection.getresponse().status
        connection.close()
        return status


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(write_files(tmp_path / "coast", FILES))
    yield found
    found.server.shutdown()
    found.server.server_close()


def asked(site: Site, action: str = "skip", **more: object) -> dict[str, object]:
    return {"token": site.served.token, "action": action, "guids": [site.notes["Fetch"]["guid"]], **more}


def test_its_own_page_may_write(site: Site) -> None:
    assert site.post(asked(site)) == 200
    assert [one.is_skipped for one in site.choices.notes.values()] == [True]
    assert site.post(asked(site, "undo")) == 200
    assert not site.choices.notes


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Content_Type": "text/plain"}, 403),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Content_Length": "99999999999"}, 413),
    ],
)
def test_nobody_else_may_write(site: Site, headers: dict[str, str | None], status: int) -> None:
    assert site.post(asked(site), **headers) == status
    assert not (site.folder / "deck.choices.yaml").exists()


@pytest.mark.parametrize("token", ["", "x", None, 1, "é"])
def test_without_the_token_nothing_is_written(site: Site, token: object) -> None:
    assert site.post({**asked(site), "token": token}) in (403, 400)
    assert not (site.folder / "deck.choices.yaml").exists()


def test_the_token_of_an_earlier_run_is_refused(site: Site) -> None:
    before = Site(site.folder)
    before.server.shutdown()
    before.server.server_close()
    assert site.post({**asked(site), "token": before.served.token}) == 403
    assert not (site.folder / "deck.choices.yaml").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "x",
        {"action": "delete"},
        {"action": "skip", "guids": ["nobody"]},
        {"action": "skip", "guids": "x"},
        {"action": "edit", "fields": {"Back": 1}},
    ],
)
def test_what_is_no_decision(site: Site, wrong: object) -> None:
    assert site.post({**asked(site), **wrong} if isinstance(wrong, dict) else wrong) == 400
    assert not (site.folder / "deck.choices.yaml").exists()


def test_only_the_page_has_the_token(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    for path, is_there in (("/", True), ("/cards.json", False)):
        connection.request("GET", path, headers={"Host": f"127.0.0.1:{site.port}"})
        assert (site.served.token.encode() in connection.getresponse().read()) == is_there
    connection.close()
    assert site.post(asked(site), path="/other") == 404


def test_a_broken_file_is_told(site: Site) -> None:
    (site.folder / "deck.choices.yaml").write_text("- {note\n")
    assert site.post(asked(site)) == 409
    assert (site.folder / "deck.choices.yaml").read_text() == "- {note\n"


def wait(page: Any, place: str, text: str) -> None:
    """Wait until a text stands somewhere."""
    page.locator(place, has_text=text).wait_for(timeout=10_000)


def wait_for_rows(page: Any, count: int) -> None:
    """Wait until the list has so many rows."""
    from playwright.sync_api import expect

    expect(page.locator(".row")).to_have_count(count, timeout=10_000)


def titles(window: Any) -> list[str]:
    return [str(text) for text in window.page.locator(".row b").all_inner_texts()]


def test_a_sitting_in_the_browser(browser: Any, site: Site) -> None:
    ids = {title: note["guid"] for title, note in site.notes.items()}
    with Window(browser, site.address, **DESK) as window:
        page = window.page
        assert titles(window) == ["Fetch", "Swash", "Berm", "Spit"]
        page.keyboard.press("x")  # Fetch
        wait(page, "#decided", "skipped")
        assert site.choices.notes[ids["Fetch"]].is_skipped
        page.keyboard.press("e")  # Swash
        page.locator("#edited textarea[name=Back]").fill("the uprush")
        page.locator("#save").click()
        wait(page, "#decided", "reworded")
        assert site.choices.notes[ids["Swash"]].fields == (("Back", Wording("the uprush")),)
        site.build()
        wait_for_rows(page, 3)
        assert titles(window) == ["Swash", "Berm", "Spit"]
        page.locator("#by-state").select_option("suggested")
        assert titles(window) == ["groyne"]
        page.locator("#keep").click()
        wait(page, "#decided", "kept")
        site.build()
        page.locator("#by-state").select_option("")
        page.locator("#by-file").select_option("tides/")
        wait_for_rows(page, 3)
        assert titles(window) == ["Berm", "Spit", "groyne"]
        page.locator("#by-rule").select_option("rules/term")
        assert page.locator("#skip-all").inner_text() == "Skip these 2"
        page.locator("#skip-all").click()
        wait(page, "#decided", "2 notes")
        assert {guid for guid, one in site.choices.notes.items() if one.is_skipped} == {
            ids["Fetch"],
            ids["Berm"],
            ids["Spit"],
        }
        site.build()
        page.locator("#by-rule").select_option("")
        page.locator("#by-file").select_option("")
        page.locator("#undo").click()
        wait(page, "#decided", "taken back")
        site.build()
        wait_for_rows(page, 4)
        page.locator("#by-state").select_option("skipped")
        assert titles(window) == ["Fetch"]
        page.locator("#take-back").click()
        wait(page, "#decided", "taken back: Fetch")
        assert ids["Fetch"] not in site.choices.notes
        assert window.problems == []


def test_never_this_rule_in_this_file(browser: Any, site: Site) -> None:
    with Window(browser, site.address, **DESK) as window:
        window.page.keyboard.press("n")
        wait(window.page, "#decided", "the rule is off")
        assert [(one.rule, one.path) for one in site.choices.rules] == [("rules/term", "a.md")]
        site.build()
        wait_for_rows(window.page, 2)
        assert titles(window) == ["Berm", "Spit"]


def test_a_page_of_an_earlier_run_says_so(browser: Any, site: Site) -> None:
    with Window(browser, site.address, **DESK) as window:
        site.served.token = "another"
        window.page.keyboard.press("x")
        wait(window.page, "#decided", "load it again")
        assert not (site.folder / "deck.choices.yaml").exists()
        assert all(re.search("403", problem) for problem in window.problems)


def test_another_site_cannot_decide(browser: Any, site: Site, tmp_path: Path) -> None:
    script = f"fetch('{site.address}decide', {{method: 'POST', mode: 'no-cors', body: '{{}}'}})"
    with Window(browser, "about:blank", **DESK) as window:
        window.page.evaluate(f"async () => {{ try {{ await {script} }} catch (problem) {{}} }}")
        body = f"<form id=f method=post enctype=text/plain action={site.address}decide><input name='{{}}'></form>"
        window.page.set_content(body)
        with window.page.expect_response("**/decide") as answer:
            window.page.evaluate("document.getElementById('f').submit()")
        assert answer.value.status == 403
    assert not (site.folder / "deck.choices.yaml").exists()
