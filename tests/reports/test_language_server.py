"""`deckgen lsp`, driven by an editor: notes as they are typed, rule files, and what must not happen."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the language server needs pygls (`pip install '.[lsp]'`)")

from command_line import deckgen, write_files
from editor_client import ROOT, Editor, drive, shown
from lsprotocol import types as lsp
from pygls.uris import to_fs_path

NOTE = """\
# Cells

Osmosis is the flow of a solvent through a membrane.

## Energy

ATP stands for adenosine triphosphate. It was a warm day for everybody.

- **Nucleus**: where chromosomes are
"""
RULE = """\
types:
  unit:
    like: word
    length: 1..12
rules:
  - id: costs
    on: sentence
    match: '{thing} costs {price:number} {coin:unit}$'
    fields: {Front: 'What does {thing} cost?', Back: '{price} {coin}'}
    key: [thing]
    when:
      length: {thing: 2..30}
    examples:
      - text: "A coffee costs 3 euros."
        notes: [{Front: "What does A coffee cost?", Back: "3 euros"}]
      - text: "A tea costs 2 euros."
        notes: [{Front: "What does A tea cost?", Back: "5 euros"}]
"""
CONFIG = "deck: D\nid: d\nrules: [./rules/facts.yaml, ./rules/mine.yaml]\n"
FACTS = """\
pack: facts
rules:
  - id: kind
    on: sentence
    match: '{X} is {Y}$'
    unless: {find: warm}
    fields: {Front: 'What is {X}?', Back: '{Y}'}
  - id: stands-for
    on: sentence
    match: '{X} stands for {Y}$'
    fields: {Front: 'What does {X} stand for?', Back: '{Y}'}
  - id: label
    on: list_item
    match: '{term:bold}: {body}$'
    fields: {Front: '{term}', Back: '{body}'}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a note, another one, and a rule of its own; built."""
    folder = tmp_path / "笔记"
    files = {"deck.yaml": CONFIG, "a.md": NOTE, "0.md": "# Tea\n\nDNA stands for deoxyribonucleic acid.\n"}
    write_files(folder, {**files, "rules/mine.yaml": RULE, "rules/facts.yaml": FACTS})
    assert deckgen("build", cwd=folder).code == 0
    return folder


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_notes_are_explained_where_they_stand(project: Path) -> None:
    note = project / "a.md"
    before = snapshot(project)

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        titles = [(lens.range.start.line, lens.command and lens.command.title) for lens in await editor.lenses(note)]
        assert titles == [(0, "3 cards"), (4, "2 cards")]
        osmosis = await editor.hover(note, "Osmosis")
        assert "**What is Osmosis?**" in osmosis
        assert "→ the flow of a solvent through a membrane" in osmosis
        assert "in the lock, unchanged · D · `facts/kind`" in osmosis
        assert "confidence: likely" in osmosis
        assert "adenosine triphosphate" in await editor.hover(note, "ATP")
        nothing = await editor.hover(note, "warm day")
        assert nothing.startswith("no card: ")
        assert "\n\n" not in nothing
        (cells,) = await editor.symbols(note)
        assert cells.name == "Cells"
        assert [one.name for one in cells.children or []] == ["What is Osmosis?", "Energy"]
        place = lsp.DefinitionParams(lsp.TextDocumentIdentifier(note.as_uri()), editor.place(note, "ATP"))
        (rule,) = await editor.client.text_document_definition_async(place)
        pack = Path(to_fs_path(rule.uri) or "")
        assert pack.name == "facts.yaml"
        assert "- id: " in pack.read_text("utf-8").split("\n")[rule.range.start.line]

    drive(project, scenario)
    assert snapshot(project) == before


def test_unsaved_text_counts(project: Path) -> None:
    note = project / "a.md"

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        text = NOTE.replace("a solvent", "water 🙂") + "\nRNA stands for ribonucleic acid.\n"
        await editor.change(note, text)
        assert "updated" in await editor.hover(note, "Osmosis")
        rna = await editor.hover(note, "ribonucleic")
        assert "new · D" in rna
        status = await editor.settle(note)
        assert (status["new"], status["notes"]) == (1, 5)
        found = await editor.change(note, text + "\nRNA stands for a rather nice apple.\n")
        assert any(one.code == "two-answers" for one in found)
        assert (await editor.change(note, NOTE)) == []
        await editor.change(note, NOTE.replace("**Nucleus**: where chromosomes are", ""))
        assert [lens.command and lens.command.title for lens in await editor.lenses(note)] == ["2 cards", "1 card"]
        for heading in ("# Cells", "## Energy"):
            assert "retired: **Nucleus** → where chromosomes are" in await editor.hover(note, heading, 3)

    drive(project, scenario)


def test_columns_count_as_the_editor_counts(project: Path) -> None:
    note = project / "a.md"

    async def scenario(editor: Editor) -> None:
        text = "A 🙂🙂 is a face 🙂. Osmosis is a flow 🙂 of water. A 🙂 fish is a fish.\n"
        await editor.open(note, text)
        assert "What is Osmosis?" in await editor.hover(note, "Osmosis")
        assert "What is Osmosis?" in await editor.hover(note, "water")
        assert "is a face" not in await editor.hover(note, "flow")
        assert "→ a fish" in await editor.hover(note, "fish is")

    drive(project, scenario)


PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


def test_the_cards_around_the_cursor_are_a_page_without_scripts(project: Path) -> None:
    note = project / "a.md"
    write_files(project, {"cell.svg": PICTURE})

    async def scenario(editor: Editor) -> None:
        text = NOTE + '- **Cell**: ![](cell.svg) <script>alert(1)</script> a "small" room\n'
        await editor.open(note, text)
        line = text[: text.index("**Cell**")].count("\n") + 1
        found = await editor.ask("deckgen/cards", {"uri": note.as_uri(), "line": line})
        page = found["html"]
        assert found["cards"] == 3
        assert page.index("Cell") < page.index("adenosine")
        assert "data:image/svg+xml;base64," in page
        assert "<script" not in page
        assert page.count('sandbox=""') == 3
        assert "default-src &#x27;none&#x27;" in page
        nothing = await editor.ask("deckgen/cards", {"uri": note.as_uri(), "line": 10**9})
        assert nothing["first"] <= len(text.split("\n"))
        assert await editor.ask("deckgen/cards", {"uri": "file:///none.md", "line": 1}) is None

    drive(project, scenario)


def test_projects_come_and_go(tmp_path: Path) -> None:
    """One server for all that an editor opens; what was typed and not saved is gone with the note."""
    notes = []
    for number in range(5):
        files = {"deck.yaml": f"deck: D{number}\nid: d{number}\nrules: [./rules/facts.yaml]\n", "a.md": NOTE}
        write_files(tmp_path / f"p{number}", {**files, "rules/facts.yaml": FACTS, "b.md": "# B\n"})
        notes.append(tmp_path / f"p{number}" / "a.md")

    async def scenario(editor: Editor) -> None:
        for number, note in enumerate(notes):
            await editor.open(note, NOTE + "\nRNA stands for ribonucleic acid.\n")
            assert f"· D{number} ·" in await editor.hover(note, "ribonucleic")
            editor.close(note)
        await editor.open(notes[0])
        assert [lens.command and lens.command.title for lens in await editor.lenses(notes[0])] == ["3 cards", "2 cards"]
        await editor.open(notes[0].with_name("b.md"))
        assert (await editor.settle(notes[0]))["notes"] == 3
        editor.close(notes[0])
        editor.close(notes[0])
        notes[0].unlink()
        await editor.open(notes[1])
        assert "· D1 ·" in await editor.hover(notes[1], "Osmosis")

    drive(tmp_path, scenario)


def test_mistakes_in_files_that_are_not_open(project: Path) -> None:
    note, rules = project / "a.md", project / "rules/mine.yaml"
    rules.write_text(RULE.replace("on: sentence", "on: sentense"), "utf-8")

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        await editor.settle(note)
        assert [one.code for one in editor.published[rules.as_uri()].diagnostics] == ["unknown-element"]
        rules.write_text(RULE, "utf-8")
        changed = lsp.DidChangeWatchedFilesParams([lsp.FileEvent(rules.as_uri(), lsp.FileChangeType.Changed)])
        editor.client.workspace_did_change_watched_files(changed)
        await editor.settle(note)
        assert not editor.published[rules.as_uri()].diagnostics
        assert "What is Osmosis?" in await editor.hover(note, "Osmosis")

    drive(project, scenario)


def test_what_is_found_between_notes(project: Path) -> None:
    note = project / "a.md"

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        await editor.settle(note)
        found = await editor.change(note, NOTE + "\nDNA stands for a database of names.\n")
        (finding,) = [one for one in found if one.code == "front-taken" or one.code == "two-answers"]
        assert finding.source == "deckgen"
        asked = deckgen("lint", "--json", cwd=project)
        assert json.loads(asked.out) == []
        note.write_text(editor.texts[note.as_uri()], "utf-8")
        asked = deckgen("lint", "--json", cwd=project)
        assert [one["kind"] for one in json.loads(asked.out) if one["path"] == "a.md"] == [finding.code]

    drive(project, scenario)


def test_decisions_go_into_the_choices_file(project: Path) -> None:
    note, choices = project / "a.md", project / "deck.choices.yaml"

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        actions = await editor.actions(note, "Osmosis")
        command, arguments = actions["Skip “What is Osmosis?”"]
        assert not choices.exists()
        assert await editor.execute(command, arguments) is True
        assert "skip: true" in choices.read_text("utf-8")
        await editor.settle(note)
        assert "skipped: you decided so" in await editor.hover(note, "Osmosis")
        command, arguments = next(
            one for title, one in (await editor.actions(note, "Osmosis")).items() if title.startswith("Take back")
        )
        assert await editor.execute(command, arguments) is True
        assert "skip: true" not in choices.read_text("utf-8")
        await editor.settle(note)
        _, (uri, guid) = (await editor.actions(note, "ATP"))["Edit the wording of “What does ATP stand for?”"]
        fields = await editor.execute("deckgen.fields", [uri, guid])
        assert fields["Back"] == "adenosine triphosphate"
        assert await editor.execute("deckgen.word", [uri, guid, {**fields, "Back": "the *coin* of cells"}]) is True
        await editor.settle(note)
        hover = await editor.hover(note, "ATP")
        assert "→ the coin of cells" in hover
        assert "in your own words: Back" in hover
        assert await editor.execute("deckgen.editWording", [uri, guid]) is True
        assert editor.shown[-1].uri == choices.as_uri()
        assert guid in choices.read_text("utf-8").split("\n")[editor.shown[-1].selection.start.line]
        assert await editor.execute("deckgen.skip", [uri, "nosuchnotenosuch"]) is None
        assert editor.said[-1].startswith("this is not there any more")

    drive(project, scenario)


def test_findings_have_their_fixes(project: Path) -> None:
    note, config = project / "a.md", project / "deck.yaml"
    (project / ".obsidian").mkdir()

    async def scenario(editor: Editor) -> None:
        await editor.open(note, NOTE + "\nIt is the moon.\n")
        actions = await editor.actions(note, "It is the moon")
        assert "Skip “What is It?” (no-subject)" in actions
        assert "Edit the wording of “What is It?” (no-subject)" in actions
        _, (edit,) = actions["Never report no-subject in this project"]
        (change,) = edit.changes[config.resolve().as_uri()]
        assert change.new_text == "lint:\n  no-subject: off\n"
        await editor.open(config, CONFIG + change.new_text)
        await editor.settle(note)
        assert await editor.diagnostics(note) == []
        found = await editor.diagnostics(config)
        assert [one.code for one in found] == ["dialect-unsaid"]
        _, (edit,) = (await editor.actions(config, "deck: D"))["Write `dialect: obsidian`"]
        await editor.change(config, editor.texts[config.as_uri()] + edit.changes[config.as_uri()][0].new_text)
        await editor.settle(note)
        assert await editor.diagnostics(config) == []

    drive(project, scenario)


def test_a_rule_from_a_sentence(project: Path) -> None:
    note = project / "a.md"
    text = NOTE + "\nThe blue whale weighs about 150 tonnes when grown.\n"
    note.write_text(text, "utf-8")

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        actions = await editor.actions(note, "warm day")
        title, (command, arguments) = next(one for one in actions.items() if one[0].startswith("New rule from"))
        assert title == "New rule from “It was a warm day for everybody.”"
        assert arguments[1] == "It was a warm day for everybody."
        sentence = "The blue whale weighs about 150 tonnes when grown."
        made = await editor.execute(command, [arguments[0], sentence, "How heavy is the blue whale?", "150 tonnes"])
        assert made is True
        rules = (project / "rules/mine.yaml").read_text("utf-8")
        assert rules.startswith(RULE)
        assert "How heavy is {subject}?" in rules
        assert await editor.execute(command, arguments) is True
        assert "It was a warm day" in str(editor.applied[-1])
        assert await editor.execute(command, [*arguments, "Who?", "nobody"]) is False
        await editor.settle(note)
        assert "How heavy is the blue whale?" in await editor.hover(note, "blue whale")

    drive(project, scenario)


def test_rule_files_are_checked_while_they_are_typed(project: Path) -> None:
    rules = project / "rules/mine.yaml"

    async def scenario(editor: Editor) -> None:
        assert await editor.open(rules) == []
        found = await editor.change(rules, RULE.replace("on: sentence", "on: sentense"))
        (finding,) = found
        assert finding.code == "unknown-element"
        rules.write_text(editor.texts[rules.as_uri()], "utf-8")
        said = deckgen("rules", "test", "rules/mine.yaml", cwd=project).err
        assert finding.message.split("\n")[0] in said
        actions = await editor.actions(rules, "sentense")
        command, (edit,) = actions["Write `sentence`"]
        assert command == "edit"
        assert [one.new_text for one in edit.changes[rules.as_uri()]] == ["sentence"]
        assert await editor.change(rules, RULE) == []
        broken = await editor.change(rules, RULE + "   x: [\n")
        assert [one.code for one in broken] == ["bad-yaml"]

    drive(project, scenario)


def test_words_of_rule_files(project: Path) -> None:
    rules, config = project / "rules/mine.yaml", project / "deck.yaml"

    async def scenario(editor: Editor) -> None:
        await editor.open(rules)
        await editor.change(rules, RULE.replace("    on: sentence\n", "    on: sen\n    un\n"))
        elements = await editor.completion(rules, "    on: sen")
        assert "offers `text`" in elements["sentence"].documentation.value
        keys = await editor.completion(rules, "    un")
        assert keys["unless"].documentation.value == "what must not hold"
        assert keys["unless"].text_edit.new_text == "unless: "
        types = await editor.completion(rules, "{price:")
        assert {"number", "unit", "name"} <= set(types)
        await editor.change(rules, RULE)
        captures = await editor.completion(rules, "Front: 'What does {")
        assert captures["price"].documentation.value == "a capture of the type `number`"
        assert "headings" in captures
        assert "`unit`: a type of this file" in await editor.hover(rules, "unit}$")
        assert "a capture of the type `number`" in await editor.hover(rules, "price} {coin}'")
        assert "`when`: what must hold beside the pattern" in await editor.hover(rules, "when:")
        await editor.open(config, CONFIG.replace("./rules/facts.yaml", "en/fa") + "confi\nhtml: \n")
        packs = await editor.completion(config, "en/fa")
        assert packs["en/facts"].kind == lsp.CompletionItemKind.Module
        assert "./rules/mine.yaml" in packs
        assert "confidence" in await editor.completion(config, "confi")
        assert {"sanitize", "escape", "trust"} <= set(await editor.completion(config, "html: "))
        await editor.change(config, CONFIG.replace("./rules/facts.yaml", "en/fax"))
        await editor.settle(config)
        assert [one.code for one in await editor.diagnostics(config)] == ["unknown-pack"]

    drive(project, scenario)


def test_examples_run_in_their_lens(project: Path) -> None:
    rules = project / "rules/mine.yaml"

    async def scenario(editor: Editor) -> None:
        await editor.open(rules)
        (lens,) = await editor.lenses(rules)
        assert RULE.split("\n")[lens.range.start.line] == "  - id: costs"
        lens = await editor.client.code_lens_resolve_async(lens)
        assert lens.command.title.startswith("✗ 1 of 2 examples: expected")
        assert "5 euros" in await editor.execute(lens.command.command, lens.command.arguments)
        await editor.change(rules, RULE.replace("5 euros", "2 euros"))
        (lens,) = await editor.lenses(rules)
        assert (await editor.client.code_lens_resolve_async(lens)).command.title == "✓ 2 examples"

    drive(project, scenario)


def test_a_capture_is_renamed_everywhere_in_its_rule(project: Path) -> None:
    rules = project / "rules/mine.yaml"

    async def scenario(editor: Editor) -> None:
        await editor.open(rules)
        at, identifier = editor.place(rules, "thing} costs"), lsp.TextDocumentIdentifier(rules.as_uri())
        ready = await editor.client.text_document_prepare_rename_async(lsp.PrepareRenameParams(identifier, at))
        assert ready is not None
        edit = await editor.client.text_document_rename_async(lsp.RenameParams(identifier, at, "goods"))
        lines = RULE.split("\n")
        for one in sorted(edit.changes[rules.as_uri()], key=lambda one: one.range.start.character, reverse=True):
            line, begin, end = one.range.start.line, one.range.start.character, one.range.end.character
            lines[line] = lines[line][:begin] + one.new_text + lines[line][end:]
        after = "\n".join(lines)
        assert after.count("goods") == 4
        assert "thing" not in after
        assert await editor.change(rules, after) == []
        assert await editor.client.text_document_rename_async(lsp.RenameParams(identifier, at, "not a name")) is None
        assert "is no name" in editor.said[-1]

    drive(project, scenario)


def edited(text: str, chance: random.Random) -> str:
    """A text after one edit as somebody makes it, or an accident."""
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    kind = chance.randrange(9)
    if kind == 0:
        lines.insert(place, chance.choice(["", "# New", "## Part", "```", "- **Mole**: a small animal", "> quoted"]))
    elif kind == 1 and len(lines) > 5:
        del lines[place]
    elif kind == 2:
        lines.insert(place, lines[chance.randrange(len(lines))])
    elif kind == 3:
        lines[place] = chance.choice(
            ["RNA stands for ribonucleic acid.", "病毒是一种微小的病原体。", "| a | b |", "---"]
        )
    elif kind == 4 and len(lines) > 5:
        other = chance.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    elif lines[place]:
        at = chance.randrange(len(lines[place]))
        end = min(len(lines[place]), at + chance.randrange(3))
        typed = chance.choice(["a", " ", ".", "是", "**", "🙂", "_", "is the", "`"])
        lines[place] = lines[place][:at] + typed + lines[place][end:]
    return "\n".join(lines)


async def _all_of(editor: Editor, note: Path) -> dict[str, Any]:
    await editor.settle(note)
    lenses = [(one.range.start.line, one.command and one.command.title) for one in await editor.lenses(note)]
    return {
        "diagnostics": shown(await editor.diagnostics(note)),
        "lenses": lenses,
        "symbols": repr(await editor.symbols(note)),
    }


def test_after_many_edits_all_is_as_in_a_fresh_server(project: Path) -> None:
    """`DECKGEN_EDITS` says how many; some come so fast that nobody looks between them."""
    edits = int(os.environ.get("DECKGEN_EDITS", "60"))
    chance = random.Random(20)
    note, rules = project / "long.md", project / "rules/mine.yaml"
    parts = [NOTE.replace("Osmosis", f"Osmosis {n}").replace("ATP", f"ATP{n}") for n in range(20)]
    note.write_text("".join(parts), "utf-8")
    found: list[dict[str, Any]] = []
    memory: list[int] = []

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        await editor.open(rules)
        for number in range(edits):
            text = edited(editor.texts[note.as_uri()], chance)
            if chance.random() < 0.4:
                editor.send(note, text)
            else:
                await editor.change(note, text)
            if chance.random() < 0.1:
                await editor.hover(note, text.split("\n")[0] or "\n")
                await editor.lenses(note)
            if chance.random() < 0.03:
                await editor.change(rules, RULE if chance.random() < 0.5 else edited(RULE, chance))
            if number in (edits // 2, edits - 1):
                memory.append(_memory_of(editor))
        await editor.change(rules, RULE)
        found.append(await _all_of(editor, note))
        found.append({"text": editor.texts[note.as_uri()]})

    drive(project, scenario)
    text = found[1]["text"]

    async def fresh(editor: Editor) -> None:
        await editor.open(note, text)
        found.append(await _all_of(editor, note))

    drive(project, fresh)
    assert found[0] == found[2]
    assert memory[1] < memory[0] * 1.25 + 20_000, "KiB, in the middle and at the end"
    note.write_text(text, "utf-8")
    said = json.loads(deckgen("lint", "--json", cwd=project).out)
    lint = sorted((one["line"], one["kind"]) for one in said if one["path"] == "long.md")
    ours = sorted({(line, kind) for line, kind, _ in found[0]["diagnostics"]})
    assert set(lint) <= set(ours)


def _memory_of(editor: Editor) -> int:
    """KiB that the server has."""
    server = editor.client._server
    assert server is not None
    status = Path(f"/proc/{server.pid}/status")
    if not status.exists():
        return 0
    return int(next(line for line in status.read_text().splitlines() if line.startswith("VmRSS")).split()[1])


def test_a_cancelled_request_is_not_carried_out(project: Path) -> None:
    note = project / "a.md"

    async def scenario(editor: Editor) -> None:
        await editor.open(note)
        place = lsp.HoverParams(lsp.TextDocumentIdentifier(note.as_uri()), editor.place(note, "warm day"))
        asked = [editor.client.protocol.send_request("textDocument/hover", place, msg_id=f"h{n}") for n in range(40)]
        for number in range(1, 40):
            editor.client.cancel_request(lsp.CancelParams(f"h{number}"))
        import asyncio

        answers = await asyncio.gather(*map(asyncio.wrap_future, asked), return_exceptions=True)
        refused = [one for one in answers if isinstance(one, Exception)]
        assert refused
        assert all("canceled" in str(one) for one in refused)
        assert await editor.hover(note, "ATP")

    drive(project, scenario)


BOMB = "".join("- " * 60 + "x\n" for _ in range(5)) + "[" * 5000 + "\n" + "*a" * 3000 + "\n"


def test_nothing_of_the_folder_is_run_or_believed(project: Path, tmp_path: Path) -> None:
    """A folder that a stranger made: modules, settings, links out of it, texts that are no texts."""
    ran, outside = tmp_path / "ran", tmp_path / "outside.md"
    outside.write_text("# Secret\n\nXYZ stands for nobody knows.\n", "utf-8")
    module = f"open({str(ran)!r}, 'w').write('x')\nraise SystemExit\n"
    names = ("pygls", "lsprotocol", "deckgen", "sitecustomize", "yaml", "json")
    write_files(project, {f"{name}.py": module for name in names})
    settings = json.dumps({"deckgen.server.command": f"touch {ran}", "deckgen.path": f"touch {ran}"})
    script = f"#!/bin/sh\ntouch {ran}\n"
    write_files(project, {".vscode/settings.json": settings, "deckgen": script, "node_modules/.bin/deckgen": script})
    (project / "deckgen").chmod(0o755)
    (project / "link.md").symlink_to(outside)
    write_files(project, {"bomb.md": BOMB, "rules/bomb.yaml": "rules: &a [*a, *a]\n"})
    before = snapshot(project)

    async def scenario(editor: Editor) -> None:
        await editor.open(project / "a.md")
        await editor.open(project / "bomb.md")
        await editor.change(project / "bomb.md", BOMB + "\0\ud83d" + "\u2028x\x0cy\n")
        await editor.open(project / "rules/bomb.yaml")
        await editor.open(outside)
        assert "What does XYZ stand for?" in await editor.hover(outside, "XYZ")
        editor.client.workspace_did_change_configuration(
            lsp.DidChangeConfigurationParams({"deckgen": {"server": {"command": f"touch {ran}"}}})
        )
        assert "**What is Osmosis?**" in await editor.hover(project / "a.md", "Osmosis")
        assert await editor.execute("deckgen.word", [(project / "a.md").as_uri(), "x", "no fields"]) is False

    drive(project, scenario, PATH=f"{project}:{os.environ['PATH']}")
    assert not ran.exists()
    assert snapshot(project) == before


def test_without_the_library_it_says_how_to_install_it(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    write_files(blocked, {"sitecustomize.py": "import sys\nsys.modules['pygls'] = None\n"})
    program = "import sys, importlib.util as u\nf = u.find_spec\n"
    program += "u.find_spec = lambda name, *a: None if name == 'pygls' else f(name, *a)\n"
    program += "import deckgen.cli as c\nsys.argv = ['deckgen', 'lsp']\nc.main()\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install '.[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr
