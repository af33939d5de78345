"""Rule packs as text → checked rules. One run reports everything that is wrong with any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from msgspec import UnsetType

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.shapes import check_keys
from deckgen.diagnostics.yaml import read_yaml
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.literals import literal_expression
from deckgen.patterns.regex import Regex
from deckgen.patterns.types import CaptureType
from deckgen.rules.expectation_reading import read_expectations, read_other_ids, read_schedules, read_signs
from deckgen.rules.expectations import Expectation, OtherIds, Schedules
from deckgen.rules.label_words import CLASSES, LabelWords, together
from deckgen.rules.outline import outline_of, outline_of_all, template_digests
from deckgen.rules.rule import Rule, RuleSet
from deckgen.rules.rule_file import Path, RuleFile
from deckgen.rules.rule_reading import Pack, read_rule
from deckgen.rules.schema import PackFile, RuleText, SharedText, keys_of
from deckgen.rules.separators import LONGEST, with_separators
from deckgen.rules.shipped import PackText, read_shipped, shipped_languages
from deckgen.rules.types import Types

define(
    "error",
    doubled_pack="Two packs have the same name, so their rules cannot be distinguished.",
    doubled_rule="Two rules have the same id, so their notes cannot be distinguished.",
    bad_pattern="A pattern does not compile.",
    bad_regex="A regular expression does not compile, or it needs an engine that may backtrack without limit.",
    unknown_type="The type of a capture is defined neither by the pack, nor for its language, nor by deckgen.",
    unknown_element="`on:` or `inside:` names an unknown element.",
    unknown_capture="A template uses a name that neither the pattern captures nor the element offers.",
    shadowed_capture="A capture in a pattern has the name of a value that the element offers.",
    unknown_note="`note:` is neither a built-in kind of note nor a note type of deck.yaml.",
    unknown_field="`fields:` fills a field that the note type does not have.",
)

_SHARED, _PACK = keys_of(SharedText), keys_of(PackFile)
_RULE = tuple(sorted(keys_of(RuleText), key=lambda key: key in _SHARED))  # for hints: a rule's own keys first


def load_rules(
    packs: Sequence[PackText],
    own_note_types: Mapping[str, tuple[str, ...]] | None = None,
    *,
    has_bounds: bool = True,
) -> tuple[RuleSet, list[Diagnostic]]:
    """Read packs in order. `own_note_types`: the fields of each note type of deck.yaml; `has_bounds`: whether the
    lengths of texts are bounded, as they are for notes that the lock does not know.
    """
    diagnostics: list[Diagnostic] = []
    rules: list[Rule] = []
    abouts: dict[str, str] = {}
    seen: dict[str, str] = {}
    abbreviations: list[tuple[str, str]] = []
    label_words: list[LabelWords] = []
    expectations: list[Expectation] = []
    signs: list[tuple[str, Regex]] = []
    other_ids: list[OtherIds] = []
    schedules: list[Schedules] = []
    spoken = _Spoken(has_bounds=has_bounds)
    outlines: list[tuple[str, str]] = []
    for text in packs:
        pack, problems = _read_pack(text, own_note_types or {}, len(rules), spoken)
        diagnostics.extend(problems)
        rules.extend(pack.rules)
        if pack.name in seen:
            message = f"`{pack.name}` is also the name of {seen[pack.name]}"
            hint = "give one of them another name with `pack:`"
            diagnostics.append(Diagnostic("doubled-pack", message, Span(text.path), hint))
        seen[pack.name] = text.path
        outlines.append((pack.name, pack.outline))
        abouts[pack.name] = pack.about
        abbreviations.extend([pack.abbreviations] if pack.abbreviations else [])
        label_words.append(pack.label_words)
        expectations.extend(pack.expectations)
        other_ids.extend([pack.other_ids] if pack.other_ids is not None else [])
        schedules.extend([pack.schedules] if pack.schedules is not None else [])
        signs.extend([(pack.name, pack.signs)] if pack.signs is not None else [])
    if any("entry" in rule.elements for rule in rules):
        label_words.extend(language_words(language) for language in shipped_languages())
    words = together(label_words)
    found = RuleSet(
        tuple(rules),
        tuple(seen),
        abouts,
        tuple(abbreviations),
        words,
        tuple(expectations),
        tuple(other_ids),
        tuple(schedules),
        tuple(signs),
        outline_of_all(outlines, rules, sorted((own_note_types or {}).items()), has_bounds),
        template_digests(rules),
    )
    return found, diagnostics


def language_types(language: str, has_bounds: bool = True) -> Mapping[str, CaptureType]:  # noqa: FBT001
    """The types that a language's own pack, `<language>/types`, makes."""
    pack = _language_pack(language, has_bounds)
    return {} if pack is None else pack.types


def language_words(language: str) -> LabelWords:
    """The words of labels that the same pack knows."""
    pack = _language_pack(language)
    return LabelWords() if pack is None else pack.label_words


@cache
def _language_pack(language: str, has_bounds: bool = True) -> Pack | None:  # noqa: FBT001
    text = read_shipped(f"{language}/types")
    if text is None:
        return None
    pack, diagnostics = _read_pack(text, {}, 0, _Spoken(has_bounds=has_bounds), is_tested=True)
    assert not diagnostics, diagnostics
    return pack


class _Spoken:
    """The types of each language: those of a pack `<language>/types` that was read before, else the shipped ones."""

    def __init__(self, *, has_bounds: bool) -> None:
        self.has_bounds = has_bounds
        self._own: dict[str, Mapping[str, CaptureType]] = {}

    def of(self, language: str) -> Mapping[str, CaptureType]:
        return self._own[language] if language in self._own else language_types(language, self.has_bounds)

    def add(self, pack: Pack) -> None:
        language, _, name = pack.name.partition("/")
        if name == "types":
            self._own[language] = pack.types


def _read_pack(
    text: PackText,
    own_note_types: Mapping[str, tuple[str, ...]],
    order: int,
    spoken: _Spoken,
    *,
    is_tested: bool = False,
) -> tuple[Pack, list[Diagnostic]]:
    node, diagnostics = read_yaml(with_separators(text, {}).text, text.path)
    pack = Pack(text.name, own_note_types, order)
    if node is None or diagnostics or node.value is None:
        return pack, diagnostics
    file = RuleFile(node, diagnostics, has_bounds=spoken.has_bounds)
    if not isinstance(node.value, dict):
        file.report("wrong-type", "a rule file is a mapping", (), hint="its keys are `rules:`, `types:`, …")
        return pack, diagnostics
    check_keys(node, (), _PACK, diagnostics)
    top = {key: value for key, value in node.value.items() if key in _PACK}
    read = file.convert(top, PackFile, ())
    if read is None:
        return pack, diagnostics
    assert isinstance(read, PackFile)
    pack.name, pack.about = read.pack or text.name, read.about or ""
    pack.defaults = file.convert({key: top[key] for key in _SHARED if key in top}, SharedText, ())
    language = read.language or pack.name.partition("/")[0]
    outer = {} if pack.name == f"{language}/types" else spoken.of(language)
    file.types = Types(read.types or {}, outer, has_bounds=spoken.has_bounds)
    if is_tested:
        pack.types = file.types.later(node, file.report, diagnostics)
    else:
        file.types.make(node, file.report, diagnostics)
        pack.types = file.types.all()
    file.types_of = lambda spoken_language: file.types.spoken_in(spoken.of(spoken_language))
    spoken.add(pack)
    if read.skip:
        words = "|".join(literal_expression(word) for word in sorted(read.skip, key=len, reverse=True))
        pack.skip = lazy_regex(rf"(?:{words})[\s,，、:]*")
    for name, separator in (read.separators or {}).items():
        if len(separator) > LONGEST:
            file.report("bad-value", f"`{name}` is too long", ("separators", name), hint=f"up to {LONGEST} characters")
    if read.abbreviations:
        expressions = [file.plain(text, at) for text, at in file.each(read.abbreviations, ("abbreviations",))]
        pack.abbreviations = language, "|".join(f"(?:{expression})" for expression in expressions if expression)
    pack.label_words = _read_label_words(read, file, is_tested=is_tested)
    pack.signs = read_signs(file, read.signs)
    pack.other_ids = read_other_ids(file, pack.name, read.anki)
    pack.schedules = read_schedules(file, pack.name, read.schedule)
    for key, texts in (("refuses", read.refuses), ("expects", read.expects)):
        if not isinstance(texts, UnsetType):
            pack.expectations += read_expectations(file, pack.name, key, texts)
    _read_rules(read, pack, file)
    pack.outline = outline_of(node.value)
    return pack, diagnostics


def _read_label_words(read: PackFile, file: RuleFile, *, is_tested: bool) -> LabelWords:
    lists = []
    for name in CLASSES:
        patterns = getattr(read, name) or []
        lists.append(tuple(text for text, at in file.each(patterns, (name,)) if is_tested or file.plain(text, at)))
    return LabelWords(*lists)


def _mark_tags(read: PackFile) -> tuple[str, ...]:
    """The tags that rules of a pack ask for, where they are written as they should be."""
    found: list[str] = []
    for value in [{"when": None if isinstance(read.when, UnsetType) else read.when}, *(read.rules or [])]:
        when = value.get("when") if isinstance(value, dict) else None
        for one in when if isinstance(when, list) else [when]:
            tag = one.get("tag") if isinstance(one, dict) else getattr(one, "tag", None)
            found.extend([tag] if isinstance(tag, str) else tag if isinstance(tag, list) else [])
    return tuple(dict.fromkeys(tag for tag in found if isinstance(tag, str)))


def _read_rules(read: PackFile, pack: Pack, file: RuleFile) -> None:
    pack.mark_tags = _mark_tags(read)
    ids: set[str] = set()
    for index, value in enumerate(read.rules or []):
        path: Path = ("rules", index)
        if not isinstance(value, dict):
            file.report("wrong-type", "a rule is a mapping", path, hint="it begins with `- id: …`")
            continue
        before = len(file.diagnostics)
        check_keys(file.node, path, _RULE, file.diagnostics)
        text = file.convert({key: inner for key, inner in value.items() if key in _RULE}, RuleText, path)
        if text is None:
            continue
        if text.id in ids:
            hint = "ids name the notes of a rule: each needs its own"
            file.report("doubled-rule", f"`{text.id}` is the id of a rule above", (*path, "id"), hint=hint)
        ids.add(str(text.id))
        rule = read_rule(pack, file, text, index)
        if rule is not None and len(file.diagnostics) == before:
            pack.rules.append(rule)
