"""What a sentence is about: the capture with which it begins, as the rules of a pack read it.

"百灵杯是…的赛事。从2012年开始办了四届。": of the second sentence the first one knows the subject. It counts only right
before, and only when a rule of the same pack makes a note of that sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from deckgen.extraction.elements.element import Element
from deckgen.patterns.passage import Passage
from deckgen.rules.rule import Rule

Values = Mapping[str, Passage | None]
Try = Callable[["Subjects", Rule, Element], Sequence[Values]]
"""Tries a rule on a sentence: of each note that it makes, the captures and what was carried."""


class Subjects:
    """Of the sentences of one document, each asked once."""

    def __init__(self, rules: Mapping[str, Sequence[Rule]], try_rule: Try) -> None:
        self._rules = rules  # on sentences, of each pack
        self._try = try_rule
        self.matched: set[str] = set()  # the rules that matched anywhere: what their templates say matters
        self._known: dict[tuple[Element, str, str], Passage | None] = {}

    def carried(self, element: Element, rule: Rule, name: str) -> Passage | None:
        """The `name` with which the sentence right before began; of a later clause, its own sentence."""
        sentence = element.sentence
        if sentence is not None and (element.line, element.column) == (sentence.line, sentence.column):
            sentence = sentence.previous
        elif element.kind == "sentence":
            sentence = element.previous
        return None if sentence is None else self._begun(sentence, rule.pack, name)

    def of_clause(self, clause: Element, rule: Rule) -> Passage | None:
        """The subject of the sentence that a clause stands in, whatever the capture is called."""
        sentence = clause.sentence
        found = self._begun(sentence, rule.pack, "") if sentence is not None else None
        text = clause.value("text")
        if found is None or text is None:
            return None
        is_inside = found.text is text.text and text.start <= found.start < text.end
        return Passage(found.text, found.start, found.end, is_outside=not is_inside)

    def _begun(self, sentence: Element, pack: str, name: str) -> Passage | None:
        key = (sentence, pack, name)
        if key not in self._known:
            self._known[key] = None  # while it is looked for
            self._known[key] = next(
                (
                    found
                    for rule in self._rules.get(pack, ())
                    if not name or name in rule.captured
                    for values in self._try(self, rule, sentence)
                    if (found := _subject(rule, sentence, values, name)) is not None
                ),
                None,
            )
        return self._known[key]


def _subject(rule: Rule, sentence: Element, values: Values, name: str) -> Passage | None:
    """The capture of this name, or any asked about, with which the sentence begins or which it carried."""
    text = sentence.value("text")
    if text is None:
        return None
    folded_text = text.folded_text
    start = folded_text.first_word(rule.skip)
    if start >= len(folded_text):
        return None
    first = text.start + folded_text.plain_range(start, start + 1)[0]
    for each in [name] if name else rule.key:
        found = values.get(each)
        if found and (each in rule.carry or (found.text is text.text and found.start == first)):
            return Passage(found.text, found.start, found.end, is_outside=True)
    return None
