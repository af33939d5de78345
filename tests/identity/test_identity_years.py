"""Years of edits of English notes whose truth is known, among siblings that take each other's place."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass, replace

from identity_factories import Project, fact

from deckgen.model import Draft

YEARS = int(os.environ.get("IDENTITY_EXAMPLES", "1")) * 3

TERMS = """
ion channel; voltage clamp; action potential; membrane potential; hair cell; blood vessel; carrier protein; gap junction;
load balancer; message queue; service mesh; feature flag; circuit breaker; container image; key store; access token;
interest rate; bond market; supply curve; exchange rate; trade deficit; price index; credit score; income tax;
sonnet form; stage direction; blank verse; treaty clause; peace congress; border dispute; trade route; grain harvest
""".replace("\n", " ").split(";")
SIBLINGS = (
    """
epsp/ipsp; HTTP/HTTPS; flippase/floppase; nitrate/nitrite; positive lookbehind/negative lookbehind; Q_1/Q_2; left ventricle/
right ventricle; DLSS 3/DLSS 3.5; Jaeger/Zipkin; caller/callee; upper bound/lower bound; mitosis/meiosis; afferent/efferent;
adduction/abduction; hypertonic/hypotonic; client hello/server hello; symmetric key/asymmetric key; GAN/conditional GAN
""".replace("\n", " ")
    .replace("/ ", "/")
    .split(";")
)
WAYS = ["moves", "carries", "stores", "measures", "limits", "opens", "joins", "splits", "guards", "records"]
THINGS = [
    "charge",
    "requests",
    "salt",
    "copies",
    "debts",
    "verses",
    "grain",
    "signals",
    "deeds",
    "heat",
    "tokens",
    "walls",
]


@dataclass(frozen=True)
class Told:
    """A fact as it is told now."""

    term: str
    answer: str
    rule: str = "facts/kind"
    heading: str = "Notes"
    icon: str = ""
    article: str = ""

    @property
    def draft(self) -> Draft:
        question = f"{self.icon}{self.article}{self.term}"
        return fact(question, self.answer, rule=self.rule, headings=(self.heading,))


def test_years_of_english_edits() -> None:
    kept: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for seed in range(YEARS):
        _year(random.Random(seed), kept, total)
    print({what: f"{kept[what]} of {total[what]}" for what in sorted(total)})
    assert sum(total.values()) > 300 * YEARS
    assert sum(kept.values()) >= 0.9 * sum(total.values()), (kept, total)


def _year(chosen: random.Random, kept: Counter[str], total: Counter[str]) -> None:
    """Each round edits some facts and puts some siblings in each other's place; no GUID ever stands for two of them."""
    facts: dict[str, Told] = {}
    for term in map(str.strip, TERMS):
        facts[term] = Told(term, _answer(chosen, term))
    waiting: dict[str, Told] = {}
    for pair in map(str.strip, SIBLINGS):
        one, other = pair.split("/")
        facts[one], waiting[other] = Told(one, _answer(chosen, one)), Told(other, _answer(chosen, other))
    siblings = {
        one: other for pair in map(str.strip, SIBLINGS) for one, other in [pair.split("/"), pair.split("/")[::-1]]
    }
    project = Project()
    stood_for: dict[str, str] = {}
    before: dict[str, str] = {}
    done: dict[str, str] = {}
    for _ in range(24):
        truths = list(facts)
        guids = dict(zip(truths, project.guids(*(facts[truth].draft for truth in truths)), strict=True))
        for truth, guid in guids.items():
            assert stood_for.setdefault(guid, truth) == truth, (stood_for[guid], facts[truth])
        for truth in before.keys() & guids.keys():
            total[done.get(truth, "untouched")] += 1
            kept[done.get(truth, "untouched")] += before[truth] == guids[truth]
        before, done = guids, {}
        for truth in chosen.sample(truths, 8):
            what, facts[truth] = _edited(chosen, facts[truth])
            done[truth] = what
        for truth in chosen.sample([one for one in facts if one in siblings], 3):
            other = siblings[truth]
            if other in waiting:
                gone = facts.pop(truth)
                waiting[truth] = gone
                facts[other] = replace(waiting.pop(other), heading=gone.heading, rule=gone.rule)


def _answer(chosen: random.Random, term: str) -> str:
    first, second, third = chosen.sample(THINGS, 3)
    return f"what {chosen.choice(WAYS)} {first} and {chosen.choice(WAYS)} {second} where {term[:3]} {third} meet"


def _edited(chosen: random.Random, told: Told) -> tuple[str, Told]:
    what = chosen.choice(["case", "icon", "article", "plural", "rule", "heading", "answer", "more said", "slip"])
    term = told.term
    if what == "case" and len(term) > 4 and term.islower():
        return what, replace(told, term=term.capitalize())
    if what == "case" and term[1:].islower() and len(term) > 4:
        return what, replace(told, term=term.lower())
    if what == "icon":
        return what, replace(told, icon="" if told.icon else "⭐ ")
    if what == "article" and term.islower():
        return what, replace(told, article="" if told.article else "the ")
    if what == "plural" and term.islower() and " " in term:
        return what, replace(told, term=term[:-1] if term.endswith("s") else term + "s")
    if what == "rule":
        return what, replace(told, rule="structure/term" if told.rule == "facts/kind" else "facts/kind")
    if what == "heading":
        return what, replace(told, heading=chosen.choice(["Notes", "More notes", "Terms"]))
    if what == "answer":
        return what, replace(told, answer=told.answer.replace(" and ", " and often ", 1))
    if what == "slip":
        return what, replace(
            told, answer=told.answer.replace("where", "wehre") if "where" in told.answer else told.answer
        )
    return "more said", replace(told, answer=f"{told.answer}; see {chosen.randrange(99)}")
