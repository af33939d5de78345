"""A folder of notes → a deck.yaml for it: the packs that find something there, and what each rule would make."""

from __future__ import annotations

import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.choices_file import merge_by_union
from deckgen.build.counts import notes_among
from deckgen.build.load import Inputs, choose_packs, compile_options_of
from deckgen.build.unit import CompiledNote, decode_unit
from deckgen.build.workers import Compiler
from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import shown_path
from deckgen.extraction.extract import extract
from deckgen.markdown.dialects import COMMONMARK
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft
from deckgen.project.editor import daily_notes
from deckgen.project.globs import glob_expression
from deckgen.project.plugin_settings import NO_SETTINGS, PluginSettings, plugin_settings
from deckgen.project.project import Project, Request, open_project, stands_in_project
from deckgen.project.source_files import CONFIG_NAME, leave_unread
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import Rule, RuleSet
from deckgen.rules.shipped import PackText, read_shipped, shipped_names

define(
    "error",
    project_exists="There is already a deck.yaml, and `init` never overwrites it.",
    unwritable_project="deck.yaml or .gitattributes could not be written.",
)

MERGE_LINE = "deck.lock merge=union"
"""For .gitattributes: of two branches' locks all lines are kept, which is how locks are merged."""

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is taken for another

_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null"})  # that YAML takes for something else


class Start(Struct, frozen=True):
    """What a new project would be: its deck.yaml, and the notes that each rule would make."""

    name: str  # of the deck
    id: str
    packs: tuple[str, ...]  # that find something, in the order of a build
    made: tuple[tuple[Rule, tuple[Draft, ...]], ...]  # rules that find something
    others: tuple[tuple[str, int], ...]  # packs that are not chosen by themselves and would find something
    dialect: str = COMMONMARK
    exclude: tuple[str, ...] = ()  # what is there and is no note
    folders: int = 0  # that would be decks of their own
    sources: str = "**/*.md"
    read: int = 0  # sources that are notes
    suggestions: int = 0  # what is less sure than a note of the deck
    plugin: PluginSettings = NO_SETTINGS  # of the tool that the notes were written for

    def _folder_lines(self) -> list[tuple[str, str]]:
        """What the settings of the tool say of folders."""
        lines = [(_line(path, folder), "") for path, folder in self.plugin.folders.items()]
        return [("folders:", "decks and tags of folders, as the tool's settings have them"), *lines] if lines else []

    def _separator_lines(self) -> list[tuple[str, str]]:
        """The separators that its users chose."""
        if not self.plugin.separators:
            return []
        signs = ", ".join(
            f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in self.plugin.separators.items()
        )
        return (
            [(f"separators: {{{self.packs[0]}: {{{signs}}}}}", "as the tool's settings have them")]
            if self.packs
            else []
        )

    @property
    def text(self) -> str:
        """The deck.yaml."""
        rules = f"[{', '.join(self.packs)}]"
        lines = [
            ("deck: " + _yaml(self.name), "its name in Anki; `::` nests; may change at any time"),
            ("id: " + _yaml(self.id), "identities of notes are derived from it: never change it"),
            (f'sources: ["{self.sources}"]', "the notes, relative to this file"),
            (f"exclude: {json.dumps(list(self.exclude), ensure_ascii=False)}", 'for example ["drafts/**"]'),
            ("rules: " + rules if self.packs else "# rules: [structure]", "packs in order; `deckgen rules list`"),
            *(
                (f"# rules: [{', '.join([name, *self.packs])}]", f"notes for another tool? {number:,} of them")
                for name, number in self.others
            ),
            ("tags: []", "added to every note"),
            *self._folder_lines(),
            (
                f"subdecks: {'folder' if self.plugin.are_folders_decks else 'none'}",
                f"none | file | folder{f' ({self.folders} decks)' if self.folders > 1 else ''} | heading",
            ),
            *self._separator_lines(),
            *([(f"dialect: {self.dialect}", "commonmark | obsidian | logseq")] if self.dialect != COMMONMARK else []),
            ("# language: de", "of notes in the Latin script that are not in English"),
            ("# lint: {answer-too-long: off}", "off | warning | error, for each finding of `deckgen lint`"),
        ]
        width = min(max(len(key) for key, _ in lines), 44)
        head = "# A deck project: `deckgen build` makes an Anki package of the notes beside this file.\n"
        return head + "".join(f"{key:{width}}  # {comment}\n" if comment else f"{key}\n" for key, comment in lines)


def _line(key: str, folder: tuple[str, tuple[str, ...]]) -> str:
    deck, tags = folder
    parts = [f"deck: {json.dumps(deck, ensure_ascii=False)}"] if deck else []
    parts += [f"tags: {json.dumps(list(tags), ensure_ascii=False)}"] if tags else []
    return f"  {json.dumps(key, ensure_ascii=False)}: {{{', '.join(parts)}}}"


def plan(inputs: Inputs, compiler: Compiler | None = None) -> Start:
    """What `init` would write for a folder that has no deck.yaml, and the notes that a build then makes. A lock that is
    there already keeps its identities. Raises `CompileError`.
    """
    exclude = tuple(_no_notes(inputs.project))
    inputs = _without(inputs, exclude)
    others = tuple(_others(inputs))
    chosen = next((name for name, _ in others if _is_chosen(inputs, name)), "")
    pack = read_shipped(chosen) if chosen else None
    texts = (pack,) if pack is not None else choose_packs(inputs.documents)
    rules, _ = load_rules(texts)
    found = _compiled(inputs, texts, compiler or Compiler())
    drafts = notes_among([one for one in found if not one.suggested])
    made = [(rule, tuple(draft for draft in drafts if draft.rule == rule.name)) for rule in rules.rules]
    made = [(rule, found) for rule, found in made if found]
    packs = tuple(pack for pack in rules.packs if any(rule.pack == pack for rule, _ in made))
    project = inputs.project
    known = inputs.lock.header.project if project.lock_text is not None else ""
    settings = plugin_settings(project.root, chosen) if chosen else NO_SETTINGS
    return Start(
        name=inputs.settings.deck,
        id=known or f"{slug(project.name)}-{''.join(secrets.choice(_LETTERS) for _ in range(6))}",
        packs=packs,
        made=tuple(made),
        others=tuple(_worth_telling(others, rules.packs, len(inputs.documents), is_empty=not made)),
        dialect=project.config.dialect.name,
        exclude=exclude,
        folders=len({source.path.split("/")[0] for source in project.sources if "/" in source.path}),
        sources=default_sources(project),
        read=len(inputs.documents),
        suggestions=sum(bool(one.suggested) for one in found),
        plugin=settings,
    )


def _without(inputs: Inputs, exclude: Sequence[str]) -> Inputs:
    """The inputs without what the project will exclude; all of them where nothing would be left."""
    globs = [glob_expression(glob) for glob in exclude]
    left = tuple(d for d in inputs.documents if not any(glob.match(d.path) for glob in globs))
    return replace(inputs, documents=left or inputs.documents)


def _compiled(inputs: Inputs, packs: tuple[PackText, ...], compiler: Compiler) -> list[CompiledNote]:
    """What some packs make of the documents."""
    project, paths = inputs.project, {document.path: document for document in inputs.documents}
    compile_options = replace(compile_options_of(project, inputs.lock.header.project, packs), settings=inputs.settings)
    sources = [source for source in project.sources if source.path in paths]
    read = {path: (document, list[Diagnostic]()) for path, document in paths.items()}
    found = {made.path: decode_unit(data) for made, data in compiler.compile_all(sources, compile_options, read)}
    return [one for source in sources if (unit := found[source.path]) is not None for one in unit.prepared]


def default_sources(project: Project) -> str:
    """The pattern of all notes: with `.markdown` among them where there are such."""
    suffixes = {Path(source.path).suffix for source in project.sources} - {".md"}
    return f"**/*.{{{','.join(['md', *sorted(suffix[1:] for suffix in suffixes)])}}}" if suffixes else "**/*.md"


_NO_NOTES = lazy_regex(
    r"(?:.*/)?(?:README|CODE_OF_CONDUCT|CONTRIBUTING|CHANGELOG|CHANGES|LICEN[CS]E|SECURITY|AUTHORS|TODO)"
    r"(?:[._-][a-z-]+)?\.(?:md|markdown)",
    re.IGNORECASE,
)
_DAY = lazy_regex(r"(?:.*/)?\d{4}[-_]\d{2}[-_]\d{2}\.\w+")
_NO_FOLDERS = lazy_regex(r"(?:.*/)?(?:templates?|venv|env|\.?trash|bak)", re.IGNORECASE)


def _no_notes(project: Project) -> Iterator[str]:
    """Globs of what is there and is hardly meant for cards: how to use a repository, templates, a diary."""
    paths = [source.path for source in project.sources]
    yield from project.config.dialect.excluded
    folders = {path.rpartition("/")[0] for path in paths if "/" in path}
    parents = {"/".join(folder.split("/")[:depth]) for folder in folders for depth in range(1, folder.count("/") + 2)}
    taken = sorted(folder for folder in parents if _NO_FOLDERS.fullmatch(folder))
    taken = [folder for folder in taken if not any(folder.startswith(outer + "/") for outer in taken)]
    yield from (f"{folder}/**" for folder in taken if f"{folder}/**" not in project.config.dialect.excluded)
    days = [folder for folder in sorted(folders) if _is_diary([p for p in paths if p.rpartition("/")[0] == folder])]
    daily = daily_notes(project.root)
    yield from dict.fromkeys(f"{folder}/**" for folder in [*days, *([daily] if daily in folders else [])])
    yield from sorted(path for path in paths if _NO_NOTES.fullmatch(path))


def _is_diary(paths: Sequence[str]) -> bool:
    """Whether most notes of a folder are named by days."""
    return len(paths) >= 3 and sum(_DAY.fullmatch(path) is not None for path in paths) * 2 > len(paths)


def _others(inputs: Inputs) -> Iterator[tuple[str, int]]:
    """Shipped packs for other tools whose signs stand in the notes, and how many notes each would make."""
    found = []
    for name in shipped_names():
        pack = read_shipped(name)
        if not name.startswith("compat/") or pack is None:
            continue
        rules, _ = load_rules([pack])
        if signs := _signs(inputs, rules):
            drafts = extract(inputs.documents, replace(rules, expectations=()), inputs.settings).drafts
            found.append((-signs, name, len(drafts)))
    return ((name, number) for _, name, number in sorted(found) if number)


def _signs(inputs: Inputs, rules: RuleSet) -> int:
    """How many lines of the notes have the sign of a pack."""
    return sum(
        sign.search(line) is not None
        for _, sign in rules.signs
        for document in inputs.documents
        for line in document.written_lines
    )


def _is_chosen(inputs: Inputs, name: str) -> bool:
    """Whether the signs of a pack stand there so often that the notes are written for its tool."""
    pack = read_shipped(name)
    if pack is None:
        return False
    rules, _ = load_rules([pack])
    if _signs(inputs, rules) < max(3, len(inputs.documents) / 10):
        return False
    return not extract(inputs.documents, rules, inputs.settings).untried  # what its tool would refuse is for none


def _worth_telling(
    others: Iterable[tuple[str, int]], chosen: Sequence[str], documents: int, *, is_empty: bool
) -> Iterator[tuple[str, int]]:
    """Those that are not chosen: only where they make so many notes that it is no chance, or nothing else is found."""
    for name, number in others:
        if name not in chosen and number >= (1 if is_empty else max(5, documents / 2)):
            yield name, number


def slug(name: str) -> str:
    """A folder's name in small ASCII letters and digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "deck"


def _yaml(text: str) -> str:
    """A text as YAML: plain where nobody could read it otherwise."""
    is_plain = re.fullmatch(r"[^\W\d_][\w./+-]*(?:(?:::| )[\w./+-]+)*", text)
    return text if is_plain and text.lower() not in _WORDS else json.dumps(text, ensure_ascii=False)


def check(folder: Path, *, is_named: bool = True) -> list[Diagnostic]:
    """Whether a project can begin in a folder, which the command line names or in which one stands."""
    path = folder / CONFIG_NAME
    if not os.path.isdir(folder):
        hint = "name a folder with notes" if os.path.exists(folder) else "make the folder first"
        return [Diagnostic("source-not-found", f"`{shown_path(folder)}` is no folder", hint=hint)]
    if path.exists() or path.is_symlink():
        hint = "edit it, or name another folder; `deckgen list` shows what it makes"
        return [Diagnostic("project-exists", "there is a deck.yaml already", Span(shown_path(path)), hint)]
    if not is_named and (outer := _project_with(folder)):
        message = "the notes in this folder belong to a project already"
        hint = "`deckgen list` shows them; `deckgen init .` makes a project of their own, without them in the other"
        return [Diagnostic("project-exists", message, Span(shown_path(outer / CONFIG_NAME)), hint)]
    return []


def _project_with(folder: Path) -> Path | None:
    """The project around a folder that has notes of the folder among its sources."""
    if not stands_in_project(folder):
        return None
    project, _ = open_project(Request((folder,)), leave_unread)
    if project is None or (project.chosen is not None and not project.chosen.sources):
        return None
    return project.root


def write(folder: Path, start: Start) -> tuple[list[Path], list[Diagnostic]]:
    """Write deck.yaml, never over another, and the line of .gitattributes that makes locks merge; what was written."""
    written: list[Path] = []
    path = folder / CONFIG_NAME
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(start.text)
        written.append(path)
        path = folder / ".gitattributes"
        written.extend([path] if merge_by_union(folder, MERGE_LINE) else [])
    except FileExistsError:
        return written, check(folder)
    except OSError as problem:
        message = f"cannot be written: {problem.strerror or problem}"
        return written, [Diagnostic("unwritable-project", message, Span(shown_path(path)))]
    return written, []
