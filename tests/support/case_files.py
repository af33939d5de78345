"""Cases in Markdown files: below `# headings` a title, then input and expected output between lines of a dot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parents[1] / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `line` is that of its title, `section` the heading above."""

    file: str
    line: int
    section: str
    title: str
    given: str
    expected: str

    @property
    def name(self) -> str:
        """What pytest calls it."""
        return f"{self.file}:{self.line} {self.title}"


def read_cases(name: str) -> list[Case]:
    """All cases of `tests/cases/<name>.md`, in order."""
    cases: list[Case] = []
    section, title, title_line = "", "", 0
    parts: list[list[str]] = []
    for number, line in enumerate((CASES / f"{name}.md").read_text(encoding="utf-8").split("\n"), 1):
        if line == ".":
            parts.append([])
            if len(parts) == 3:
                cases.append(Case(name, title_line, section, title, "\n".join(parts[0]), "\n".join(parts[1])))
                parts = []
        elif parts:
            parts[-1].append(line)
        elif line.startswith("# "):
            section = line[2:]
        elif line.strip():
            title, title_line = line, number
    assert not parts, f"{name}.md: the last case is not closed"
    return cases


def write_expected(case: Case, output: str) -> None:
    """Put another expected output into the file; titles are unique within a section."""
    path = CASES / f"{case.file}.md"
    text = path.read_text(encoding="utf-8")
    old = f"\n{case.title}\n.\n{case.given}\n.\n{case.expected}\n.\n"
    assert text.count(old) == 1, case.name
    path.write_text(text.replace(old, f"\n{case.title}\n.\n{case.given}\n.\n{output}\n.\n"), encoding="utf-8")
