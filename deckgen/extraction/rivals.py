"""All drafts of a project → fronts that tell them apart: what one file's notes owe to other files.

Two things about a note are known only from the whole project. A label that stands below different owners tells a side
of each of them, so that it is asked with its owner. And no two notes of one deck may have one front and different
answers: the nearest heading that differs becomes part of the front; where nothing differs, the later note is held back.

The outcome for a draft depends on its own sign, on the drafts with its label and on those with its front: on nothing
else, so that an index of signs answers it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import PurePosixPath

from msgspec.structs import replace

from deckgen.extraction.owner_names import asks, shown_name, without_number
from deckgen.extraction.rival_values import AS_IT_IS, Outcome, Outcomes, Sign, Signs
from deckgen.extraction.widths import WIDE
from deckgen.identity.normal_form import normalise
from deckgen.markdown.escaping import escaped
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft, Markdown

LONGEST_CONTEXT = 48
"""Characters of a heading or parent that may become part of a front: whole sentences do not."""
_FEWEST_OF_NAME = 3
"""Characters of an owner that no other word begins with: 水 is not named in 水平."""
ASKING = ("Basic", "Reversed", "Typed")
"""Note types whose first field asks."""
_ATTRIBUTES = lazy_regex(r"(?<!\s)\s*(?:\{[#.:][^{}]*\}|\^[\w-]+)\s*$")
_PLACE = lazy_regex(
    r"\W*(?:lecture|lec|lesson|week|day|session|class|chapter|ch|unit|module|part|topic)s?\.? ?\d[\d\s./:,-]*",
    re.IGNORECASE,
)
_NO_LETTERS = lazy_regex(r"[\W_]+")


def sign_of(draft: Draft) -> Sign | None:
    """The sign of a draft; None for one that asks in another way (cloze, own note types)."""
    if draft.note_type not in ASKING or not draft.fields:
        return None
    asked = tuple([_hash(draft.deck, bare(front)) for front in _fronts(draft)])
    said = _hash("", bare(draft.fields[1][1]) if len(draft.fields) > 1 else "")
    if not draft.role_key:
        return Sign(asked, said, 0, 0, draft.apart)
    return Sign(asked, said, _hash("label", bare(draft.key[-1])), _hash("owner", bare(draft.owner)), draft.apart)


def decide(sources: Signs) -> Outcomes:
    """What becomes of the drafts of a project."""
    places = [
        (path, ordinal, sign) for path, signs in sources for ordinal, sign in enumerate(signs) if sign is not None
    ]
    owners: dict[int, set[int]] = defaultdict(set)
    for _, _, sign in places:
        if sign.label:
            owners[sign.label].add(sign.owner)
    by_front: dict[int, list[int]] = defaultdict(list)
    found: dict[str, dict[int, Outcome]] = defaultdict(dict)
    for index, (path, ordinal, sign) in enumerate(places):
        is_role = bool(sign.label) and len(owners[sign.label]) > 1
        by_front[sign.asked[is_role]].append(index)
        if is_role:
            found[path][ordinal] = Outcome(is_role=True)
    for front, several in by_front.items():
        if len(several) == 1:
            continue
        asking = _Asking(front, [(index, places[index][2]) for index in several])
        for index in several if asking.have_rivals else ():
            path, ordinal, sign = places[index]
            if not sign.is_apart:
                continue
            before = found[path].get(ordinal, AS_IT_IS)
            if level := asking.level_of(sign):
                found[path][ordinal] = before._replace(level=level)
            elif (stronger := asking.stronger(index, sign)) is not None:
                found[path][ordinal] = before._replace(held_for=places[stronger][:2])
    return {path: outcomes for path, outcomes in found.items() if outcomes}


def decide_without(sources: Signs, left_out: Mapping[str, Collection[int]]) -> Outcomes:
    """The same where some drafts count for themselves alone: for the others they are not there."""
    decided = decide(sources)
    if not any(left_out.values()):
        return decided
    others = [
        (path, [None if place in left_out.get(path, ()) else sign for place, sign in enumerate(signs)])
        for path, signs in sources
    ]
    found: dict[str, dict[int, Outcome]] = {path: dict(own) for path, own in decide(others).items()}
    for path, places in left_out.items():
        for place in places:
            if (outcome := decided.get(path, {}).get(place)) is not None:
                found.setdefault(path, {})[place] = outcome
    return found


class _Asking:
    """Drafts of one front, in order: what tells one of them from its rivals, which are those of another answer."""

    def __init__(self, front: int, signs: Sequence[tuple[int, Sign]]) -> None:
        self.front = front
        self.have_rivals = len({sign.said for _, sign in signs}) > 1
        self._asked: Counter[int] = Counter()  # how many ask by each front
        self._asked_with: Counter[tuple[int, int]] = Counter()  # and of those with one answer
        self._first: dict[int, int] = {}  # of each answer, where it stands first
        self._first_fixed: dict[int, int] = {}  # the same of those whose fronts stay
        for index, sign in signs if self.have_rivals else ():
            fronts = set(sign.asked)
            self._asked.update(fronts)
            self._asked_with.update((asked, sign.said) for asked in fronts)
            self._first.setdefault(sign.said, index)
            if not sign.is_apart:
                self._first_fixed.setdefault(sign.said, index)

    def level_of(self, sign: Sign) -> int:
        """Which of its wider fronts tells a draft from all its rivals; 0 for none."""
        for level in range(2, len(sign.asked)):
            asked = sign.asked[level]
            if asked != self.front and self._asked[asked] == self._asked_with[asked, sign.said]:
                return level
        return 0

    def stronger(self, index: int, sign: Sign) -> int | None:
        """The first rival that stands before a draft, or whose front stays."""
        first = _first_other(self._first, sign.said)
        return first if first is not None and first < index else _first_other(self._first_fixed, sign.said)


def _first_other(first: Mapping[int, int], said: int) -> int | None:
    """Of the places of some answers, in order, the first of another one."""
    return next((place for other, place in first.items() if other != said), None)


def applied(draft: Draft, outcome: Outcome) -> Draft | None:
    """A draft as it is asked; None where it is held back."""
    if outcome.held_for is not None:
        return None
    if outcome.is_role:
        former = (
            (draft.identity, draft.key),
            *(one for one in draft.former if one != (draft.identity, draft.role_key)),
        )
        changed = replace(draft, key=draft.role_key, question="\n".join(draft.role_key), former=former)
    else:
        changed = draft
    level = outcome.level or int(outcome.is_role)
    if not level:
        return changed
    front = _fronts(draft)[level]
    return replace(changed, fields=((draft.fields[0][0], front), *draft.fields[1:]))


def resolve_rivals(drafts: Sequence[tuple[Draft, Sign | None]], left_out: Collection[int] = ()) -> list[Draft | None]:
    """The drafts of a whole project as they are asked, in order; None for those that are held back. `drafts`: each with
    its sign. `left_out`: the places of those that are not there for the others.
    """
    outcomes = decide_without([("", [sign for _, sign in drafts])], {"": left_out}).get("", {})
    return [applied(draft, outcomes.get(index, AS_IT_IS)) for index, (draft, _) in enumerate(drafts)]


def _fronts(draft: Draft) -> list[Markdown]:
    """The front, the front as a role (or the same again), and those with a context."""
    front, owner = draft.fields[0][1], shown_name(draft.owner)
    fronts = [front, joined(owner, front) if draft.role_key and not _begins_with(front, owner) else front]
    contexts = [owner] if owner and not draft.role_key else []
    headings = [heading for heading in draft.origin.shown_names if not asks(heading)]
    names = [_ATTRIBUTES.sub("", heading) for heading in reversed(headings)]
    places = [name for name in names if _PLACE.fullmatch(name)]  # a lecture tells least
    named_by = [escaped(shown_name(name)) for name in names if name not in places]
    contexts = [next((name for name in named_by if _goes_on(name, one)), one) for one in contexts]
    contexts.extend(without_number(name) for name in named_by)
    contexts.extend(named_by)
    contexts.append(escaped(PurePosixPath(draft.origin.span.path).stem))
    contexts.extend(map(escaped, places))
    shown = bare(front)
    for context in dict.fromkeys(contexts):
        named = bare(context)
        if named and named not in shown and len(context) <= LONGEST_CONTEXT:
            fronts.append(joined(context, front))
    return fronts


def _goes_on(heading: str, owner: str) -> bool:
    """Whether a heading names an owner and goes on behind a colon: what stands below is of all of it."""
    return heading.startswith((f"{owner}：", f"{owner}:"))


def _begins_with(front: Markdown, owner: str) -> bool:
    """Whether a front names what it is about, so that it need not be named again."""
    if front.startswith((f"{owner}：", f"{owner}: ")):
        return True
    return len(bare(owner)) >= _FEWEST_OF_NAME and bare(front).startswith(bare(owner))


def joined(context: str, front: str) -> Markdown:
    """A front with what it is about before it."""
    is_wide = bool(WIDE.search(context[-1:]) or WIDE.match(front.lstrip("*_`")[:1]))
    return Markdown(f"{context}：{front}" if is_wide else f"{context}: {front}")


@lru_cache(maxsize=512)
def bare(markdown: str) -> str:
    """Letters and digits of the normal form alone; all of it where there are none."""
    normal = normalise(markdown)
    return _NO_LETTERS.sub("", normal).casefold() or normal


def _hash(deck: str, text: str) -> int:
    if not text:
        return 0
    return (
        int.from_bytes(blake2b(f"{deck}\n{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1
    )
