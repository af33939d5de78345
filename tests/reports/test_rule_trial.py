"""`deckgen rules try`: a rule file beside a note, both watched."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.reports.diff_text import Paint
from deckgen.reports.preview.server import Served, open_server
from deckgen.reports.preview.trial_page import TrialPage
from deckgen.reports.rule_trial import Trial, trial_lines, try_rules

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
RULES = """\
rules:
  - id: costs
    on: sentence
    match: '{thing} costs {price:number} euros$'
    fields: {Front: 'What does {thing} cost?', Back: '{price}'}
    examples:
      - text: A tea costs 2 euros.
        notes: [{Front: "What does A tea cost?", Back: "2"}]
"""
NOTE = "# Prices\n\nBread costs 3 euros. Butter costs a few euros.\n\nNobody knows why.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path, {"rules/mine.yaml": RULES, "a.md": NOTE})


def lines(now: Trial, before: Trial | None = None) -> list[str]:
    return list(trial_lines(now, before, 100, Paint()))


def test_each_example_and_each_text_has_its_line(folder: Path) -> None:
    done = deckgen("rules", "try", "rules/mine.yaml", "a.md", "--once", cwd=folder)
    assert done.code == 0
    *shown, reason, _, counts = done.out.splitlines()
    assert shown == [
        "rules/mine.yaml on a.md",
        "",
        "  ✓ 7: mine/costs: A tea costs 2 euros.",
        "",
        "     3  Bread costs 3 euros.",
        "        What does Bread cost? → 3  (mine/costs)",
        "     3  Butter costs a few euros.",
    ]
    assert reason.startswith("        no card: fits up to `{thing} costs`, then wants `{price:number}`")
    assert counts == "1 of 1 example right, 1 card in the note"


def test_what_changed_since_the_last_save_is_marked(folder: Path) -> None:
    before = try_rules(folder / "rules/mine.yaml", folder / "a.md")
    (folder / "rules/mine.yaml").write_text(RULES.replace("'{price}'", "'{price} €'"), "utf-8")
    now = try_rules(folder / "rules/mine.yaml", folder / "a.md")
    shown = lines(now, before)
    assert "~ ✗ 7: mine/costs: A tea costs 2 euros." in shown
    assert "     expected  Front: What does A tea cost?; Back: 2" in shown
    assert "+       What does Bread cost? → 3 €  (mine/costs)" in shown
    assert "-       What does Bread cost? → 3  (mine/costs)" in shown
    assert not now.is_right
    (folder / "a.md").write_text(NOTE.replace("Bread costs 3 euros. ", ""), "utf-8")
    later = lines(try_rules(folder / "rules/mine.yaml", folder / "a.md"), now)
    assert "-       What does Bread cost? → 3 €  (mine/costs)" in later
    assert not any(line.startswith("~ ✗") for line in later)
    (folder / "rules/mine.yaml").write_text(RULES.replace("on: sentence", "on: sentense"), "utf-8")
    broken = lines(try_rules(folder / "rules/mine.yaml", folder / "a.md"), now)
    assert "error[unknown-element]" in broken[0]


def test_exit_codes(folder: Path) -> None:
    (folder / "rules/mine.yaml").write_text(RULES.replace('Back: "2"', 'Back: "4"'), "utf-8")
    assert deckgen("rules", "try", "rules/mine.yaml", "a.md", "--once", cwd=folder).code == 1
    (folder / "rules/mine.yaml").write_text("rules: [", "utf-8")
    assert deckgen("rules", "try", "rules/mine.yaml", "a.md", "--once", cwd=folder).code == 2
    assert deckgen("rules", "try", "rules/mine.yaml", "none.md", cwd=folder).code == 2


def test_both_files_are_watched(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}
    command = [sys.executable, "-P", "-m", "deckgen", "rules", "try", "rules/mine.yaml", "a.md"]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    printed: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: printed.extend(iter(process.stdout.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()

    def wait_for(expression: str) -> None:
        end = time.monotonic() + PATIENCE
        while not re.search(expression, "".join(printed)):
            assert time.monotonic() < end, "".join(printed)
            time.sleep(0.05)

    wait_for("1 card in the note")
    time.sleep(0.3)
    (folder / "a.md").write_text(NOTE + "\nSalt costs 1 euros.\n", "utf-8")
    wait_for(r"\+       What does Salt cost\? → 1")
    moved = folder / "rules/.mine.yaml.swp"
    moved.write_text(RULES.replace("euros$", "euros"), "utf-8")
    moved.replace(folder / "rules/mine.yaml")  # as many editors save
    (folder / "a.md").write_text(NOTE + "\nSalt costs 1 euros in summer.\n", "utf-8")
    wait_for(r"-       What does Salt cost\? → 1|in summer")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    reader.join(PATIENCE)
    assert "Traceback" not in "".join(printed)


def test_the_preview_has_the_same_page(folder: Path) -> None:
    (folder / "a.md").write_text(NOTE + "\n<script>alert(1)</script> & co costs 4 euros.\n", "utf-8")
    served = Served("", TrialPage(folder / "rules/mine.yaml", folder / "a.md"))
    server = open_server(served, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def get(path: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Content-Security-Policy", "")

    status, page, policy = get("/rules")
    assert status == 200
    assert "What does Bread cost? → 3" in page
    assert "<script" not in page
    assert "default-src 'none'" in policy
    (folder / "rules/mine.yaml").write_text(RULES.replace("'{price}'", "'{price} €'"), "utf-8")
    assert '<span class="new">+</span>       What does Bread cost? → 3 €' in get("/rules")[1]
    served.trial = None
    assert get("/rules")[0] == 404
    server.shutdown()
    server.server_close()
    assert deckgen("preview", "--rules", "rules/mine.yaml", cwd=folder).code == 2
