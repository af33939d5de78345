"""The note types as Anki stores them: deckgen's two, frozen from the first release, and those that a `deck.yaml` adds.

Anki takes a note type for another one as soon as a field or a template is added, removed or moved, and then freezes
every note made before (anki: `equal_schema`). So the two built-in ones have all their fields from the start, spares
included, and each field and template has an id of its own: with it a rename is a rename, without it a new schema.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.lazy_regex import lazy_regex


class NoteField(Struct, frozen=True):
    """A field of a note type; `about` is shown in Anki's editor while the field is empty."""

    name: str
    id: int
    about: str = ""
    is_collapsed: bool = False


class Template(Struct, frozen=True):
    """What makes one card of a note: its two sides in Anki's template language."""

    name: str
    id: int
    front: str
    back: str


class NoteType(Struct, frozen=True, dict=True):
    """A note type; `name` is Anki's name for it. The greater `mod` (seconds) wins with its templates and CSS."""

    name: str
    id: int
    fields: tuple[NoteField, ...]
    templates: tuple[Template, ...]
    css: str
    is_cloze: bool
    mod: int

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of its fields, in order."""
        return tuple(f.name for f in self.fields)


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

# Raised by hand, to the day's date, whenever CSS or a template of the built-in note types changes: Anki takes the new
# ones only from a greater `mod`, and with every import that has one what the learner did to them is overwritten.
BUILT_IN_MOD = 1_796_020_000

_QUESTION = '<div class="question" dir="auto">'
_ANSWER = '<div class="answer" dir="auto">'
_CONTEXT = '{{#Context}}<div class="context" dir="auto">{{Context}}</div>{{/Context}}'
_BELOW = (
    '\n{{#Extra}}<div class="extra" dir="auto">{{Extra}}</div>{{/Extra}}'
    '\n{{#Source}}<div class="source" dir="auto">{{Source}}</div>{{/Source}}'
)
# Context alone would make a card of a note without a question: Anki makes one as soon as any field shows.
_FRONT = "{{#Front}}" + _CONTEXT + "\n" + _QUESTION + "{{Front}}</div>{{/Front}}"
_SPEECH = '{{#Speech}}<div class="speech">{{Speech}}</div>{{/Speech}}'
_SPEECH_OF_BACK = '{{#Speech back}}<div class="speech">{{Speech back}}</div>{{/Speech back}}'

_HIDDEN = "kept by deckgen"

BASIC = NoteType(
    name="deckgen Basic",
    id=1_454_406_228_195,
    fields=(
        NoteField("Front", 1_475_850_616_786),
        NoteField("Back", 1_463_986_214_029),
        NoteField("Extra", 1_464_100_599_235, "shown below the answer"),
        NoteField("Context", 1_526_285_123_903, "the headings above, shown small above the question"),
        NoteField("Source", 1_566_773_160_063, "the file, shown small below the answer"),
        NoteField("ID", 1_517_110_881_046, _HIDDEN, is_collapsed=True),
        NoteField("Reverse", 1_429_366_821_344, "anything here makes a second card, from Back to Front", True),
        NoteField("Typed", 1_480_963_307_042, "anything here asks for Back to be typed", True),
        NoteField("Spare 1", 1_498_929_691_463, _HIDDEN, is_collapsed=True),
        NoteField("Speech", 1_505_173_386_952, "what is read aloud of Front", is_collapsed=True),
        NoteField("Speech back", 1_411_940_980_027, "what is read aloud of Back", is_collapsed=True),
        NoteField("Spare 4", 1_572_694_432_036, _HIDDEN, is_collapsed=True),
    ),
    templates=(
        Template(
            "Card 1",
            1_563_735_432_954,
            _FRONT + "{{#Front}}" + _SPEECH + "{{/Front}}\n{{#Typed}}" + _ANSWER + "{{type:Back}}</div>{{/Typed}}",
            "{{^Typed}}{{FrontSide}}{{/Typed}}{{#Typed}}" + _FRONT + "{{/Typed}}\n<hr id=answer>\n"
            "{{^Typed}}" + _ANSWER + "{{Back}}</div>{{/Typed}}"
            "{{#Typed}}" + _ANSWER + "{{type:Back}}</div>{{/Typed}}" + _SPEECH_OF_BACK + _BELOW,
        ),
        Template(
            "Reverse",
            1_523_155_469_884,
            "{{#Reverse}}{{#Back}}"
            + _CONTEXT
            + "\n"
            + _QUESTION
            + "{{Back}}</div>"
            + _SPEECH_OF_BACK
            + "{{/Back}}{{/Reverse}}",
            "{{FrontSide}}\n<hr id=answer>\n" + _ANSWER + "{{Front}}</div>" + _SPEECH + _BELOW,
        ),
    ),
    css=CSS,
    is_cloze=False,
    mod=BUILT_IN_MOD,
)

CLOZE = NoteType(
    name="deckgen Cloze",
    id=1_516_245_278_101,
    fields=(
        NoteField("Text", 1_553_837_581_092),
        NoteField("Back", 1_572_751_522_459, "shown below the text once the card is turned"),
        NoteField("Extra", 1_496_184_400_927, "shown below the answer"),
        NoteField("Context", 1_575_452_368_326, "the headings above, shown small above the question"),
        NoteField("Source", 1_572_069_677_217, "the file, shown small below the answer"),
        NoteField("ID", 1_582_367_099_147, _HIDDEN, is_collapsed=True),
        NoteField("Spare 1", 1_450_695_428_700, _HIDDEN, is_collapsed=True),
        NoteField("Speech", 1_402_730_055_457, "what is read aloud of Text", is_collapsed=True),
        NoteField("Speech back", 1_503_403_346_611, "what is read aloud of Back", is_collapsed=True),
        NoteField("Spare 4", 1_544_238_395_586, _HIDDEN, is_collapsed=True),
        NoteField("Spare 5", 1_526_275_223_605, _HIDDEN, is_collapsed=True),
        NoteField("Spare 6", 1_578_456_635_701, _HIDDEN, is_collapsed=True),
    ),
    templates=(
        Template(
            "Cloze",
            1_439_375_234_659,
            _CONTEXT + "\n" + _QUESTION + "{{cloze:Text}}</div>",
            _CONTEXT
            + "\n"
            + _QUESTION
            + "{{cloze:Text}}</div>"
            + _SPEECH
            + "\n{{#Back}}<hr id=answer>\n"
            + _ANSWER
            + "{{Back}}</div>"
            + _SPEECH_OF_BACK
            + "{{/Back}}"
            + _BELOW,
        ),
    ),
    css=CSS,
    is_cloze=True,
    mod=BUILT_IN_MOD,
)

BUILT_IN: Mapping[str, NoteType] = {"Basic": BASIC, "Reversed": BASIC, "Typed": BASIC, "Cloze": CLOZE}
"""What `note:` in a rule may name, beside the own note types of a deck.yaml."""


def with_css(css: str) -> dict[str, NoteType]:
    """The built-in note types with CSS of a deck.yaml after their own, by their names in Anki."""
    text = f"{CSS}\n/* css of deck.yaml */\n{css.strip()}\n"
    return {note_type.name: replace(note_type, css=text) for note_type in (BASIC, CLOZE)}


_FIRST_ID, _IDS = 1_400_000_000_000, 200_000_000_000  # milliseconds of past years: nothing that Anki will ever give


def permanent_id(key: str) -> int:
    """The id of what has this permanent key, for Anki; below 2^53, so that every JSON reader keeps it."""
    return _FIRST_ID + int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % _IDS


def own_note_type(
    project: str,
    name: str,
    fields: Sequence[str],
    templates: Sequence[tuple[str, str, str]],
    css: str = "",
    is_cloze: bool = False,  # noqa: FBT001 (in the order of deck.yaml)
) -> NoteType:
    """A note type of a deck.yaml; a template is (name, front, back). Without CSS of its own it has deckgen's.

    Its ids come from the project's id and the names, so a field renamed is another field: `check_schema` says so. `mod`
    is where a first build begins; `stamp` sets the right one.
    """
    key = f"own/{project}/{name}"
    identity = permanent_id(key)
    return NoteType(
        name,
        identity,
        tuple(NoteField(field, permanent_id(f"{key}/field/{field}")) for field in fields),
        tuple(Template(t, permanent_id(f"{key}/template/{t}"), front, back) for t, front, back in templates),
        css or CSS,
        is_cloze,
        identity // 1000,
    )


MOST_PARTS = 100
"""Fields, and templates, of a note type of deck.yaml."""
_TAG = lazy_regex(r"\{\{([#^/]?)(.*?)\}\}", re.DOTALL)
_RESERVED = frozenset({"Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag", "FrontSide"})


@lru_cache(maxsize=256)
def _references(template: str) -> tuple[tuple[str, str, str], ...]:
    """(mark, filters, field) of every `{{…}}` of a template; comments are none."""
    if "-->" in template:
        head, _, rest = template.rpartition("-->")
        template = re.sub(r"<!--.*?-->", "", head + "-->", flags=re.DOTALL) + rest
    found = []
    for mark, inside in _TAG.findall(template[: template.rfind("}}") + 2]):  # behind it nothing is closed
        filters, _, field = inside.strip().rpartition(":")
        found.append((mark, filters, field.strip()))
    return tuple(found)


def filled_templates(note_type: NoteType, filled: Iterable[str]) -> tuple[int, ...]:
    """Ordinals of the templates whose front shows one of the `filled` fields: those Anki makes cards of."""
    names = frozenset(filled)
    cards = []
    for ordinal, template in enumerate(note_type.templates):
        hidden = 0  # depth of the conditionals that hide what stands in them
        for mark, _, field in _references(template.front):
            if mark == "/":
                hidden = max(0, hidden - 1)
            elif mark:
                hidden = hidden + 1 if hidden or (field in names) == (mark == "^") else 0
            elif not hidden and field in names:
                cards.append(ordinal)
                break
    return tuple(cards)


def cloze_fields(note_type: NoteType) -> tuple[str, ...]:
    """The fields whose cloze deletions make cards."""
    found = [f for t in note_type.templates for _, filters, f in _references(t.front) if "cloze" in filters.split(":")]
    return tuple(dict.fromkeys(found))


class Problem(Struct, frozen=True):
    """Something wrong in a note type of deck.yaml; `where` is the path below its mapping."""

    where: tuple[str | int, ...]
    message: str
    hint: str = ""


def find_problems(note_type: NoteType) -> list[Problem]:
    """Everything for which Anki would refuse a note type, or show an error or a blank card."""
    problems: list[Problem] = []
    names = note_type.field_names
    if not names:
        problems.append(Problem(("fields",), "a note type needs at least one field"))
    if max(len(names), len(note_type.templates)) > MOST_PARTS:
        return [Problem((), f"a note type of over {MOST_PARTS} fields or templates", "make several note types of it")]
    for position, name in enumerate(names):
        if not name.strip() or re.search(r'[:{}"\x00-\x1f]', name) or name[0] in "#^/ " or name[-1] == " ":
            hint = 'a name without : { } ", that begins with none of # ^ /'
            problems.append(Problem(("fields", position), f"Anki takes no field named `{name}`", hint))
        elif name in _RESERVED:
            problems.append(Problem(("fields", position), f"`{name}` is a name that Anki keeps for itself"))
        elif name.lower() in [n.lower() for n in names[:position]]:
            problems.append(Problem(("fields", position), f"a second field named `{name}`"))
    if not note_type.templates:
        problems.append(Problem(("templates",), "a note type needs at least one template"))
    if note_type.is_cloze and len(note_type.templates) > 1:
        problems.append(Problem(("templates", 1), "a cloze note type has one template"))
    fronts: list[str] = []
    for position, template in enumerate(note_type.templates):
        if template.name in [t.name for t in note_type.templates[:position]]:
            problems.append(Problem(("templates", position, "name"), f"a second template named `{template.name}`"))
        if template.front in fronts:
            problems.append(Problem(("templates", position, "front"), "the same front as another template"))
        fronts.append(template.front)
        for side, text in (("front", template.front), ("back", template.back)):
            where = ("templates", position, side)
            problems.extend(Problem(where, *found) for found in _template_problems(side, text, note_type))
        where = ("templates", position, "front")
        is_reported = any(problem.where == where for problem in problems)
        if not is_reported and not note_type.is_cloze and not _can_show(note_type, position):
            hint = "`{{#Field}}` shows what follows when the field is filled, `{{^Field}}` when it is empty"
            problems.append(Problem(where, "the front is blank whatever the fields hold", hint))
    return problems


def _can_show(note_type: NoteType, ordinal: int) -> bool:
    """Whether there are fields to fill so that the template's front shows one of them."""
    names = set(note_type.field_names)
    tried = [names, *(names - {name} for name in names), *({name} for name in names)]
    return any(ordinal in filled_templates(note_type, filled) for filled in tried)


def _template_problems(side: str, text: str, note_type: NoteType) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    known = ", ".join(note_type.field_names)
    opened: list[str] = []
    shows = clozes = False
    for mark, filters, field in _references(text):
        is_cloze_filter = "cloze" in filters.split(":")
        if mark == "/":
            if not opened or opened.pop() != field:
                found.append((f"`{{{{/{field}}}}}` closes what was not opened last", ""))
            continue
        if mark:
            opened.append(field)
        if field not in note_type.field_names:
            if field not in _RESERVED and not (mark and re.fullmatch(r"c\d+", field) and note_type.is_cloze):
                found.append((f"no field is named `{field}`", f"the fields are: {known}"))
            continue
        shows = shows or not mark
        clozes = clozes or is_cloze_filter
        if is_cloze_filter and not note_type.is_cloze:
            found.append((f"`cloze:{field}` in a note type that is no cloze", "`cloze: true` makes it one"))
    if opened:
        found.append((f"`{{{{#{opened[-1]}}}}}` is never closed", f"`{{{{/{opened[-1]}}}}}`"))
    if side == "front" and note_type.is_cloze and not clozes:
        found.append(("the front of a cloze shows no deletions", "`{{cloze:…}}` with the field that has them"))
    elif side == "front" and not shows:
        found.append(("the front shows no field", f"`{{{{…}}}}` with one of: {known}"))
    return found
