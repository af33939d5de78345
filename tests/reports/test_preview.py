"""The preview: cards as Anki's engine makes them, formulas, the page and its server."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from engine import Anki, render_all, sides, write_package
from html_balance import unbalanced
from msgspec.structs import replace
from rendering_factories import make_draft, make_note
from test_rendering import CASES, case_note

from deckgen.build.pipeline import open_and_run
from deckgen.build.view import Build
from deckgen.model import RenderedNote
from deckgen.project.project import Request
from deckgen.rendering.note import RenderOptions, render_note
from deckgen.rendering.note_types import BASIC, CLOZE, NoteType, own_note_type
from deckgen.reports.preview.cards import FRONT_SIDE, page_data
from deckgen.reports.preview.mathematics import mathml, with_mathml
from deckgen.reports.preview.page import EDITORS, make_page
from deckgen.reports.preview.reviewer import review
from deckgen.reports.preview.server import CONNECTIONS, LISTENERS, Served, open_server
from deckgen.reports.preview.templates import Sides, render_card

DECKS = Path(__file__).parents[2] / "decks"


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Anki]:
    found = Anki(tmp_path)
    yield found
    found.collection.close()


def our_sides(rendered: RenderedNote, note_type: NoteType, ordinal: int) -> Sides:
    template = note_type.templates[0 if note_type.is_cloze else ordinal]
    draft = rendered.note.draft
    surroundings = {
        "Tags": " ".join(draft.tags),
        "Type": note_type.name,
        "Deck": draft.deck,
        "Subdeck": draft.deck.rpartition("::")[2],
        "Card": f"{template.name} {ordinal + 1}" if note_type.is_cloze else template.name,
        "CardFlag": "flag0",
    }
    fields: dict[str, str] = dict(zip(note_type.field_names, rendered.fields, strict=True))
    return render_card(template, ordinal, fields, surroundings, is_cloze=note_type.is_cloze)


def comparable(side: str) -> str:
    """Hints, which Anki unfolds by a script; sounds, which it takes out and plays; what a deletion hides from scripts."""
    side = re.sub(
        r"\s*<details class=hint><summary>(.*?)</summary>(.*?)</details>\s*", r"HINT \1 \2", side, flags=re.DOTALL
    )
    side = re.sub(
        r"\s*<a class=hint.*?>\s*([^<>]*)</a>\s*<div[^>]*class=hint[^>]*>(.*?)</div>\s*",
        r"HINT \1 \2",
        side,
        flags=re.DOTALL,
    )
    side = re.sub(r"\[sound:.*?\]|\[anki:tts.*?\[/anki:tts\]|\[anki:play:\w:\d+\]", "PLAYED", side, flags=re.DOTALL)
    return re.sub(r' data-cloze="[^"]*"', "", side)


def test_every_case_is_drawn_as_the_engine_draws_it(anki: Anki) -> None:
    (anki.folder / "notes").mkdir()
    (anki.folder / "notes/a.png").write_bytes(b"picture")
    rendered = [note for n, case in enumerate(CASES) if (note := render_note(*case_note(case, n))[0])]
    anki.import_package(write_package(anki.folder / "cases.apkg", rendered))
    types = {BASIC.name: BASIC, CLOZE.name: CLOZE}
    compared = 0
    for note in rendered:
        for card in anki.cards(note.note.guid):
            found = our_sides(note, types[note.model], card.ord)
            assert (comparable(found.question), comparable(found.answer)) == tuple(map(comparable, sides(card)))
            compared += 1
    assert compared > 300


TEMPLATES = [
    ("{{Word}} {{Tags}} {{Deck}} {{Subdeck}} {{Type}} {{Card}}", "{{FrontSide}}<hr id=answer>{{Meaning}}"),
    (
        "{{#Empty}}no{{Word}}{{/Empty}}{{^Empty}}yes {{Word}}{{/Empty}}",
        "{{^Word}}no{{/Word}}{{#Word}}{{^Meaning}}no{{/Meaning}}{{Meaning}}{{/Word}}",
    ),
    ("{{text:Meaning}}", "{{ Meaning }} {{text:Word}}"),
    ("{{hint:Meaning}} {{hint:Empty}}{{Word}}", "{{FrontSide}}"),
    ("{{Word}} {{type:Meaning}}", "{{FrontSide}} {{type:nc:Meaning}}"),
    ("<!-- {{Word}} {{#Gone}} -->{{Word}}", "<!-- {{/Gone}} -->{{FrontSide}}"),
    ("{{furigana:Reading}} {{kanji:Reading}} {{kana:Reading}}", "{{Word}}"),
    ("{{tts en_US:Word}} {{Word}}", "{{FrontSide}} {{tts de_DE voices=A,B speed=0.8:Meaning}}"),
    ("{{#Word}}{{#Meaning}}{{Word}}{{/Meaning}}{{/Word}}", "{{#Empty}}{{#Word}}no{{/Word}}{{/Empty}}end"),
    ("{{Blank}}{{#Blank}}no{{/Blank}}{{Word}}", "}} {single} {{Word}}"),
    ("{{Sound}} {{Word}}", "{{FrontSide}} {{Sound}}"),
]


@pytest.mark.parametrize(("front", "back"), TEMPLATES)
def test_templates_of_ones_own(anki: Anki, front: str, back: str) -> None:
    fields = ["Word", "Meaning", "Empty", "Reading", "Blank", "Sound"]
    own = own_note_type("p", "Own", fields, [("Card 1", front, back)])
    draft = make_draft(
        "Own", Word="a **word** & $x$", Meaning="- 1\n- 2", Reading="日本 漢字", deck="A::B", tags=("x", "y")
    )
    (rendered,) = render_all([make_note(draft)], RenderOptions(note_types={"Own": own}))
    kept = dict(zip(fields, rendered.fields, strict=True))
    kept |= {"Reading": " 日本[にほん] 漢字[かんじ]", "Blank": "<br> <div></div>", "Sound": "[sound:a.mp3]"}
    rendered = replace(rendered, fields=tuple(kept[name] for name in fields))  # type: ignore[arg-type]
    (anki.folder / "a.mp3").write_bytes(b"x")
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered], [own]))
    (card,) = anki.cards(rendered.note.guid)
    found = our_sides(rendered, own, 0)
    assert (comparable(found.question), comparable(found.answer)) == tuple(map(comparable, sides(card)))


@pytest.mark.parametrize(
    "text",
    [
        "{{c1::a}} {{c2::b::hint}} {{c1::c}}",
        "{{c1::a {{c2::b}} c}}",
        "{{c1::a {{c2::b::h}} c::g}}",
        r"\({{c1::x}}\) and \[{{c2::\frac{a}{b} }}\]",
        "{{c1::<b>a</b>}} &lt;{{c2::<img src=a.png>}}",
        "open {{c1::a}} {{c2::b",
        "}} {{c1::a}} }}",
        "{{c12::a}} {{c1::b}}",
        "{{c1::a::b::c}}",
    ],
)
@pytest.mark.parametrize(
    "front", ["{{cloze:Text}}", "{{#c1}}one {{/c1}}{{cloze:Text}}", "{{cloze-only:Text}}|{{cloze:Text}}"]
)
def test_cloze_as_the_engine_reads_it(anki: Anki, text: str, front: str) -> None:
    own = own_note_type("p", "Own", ["Text"], [("Cloze", front, front + "{{type:cloze:Text}}")], is_cloze=True)
    (rendered,) = render_all([make_note(make_draft("Own", Text="⟦a⟧ ⟦b⟧"))], RenderOptions(note_types={"Own": own}))
    numbers = sorted({int(n) for n in re.findall(r"\{\{c(\d+)::", text)} - ({2} if text.endswith("b") else set()))
    rendered = replace(rendered, fields=(text,), cards=tuple(n - 1 for n in numbers))  # type: ignore[arg-type]
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered], [own]))
    for card in anki.cards(rendered.note.guid):
        found = our_sides(rendered, own, card.ord)
        assert (comparable(found.question), comparable(found.answer)) == tuple(map(comparable, sides(card)))


# --- the reviewer -----------------------------------------------------------------------------------------------------


def test_sounds_films_and_speech_stand_where_they_play() -> None:
    made = review(
        "[sound:a.mp3] [sound:b.mp4] [anki:tts lang=en_US voices=A]<b>x</b> & y[/anki:tts]", "question", {}, 0
    )
    assert '<audio controls preload="none" src="a.mp3"></audio>' in made
    assert '<video controls preload="none" src="b.mp4"></video>' in made
    assert '<span class="tts" title="x &amp; y">🔊 en_US</span>' in made


def test_what_is_typed() -> None:
    fields = {"Back": "<b>a</b> &amp; b", "Text": "{{c1::x}} {{c2::y}} {{c1::z}}"}
    assert 'type="text"' in review("[[type:Back]]", "question", fields, 0)
    assert '<code id="typeans">a &amp; b</code>' in review("[[type:nc:Back]]", "answer", fields, 0)
    assert '<code id="typeans">x, z</code>' in review("[[type:cloze:Text]]", "answer", fields, 0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\(x\)", "<math><mi>x</mi></math>"),
        (r"a \(x &lt; 1\) b", "<mo>&lt;</mo>"),
        (r"\[x\]", '<div class="formula"><math display="block"><mi>x</mi></math></div>'),
        (r"\(x \tag{3}\)", "<mtext>(3)</mtext>"),
        (r"\(\nosuchcommand{x}\)", r'<code class="tex">\nosuchcommand{x}</code>'),
        (r"\(\text{<b>x</b>}\)", r"\(\text{<b>x</b>}\)"),
        (r"<code>\(x\)</code>", r"<code>\(x\)</code>"),
        (r'<a title="\(x\)">y</a>', r'<a title="\(x\)">y</a>'),
        ("no math", "no math"),
    ],
)
def test_formulas(text: str, shown: str) -> None:
    made = with_mathml(text)
    assert shown in made
    assert unbalanced(made) == []


@pytest.mark.parametrize(
    "tex",
    ["{" * 3000, r"\sqrt{" * 900 + "}" * 900, "(" * 60, r"\{(" * 40, "{(}" * 40 + ")" * 40, r"\left(" * 300, "x" * 5000,
     r"\def\a{((((}\a\a\a\a\a\a\a\a", r"\newcommand{\a}{\a\a}\a", r"\begin{matrix}" * 200, r"\langle " * 50],
)  # fmt: skip
def test_a_formula_that_is_too_much_stays_as_it_is(tex: str) -> None:
    """The library would end the process, or never end."""
    assert mathml(tex).startswith('<code class="tex">')


@pytest.mark.parametrize(
    "tex", [r"[0,1) \cup [2,3)" * 30, r"\lambda\ln\left(x\right)\leq\rho" * 40, "((((x))))", r"\{a\}" * 20]
)
def test_brackets_in_plenty_are_no_hindrance(tex: str) -> None:
    assert mathml(tex).startswith("<math>")


# --- the data and the page --------------------------------------------------------------------------------------------


def built(folder: Path) -> Build:
    build, diagnostics = open_and_run(Request((folder,)), 1_760_000_000)
    assert build is not None, diagnostics
    return build


NOTES = {
    "a.md": "# Mail\n\nSMTP stands for Simple Mail Transfer Protocol.\n\nIMAP stands for Internet Message Access Protocol.\n",
    "b.md": "# Web\n\nHTML stands for HyperText Markup Language. ![](gone.png)\n",
}


def test_data_of_a_page(tmp_path: Path) -> None:
    data = page_data(built(write_files(tmp_path, NOTES)))
    assert [card["title"] for card in data["cards"]] == [
        "What does SMTP stand for?", "What does IMAP stand for?", "What does HTML stand for?",
    ]  # fmt: skip
    card, note = data["cards"][0], data["notes"][0]
    assert "What does SMTP stand for?" in card["question"]
    assert card["answer"].startswith(FRONT_SIDE)
    assert "Simple Mail Transfer Protocol" in card["answer"]
    assert (note["path"], note["line"], note["change"], note["found"]) == ("a.md", 3, "new", [])
    assert data["root"] == tmp_path.resolve().as_posix()
    assert set(data["css"]) == {BASIC.name}


def test_findings_stand_at_their_cards(tmp_path: Path) -> None:
    rule = "rules:\n- {id: r, on: list_item, match: '{a:rest} = {b:rest}', fields: {Front: '{a}', Back: '{b}'}}\n"
    files = {
        "a.md": "- one = two\n- one = three\n- four = <script>x</script>5\n",
        "deck.yaml": "rules: [./r.yaml]\n",
        "r.yaml": rule,
    }
    data = page_data(built(write_files(tmp_path, files)))
    found = {card["said"]: {f["kind"] for f in data["notes"][card["note"]]["found"]} for card in data["cards"]}
    assert "two-answers" in found["two"] | found["three"]
    assert any("sanitised-html" in kinds for kinds in found.values())
    assert data["notices"] == []


def test_a_page_is_the_same_every_time(tmp_path: Path) -> None:
    write_files(tmp_path, NOTES)
    pages = []
    for _ in range(2):
        assert deckgen("preview", tmp_path, "--html", tmp_path / "p.html").code == 0
        pages.append((tmp_path / "p.html").read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("deck", ["dlss", "go-tournaments", "multi-task-learning"])
def test_every_card_of_the_demo_decks_is_well_formed(deck: str) -> None:
    data = page_data(built(DECKS / deck))
    assert len(data["cards"]) > 100
    for card in data["cards"]:
        assert unbalanced(card["question"]) == []
        assert unbalanced(card["answer"].replace(FRONT_SIDE, card["question"])) == []
        assert "{{" not in card["question"]


def test_data_cannot_end_its_script(tmp_path: Path) -> None:
    data = page_data(built(write_files(tmp_path, {"a.md": "# A\n\nXML stands for </script><!--<script> Markup.\n"})))
    page = make_page(data | {"editor": "", "media": {}})
    assert page.count("</script>") == 3
    assert page.count("<!--") == 0


@pytest.mark.parametrize(
    "editor", ["javascript:alert('{path}')", "data:text/html,{path}", "no-such", "https://example.org/"]
)
def test_an_editor_that_is_none(tmp_path: Path, editor: str) -> None:
    ended = deckgen("preview", write_files(tmp_path, NOTES), "--html", tmp_path / "p.html", "--editor", editor)
    assert ended.code == 2
    assert not (tmp_path / "p.html").exists()


def test_without_an_editor_the_page_does_not_say_where_the_notes_are(tmp_path: Path) -> None:
    write_files(tmp_path / "private", NOTES)
    for editor, is_named in (("vscode", True), ("none", False)):
        assert deckgen("preview", tmp_path / "private", "--html", tmp_path / "p.html", "--editor", editor).code == 0
        assert (tmp_path.resolve().as_posix() in (tmp_path / "p.html").read_text()) == is_named


def test_a_page_never_takes_the_place_of_a_note(tmp_path: Path) -> None:
    ended = deckgen("preview", write_files(tmp_path, NOTES), "--html", tmp_path / "a.md")
    assert ended.code == 2
    assert (tmp_path / "a.md").read_text() == NOTES["a.md"]


def test_an_error_in_the_notes_is_told(tmp_path: Path) -> None:
    ended = deckgen(
        "preview", write_files(tmp_path, {"a.md": "x", "deck.yaml": "dekc: x\n"}), "--html", tmp_path / "p.html"
    )
    assert (ended.code, ended.kinds) == (2, ["unknown-key"])


# --- the server -------------------------------------------------------------------------------------------------------


class Client:
    """Requests to a server of its own, which serves a folder of notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.served = Served(EDITORS["file"])
        self.served.take(built(folder), [])
        self.server = open_server(self.served, 0)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path: str, host: str = "", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers={"Host": host or f"127.0.0.1:{self.port}"})
        answer = connection.getresponse()
        result = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return result

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    picture = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="3"/></svg>'
    files = NOTES | {
        "img.md": "# Circle\n\nA circle stands for ![](c.svg) itself.\n",
        "c.svg": picture,
        "secret.png": "secret",
    }
    rule = "rules:\n- {id: r, on: section, fields: {Front: '{title}', Back: '{body}'}}\n"
    found = Client(write_files(tmp_path, files | {"deck.yaml": "rules: [./r.yaml]\n", "r.yaml": rule}))
    yield found
    found.close()


def test_what_is_served(client: Client) -> None:
    status, headers, page = client.get("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert b"data-live" in page
    status, _, cards = client.get("/cards.json")
    data = json.loads(cards)
    (name,) = data["media"]
    status, headers, picture = client.get(f"/media/{name}")
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert b"circle" in picture
    assert b"alert" not in picture
    assert client.get("/", method="HEAD")[2] == b""


@pytest.mark.parametrize(
    "path",
    ["/secret.png", "/media/secret.png", "/media/../secret.png", "/media/%2e%2e/secret.png", "/deck.yaml", "/media/"],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
def test_a_foreign_name_is_refused(client: Client, host: str) -> None:
    """A site whose name leads to this machine must not read the notes."""
    assert client.get("/cards.json", host=host)[0] == 421


@pytest.mark.parametrize(("method", "status"), [("POST", 404), ("PUT", 501), ("DELETE", 501), ("OPTIONS", 501)])
def test_nothing_else_can_be_changed(client: Client, method: str, status: int) -> None:
    assert client.get("/", method=method)[0] == status


def test_news_come_to_whoever_listens(client: Client) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"
    assert answer.readline() == b": here\n"
    (client.folder / "a.md").write_text("# Mail\n\nPOP stands for Post Office Protocol.\n")
    client.served.take(built(client.folder), [])
    lines = iter(answer.readline, b"")
    assert next(line for line in lines if line.startswith(b"event")) == b"event: cards\n"
    (client.folder / "deck.yaml").write_text("dekc: x")
    client.served.take(*open_and_run(Request((client.folder,)), 1_760_000_000))
    assert next(line for line in lines if line.startswith(b"event")) == b"event: broken\n"
    assert b"unknown-key" in next(lines)
    assert "POP" in json.loads(client.get("/cards.json")[2])["cards"][0]["answer"]
    connection.close()


@pytest.mark.parametrize("path", ["/", "/cards.json", "/nothing"])
def test_no_other_page_can_frame_it(client: Client, path: str) -> None:
    headers = client.get(path)[1]
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert headers["X-Frame-Options"] == "DENY"


def test_so_many_may_listen(client: Client) -> None:
    """A page of another site can open streams, though it cannot read them."""
    open_ones = []
    for _ in range(LISTENERS):
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
        connection.request("GET", "/events")
        assert connection.getresponse().readline() == b": here\n"
        open_ones.append(connection)
    assert client.get("/events")[0] == 503
    assert client.get("/")[0] == 200
    assert client.get("/events", method="HEAD")[0] == 404
    for connection in open_ones:
        connection.close()


@pytest.mark.slow
def test_so_many_may_connect(client: Client) -> None:
    before = threading.active_count()
    some = [socket.create_connection(("127.0.0.1", client.port), timeout=30) for _ in range(CONNECTIONS + 8)]
    assert [connection.recv(1) for connection in some[CONNECTIONS:]] == [b""] * 8  # closed at once
    assert threading.active_count() <= before + CONNECTIONS
    for connection in some:
        connection.close()
    deadline = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert client.get("/")[0] == 200


def test_a_port_that_is_taken_is_no_hindrance(client: Client) -> None:
    another = open_server(client.served, client.port)
    assert another.server_port not in (0, client.port)
    another.server_close()


def test_changes_of_sources_are_seen_and_those_of_builds_are_not(tmp_path: Path) -> None:
    from deckgen.reports.preview.server import changes

    write_files(tmp_path, NOTES)
    seen: list[float] = []

    def look() -> None:
        for _ in changes(tmp_path):
            seen.append(time.monotonic())
            if len(seen) == 2:
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    time.sleep(0.6)
    for name in ("deck.lock", "notes.apkg", ".a.md.swp"):
        (tmp_path / name).write_text("x")
    time.sleep(1.2)
    assert seen == []
    for wait in (1.5, 0.0):
        (tmp_path / "a.md").write_text(f"changed {wait}")
        time.sleep(wait)
    watcher.join(10)
    assert len(seen) == 2


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    write_files(tmp_path, NOTES)
    command = [sys.executable, "-m", "deckgen", "preview", str(tmp_path), "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(DECKS.parent)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        try:
            assert running.stdout is not None
            address = re.match(r"cards at http://127\.0\.0\.1:(\d+)/", running.stdout.readline())
            assert address is not None
            port = int(address[1])

            def titles() -> list[str]:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/cards.json")
                return [card["title"] for card in json.loads(connection.getresponse().read())["cards"]]

            assert len(titles()) == 3
            time.sleep(1)
            (tmp_path / "c.md").write_text("# More\n\nPOP stands for Post Office Protocol.\n")
            until = time.monotonic() + 20
            while len(titles()) < 4 and time.monotonic() < until:
                time.sleep(0.2)
            assert "What does POP stand for?" in titles()
        finally:
            running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=20)
    assert running.returncode == 0
    assert "Traceback" not in told
    assert not (tmp_path / "deck.lock").exists()
