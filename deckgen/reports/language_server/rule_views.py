"""An open rule file or deck.yaml → what the editor shows of it: diagnostics, words, lenses with its examples."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from lsprotocol import types as lsp
from msgspec import Struct

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.paths import shown_path
from deckgen.diagnostics.yaml import read_yaml
from deckgen.extraction.examples import check_examples
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.project.config import parse_config
from deckgen.project.project import note_types_around
from deckgen.project.source_files import CONFIG_NAME
from deckgen.reports.columns import counted, cut
from deckgen.reports.example_lines import difference_lines
from deckgen.reports.json_schema import Subject
from deckgen.reports.language_server import rule_words as words
from deckgen.reports.language_server.editor_project import EditorProject
from deckgen.reports.language_server.note_views import as_lsp, markdown
from deckgen.reports.language_server.rename import Renaming, name_at
from deckgen.reports.language_server.settings_edits import with_line
from deckgen.reports.language_server.texts import OpenText
from deckgen.reports.language_server.yaml_place import ITEM, YamlPlace, place_at
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.rule_reading import FIELDS
from deckgen.rules.shipped import PackText

_CAPTURE = lazy_regex(r"\{([\w.-]*)(?::([\w-]*))?\}?")
_OPEN_CAPTURE = lazy_regex(r"(?<!\\)\{([\w.-]*)(:[\w-]*)?$")
_NAMES = ("key", "cloze", "carry", "for_each", "known")
_ON_NAMES = ("is", "length", "prose", "initials")
_DIALECT = lazy_regex(r"`(dialect: (?:obsidian|logseq))`")
_SUGGESTED = lazy_regex(r"did you mean `([^`]+)`\?")
_WRONG_WORD = lazy_regex(r"`([^`]+)`")
_KINDS = {
    "key": lsp.CompletionItemKind.Property,
    "type": lsp.CompletionItemKind.TypeParameter,
    "capture": lsp.CompletionItemKind.Variable,
    "element": lsp.CompletionItemKind.Class,
    "pack": lsp.CompletionItemKind.Module,
    "value": lsp.CompletionItemKind.EnumMember,
}


class ExamplesRun(Struct, frozen=True):
    """What the examples of a rule gave."""

    lines: tuple[str, ...]
    is_right: bool


class RuleView:
    """One open file."""

    def __init__(self, text: OpenText, project: EditorProject | None, subject: Subject) -> None:
        self.text, self.project, self.subject = text, project, subject
        self.shown = shown_path(Path(text.path))

    @classmethod
    def of(cls, text: OpenText, project: EditorProject | None) -> RuleView | None:
        """A view of what is a deck.yaml or a rule file; None of any other YAML."""
        if os.path.basename(text.path) == CONFIG_NAME:
            return cls(text, project, "deck")
        opened = project.project if project is not None else None
        packs = opened.packs or () if opened is not None else ()
        is_named = any(os.path.realpath(pack.path) == text.path for pack in packs)
        folders = Path(text.path).parts
        looks_so = re.search(r"^(?:rules|types):", text.text, re.MULTILINE) is not None
        if is_named or (looks_so and ("rules" in folders[-3:] or "card_rules" in folders)):
            return cls(text, project, "rules")
        return None

    @property
    def _note_types(self) -> Mapping[str, tuple[str, ...]]:
        opened = self.project.project if self.project is not None else None
        return opened.config.field_names if opened is not None else note_types_around(Path(self.text.path))

    @property
    def read(self) -> tuple[RuleSet, list[Diagnostic]]:
        """The file as rules, and what is wrong with it."""
        name = _pack_name(Path(self.text.path))
        return _read(self.text.text, self.shown, name, tuple(self._note_types.items()))

    # --- diagnostics

    def diagnostics(self) -> list[lsp.Diagnostic]:
        """What the command would say of it."""
        found = parse_config(self.text.text, self.shown)[1] if self.subject == "deck" else self.read[1]
        if self.project is not None:
            around = self.project.project_findings()
            found = [*found, *(one for one in around if one.span is not None and one.span.path == self.shown)]
        unique = {(one.kind, one.message, one.span): one for one in reversed(found)}
        return [as_lsp(one, self.text) for one in reversed(unique.values())]

    def actions(self, found: Sequence[lsp.Diagnostic]) -> list[lsp.CodeAction]:
        """What mends a word that is nearly right."""
        made = []
        for diagnostic in found:
            if diagnostic.code == "dialect-unsaid" and (wanted := _DIALECT.search(diagnostic.message)):
                edit = lsp.WorkspaceEdit({self.text.uri: [with_line(self.text.lines, wanted[1])]})
                title = f"Write `{wanted[1]}`"
                made.append(lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, diagnostics=[diagnostic], edit=edit))
            suggested, wrong = _SUGGESTED.search(diagnostic.message), _WRONG_WORD.search(diagnostic.message)
            if suggested is None or wrong is None:
                continue
            line = diagnostic.range.start.line + 1
            begun = self.text.place(diagnostic.range.start)[1] - 1
            at = self.text.line(line).find(wrong[1], begun)
            at = at if at >= 0 else self.text.line(line).find(wrong[1])
            if at < 0:
                continue
            span = lsp.Range(self.text.position(line, at + 1), self.text.position(line, at + 1 + len(wrong[1])))
            edit = lsp.WorkspaceEdit({self.text.uri: [lsp.TextEdit(span, suggested[1])]})
            title = f"Write `{suggested[1]}`"
            made.append(
                lsp.CodeAction(
                    title, lsp.CodeActionKind.QuickFix, diagnostics=[diagnostic], edit=edit, is_preferred=True
                )
            )
        return made

    # --- examples

    def lenses(self) -> list[lsp.CodeLens]:
        """Above each rule its examples, run when the lens is seen."""
        if self.subject != "rules":
            return []
        found = []
        for rule in self.read[0].rules:
            at = self.text.position(rule.span.line, 1)
            found.append(lsp.CodeLens(lsp.Range(at, at), data={"uri": self.text.uri, "rule": rule.name}))
        return found

    def resolved(self, lens: lsp.CodeLens, rule: str) -> lsp.CodeLens:
        """A lens with what the examples of its rule give."""
        run = self.results_of(rule)
        lens.command = lsp.Command(run.lines[0], "deckgen.runExamples", arguments=[self.text.uri, rule])
        return lens

    def results_of(self, rule: str) -> ExamplesRun:
        """Run the examples of a rule."""
        return _run(self.text.text, self.shown, _pack_name(Path(self.text.path)), tuple(self._note_types.items()), rule)

    # --- words

    def completion(self, line: int, column: int) -> lsp.CompletionList:
        """What may stand at a place."""
        place = place_at(self.text.lines, line, column)
        found = list(self._words(place, line))
        begin = self.text.position(line, column - len(place.word))
        span = lsp.Range(begin, self.text.position(line, column))
        items = [
            lsp.CompletionItem(
                word.label,
                kind=_KINDS[word.kind],
                documentation=markdown(word.about) if word.about else None,
                text_edit=lsp.TextEdit(span, word.label + (": " if word.kind == "key" and place.is_key else "")),
            )
            for word in {word.label: word for word in reversed(found) if word.label}.values()
        ]
        return lsp.CompletionList(is_incomplete=False, items=items)

    def _words(self, place: YamlPlace, line: int) -> Iterator[words.Word]:
        path = place.path
        opened = _OPEN_CAPTURE.search(place.value) if not place.is_key else None
        if self.subject == "rules" and opened is not None:
            if opened[2] is not None:
                yield from words.types(self._own_types(), self._language(line))
            else:
                yield from self._names(line)
            return
        last = next((step for step in reversed(path) if step != ITEM), "")
        if place.is_key:
            yield from words.keys_at(self.subject, path)
            if last in _ON_NAMES or (last in ("match", "find") and self.subject == "rules"):
                yield from self._names(line)
            if last == "fields":
                yield from (words.Word(name, kind="key") for name in self._fields(line))
        if self.subject == "deck" and last == "rules":
            yield from words.packs()
            yield from self._own_files()
        elif self.subject == "rules":
            if last in ("on", "inside"):
                yield from words.elements()
            elif last == "like":
                yield from words.types(self._own_types(), self._language(line))
            elif last in _NAMES:
                yield from self._names(line)
            elif last == "note":
                yield from (words.Word(name, "a note type of deck.yaml") for name in self._note_types)
        if not place.is_key or path[-1:] == (ITEM,):
            yield from words.choices_at(self.subject, path)

    def _names(self, line: int) -> Iterator[words.Word]:
        """The captures of a rule, and what its elements offer."""
        first, last = self._rule_lines(line)
        block = "\n".join(self.text.lines[first - 1 : last])
        for name, kind in _CAPTURE.findall(block):
            if name:
                yield words.Word(name, f"a capture of the type `{kind}`" if kind else "a capture", "capture")
        yield from words.values_of(self._elements(line))

    def _elements(self, line: int) -> list[str]:
        first, last = self._rule_lines(line)
        own = [text for text in self.text.lines[first - 1 : last] if re.match(r"[\s-]*on:", text)]
        shared = [text for text in self.text.lines if text.startswith("on:")]
        return [name for text in (own or shared) for name in re.findall(r"[a-z_]+", text.partition(":")[2])]

    def _fields(self, line: int) -> Sequence[str]:
        first, last = self._rule_lines(line)
        found = re.search(r"^[\s-]*note:\s*(.+?)\s*$", "\n".join(self.text.lines[first - 1 : last]), re.MULTILINE)
        note = found[1].strip("'\"") if found else "Basic"
        return self._note_types.get(note) or FIELDS["Cloze" if note == "Cloze" else "Basic"]

    def _language(self, line: int) -> str:
        first, last = self._rule_lines(line)
        lines = [*self.text.lines[first - 1 : last], *(one for one in self.text.lines if one.startswith("language:"))]
        found = next((m for one in lines if (m := re.match(r"[\s-]*language:\s*(\w+)", one))), None)
        return found[1] if found else ""

    def _own_types(self) -> list[str]:
        place = next((index for index, text in enumerate(self.text.lines) if text.startswith("types:")), None)
        if place is None:
            return []
        found = []
        for text in self.text.lines[place + 1 :]:
            if text and not text[0].isspace() and not text.startswith("#"):
                break
            if name := re.match(r"\s{1,4}([\w-]+):", text):
                found.append(name[1])
        return found

    def _own_files(self) -> Iterator[words.Word]:
        folder = Path(self.text.path).parent / "rules"
        if folder.is_dir() and not folder.is_symlink():
            for file in sorted(folder.glob("*.y*ml"))[:100]:
                yield words.Word(f"./rules/{file.name}", "a rule file of this project", "pack")

    def _rule_lines(self, line: int) -> tuple[int, int]:
        """The lines of the rule around a line, also where the file is no YAML at the moment."""
        lines = self.text.lines
        begun = next((index for index, text in enumerate(lines) if text.startswith("rules:")), len(lines))
        dashes = [i for i, text in enumerate(lines) if i > begun and re.match(r"\s*- ", text)]
        least = min((len(lines[i]) - len(lines[i].lstrip()) for i in dashes), default=0)
        starts = [i + 1 for i in dashes if len(lines[i]) - len(lines[i].lstrip()) == least]
        first = max((start for start in starts if start <= line), default=line)
        return first, min((start - 1 for start in starts if start > line), default=len(lines))

    # --- hover

    def hover(self, line: int, column: int) -> lsp.Hover | None:
        """What the word at a place is."""
        text = self.text.line(line)
        for found in _CAPTURE.finditer(text):
            if found.start() < column <= found.end() and self.subject == "rules":
                about = self._capture_about(found, column, line)
                return self._hover(about, line, found.start() + 1, found.end() + 1)
        word = next((m for m in re.finditer(r"[\w./-]+", text) if m.start() < column <= m.end() + 1), None)
        if word is None:
            return None
        place = place_at(self.text.lines, line, word.end() + 1)
        is_key = text[word.end() :].lstrip().startswith(":")
        about = ""
        if is_key:
            at = place_at(self.text.lines, line, word.start() + 1)
            about = words.about_key(self.subject, (*at.path, word[0]))
        if not about:
            found_words = {one.label: one.about for one in self._words(place, line)}
            about = found_words.get(word[0], "")
        return self._hover(f"`{word[0]}`: {about}", line, word.start() + 1, word.end() + 1) if about else None

    def _hover(self, about: str, line: int, begin: int, end: int) -> lsp.Hover:
        return lsp.Hover(markdown(about), lsp.Range(self.text.position(line, begin), self.text.position(line, end)))

    def _capture_about(self, found: re.Match[str], column: int, line: int) -> str:
        name, kind = found[1], found[2]
        is_on_type = kind is not None and column > found.start(2)
        if is_on_type or not name:
            about = {one.label: one.about for one in words.types(self._own_types(), self._language(line))}
            return f"`{kind}`: {about.get(kind or 'text', 'no type of this name is known')}"
        known = {one.label: one.about for one in self._names(line)}
        declared = [k for n, k in _CAPTURE.findall("\n".join(self.text.lines)) if n == name and k]
        kind = kind or next(iter(declared), "")
        if kind:
            about = {one.label: one.about for one in words.types(self._own_types(), self._language(line))}
            return f"`{name}`: a capture of the type `{kind}`: {about.get(kind, '')}"
        return f"`{name}`: {known.get(name, 'neither captured nor offered')}"

    # --- renaming

    def renamed_at(self, line: int, column: int) -> lsp.Range | None:
        """The name at a place that can be renamed."""
        found = name_at(self.text.line(line), column) if self.subject == "rules" else None
        if found is None:
            return None
        return lsp.Range(self.text.position(line, found.begin), self.text.position(line, found.end))

    def rename(self, line: int, column: int, new_name: str) -> lsp.WorkspaceEdit | None:
        """A capture by another name, in the whole of its rule."""
        found = name_at(self.text.line(line), column) if self.subject == "rules" else None
        node = read_yaml(self.text.text, self.shown)[0]
        if found is None or node is None:
            return None
        places = Renaming(node, self.text.lines, found.name, new_name).places(line)
        edits = [
            lsp.TextEdit(
                lsp.Range(self.text.position(at, begin), self.text.position(at, begin + len(found.name))), new_name
            )
            for at, begin in places
        ]
        return lsp.WorkspaceEdit({self.text.uri: edits}) if edits else None


def _pack_name(path: Path) -> str:
    """What a pack is called that does not say so: as its file; below card_rules/ by its path."""
    parts = path.with_suffix("").parts
    if "card_rules" in parts:
        return "/".join(parts[len(parts) - parts[::-1].index("card_rules") :])
    return path.stem


@lru_cache(maxsize=4)
def _read(
    text: str, shown: str, name: str, note_types: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[RuleSet, list[Diagnostic]]:
    return load_rules([PackText(name, shown, text)], dict(note_types))


@lru_cache(maxsize=64)
def _run(
    text: str, shown: str, name: str, note_types: tuple[tuple[str, tuple[str, ...]], ...], rule: str
) -> ExamplesRun:
    rules = _read(text, shown, name, note_types)[0]
    results = list(check_examples(rules, rule))
    if not results:
        return ExamplesRun(("no example",), is_right=False)
    wrong = [result for result in results if not result.is_right]
    if not wrong:
        return ExamplesRun((f"✓ {counted(len(results), 'example')}",), is_right=True)
    first = "; ".join(" ".join(line.split()) for line in difference_lines(wrong[0]))
    lines = [f"✗ {len(wrong):,} of {counted(len(results), 'example')}: {cut(first, 160)}"]
    for result in wrong:
        lines.append(f"line {result.example.span.line}: {cut(' '.join(result.example.text.split()), 100)}")
        lines.extend(difference_lines(result))
    return ExamplesRun(tuple(lines), is_right=False)
