"""English cards: what a label needs to ask, which answer stands below it, and which of them are only suggestions."""

from __future__ import annotations

import pytest

from deckgen.extraction.english_fact_signals import facts_signals_of, sentence_signals_of
from deckgen.extraction.english_question_signals import question_signals_of
from deckgen.extraction.entries.english_sides import has_value, is_bare_name, is_name_to_name
from deckgen.extraction.extract import extract
from deckgen.extraction.given_away import gives_away
from deckgen.extraction.owner_names import shown_name
from deckgen.extraction.rivals import resolve_rivals, sign_of
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.patterns.english_articles import with_article
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

RULES, PROBLEMS = load_rules([pack for name in ("structure", "en/facts") if (pack := read_shipped(name)) is not None])
assert not PROBLEMS


def drafts_of(text: str, *, confidence: str = "likely") -> list[Draft]:
    document, _ = read_document(Source("notes/a.md", text))
    found = extract([document], RULES, Settings("Deck")).found
    return [draft for draft in found if draft.confidence == confidence or confidence == "any"]


def cards(text: str) -> list[tuple[str, str]]:
    return [(draft.fields[0][1], draft.fields[1][1]) for draft in drafts_of(text)]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Publication date", "1851"),
        ("Largest port", "Valparaíso".replace("í", "i")),
        ("Length", "~40 km"),
        ("Two wrecks", "a brig"),
    ],
)
def test_a_value_is_asked_with_its_owner(label: str, said: str) -> None:
    assert has_value(label, said)


@pytest.mark.parametrize(
    ("label", "said"),
    [("Groyne", "a wall"), ("Largest port", "a harbour for ships"), ("Lisbon", "1755"), ("Tide table", "times")],
)
def test_what_asks_by_itself(label: str, said: str) -> None:
    assert not has_value(label, said)


def test_a_name_behind_a_name() -> None:
    assert is_bare_name("Ferdinand Magellan")
    assert not is_bare_name("Basalt")
    assert is_name_to_name("Cebu", "Rajah Humabon")
    assert not is_name_to_name("Captain of the Trinidad", "Rajah Humabon")


def test_the_first_item_answers_and_the_others_stand_beside() -> None:
    text = "## Groyne\n\n- A low wall that runs into the sea\n- Sand piles up on one side\n- Worms eat those of wood\n"
    (draft,) = drafts_of(text)
    assert [value for _, value in draft.fields[:3]] == [
        "Groyne",
        "A low wall that runs into the sea",
        "- Sand piles up on one side\n- Worms eat those of wood",
    ]


def test_a_long_answer_is_its_first_sentence() -> None:
    rest = "Pilots of the port must know it by heart. " * 4
    text = f"- **Slack water**: the short time without a current between the tides. {rest}\n- **Fetch**: open water\n"
    front, back = cards(text)[0]
    assert (front, back) == ("**Slack water**", "the short time without a current between the tides.")


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Pilots respond to signals", "at once"),
        ("Dues", "derived from the draught of the ship"),
        ("Cebu", "Rajah Humabon"),
    ],
)
def test_what_is_only_suggested(label: str, said: str) -> None:
    found = drafts_of(f"# Voyages\n\n- {label}: {said}\n- Pier: a wall\n", confidence="any")
    levels = {draft.fields[1][1]: draft.confidence for draft in found}
    assert (levels[said], levels["a wall"]) == ("maybe", "likely")


@pytest.mark.parametrize(
    "question", ["What keeps a breakwater in its place when the swell is high?", "防波堤靠什么立在大浪里？"]
)
def test_a_long_list_below_a_heading_that_asks_is_a_card(question: str) -> None:
    items = "".join(f"{n}. stone {n}, brought from the quarry by night\n" for n in range(1, 6))
    (draft,) = drafts_of(f"# Works\n\n## {question}\n\nThese stand in its way:\n\n{items}", confidence="any")
    assert dict(draft.confidence_terms)["a heading asks it"] == 1
    assert draft.confidence == "likely"


@pytest.mark.parametrize(
    ("rule", "front", "answer"),
    [
        ("kinds", "What were rulers?", "men with ships"),
        ("kinds", "What are pilots?", "paid by the port for each ship"),
        ("does", "What does signal light?", "serve to warn ships"),
        ("nickname", "What is another name for laws?", "the Rolls"),
        ("equals", "What does dimensions of a hull equal?", "its volume"),
        ("causes", "What does check all the ropes cause?", "of the ship"),
        ("maker", "Who proposed a breakwater?", "The"),
        ("kind", "What is a buoy?", "something that needs to be moored"),
        ("mass", "What is tying knots?", "second nature to me"),
        ("when", "What happens when the wind turns?", "the crew is exposed to two dangers"),
        ("if-so", "What follows if the gauge fails?", "it is read by hand"),
        ("they-are", "What are the dangers of a bar?", "notoriously hard to chart and changing"),
        ("relation", "What are voyages associated with?", "costs"),
        ("quantity", "What is the normal range?", "2 to 4 m"),
        ("kind", "What is a hawser?", "a thick rope of"),
        ("relation", "What were the first pilots' books written in?", "the late 15th century"),
        ("kind", "What were the 1840s?", "a bad decade for whalers"),
        ("defined", "What is the draught of a ship?", "$d$"),
        ("does", "What does a pilot know?", "the bar and is paid for it"),
        ("does", "What does the crane lift?", "a box and lowers it onto the quay"),
        ("does", "What does the tug change?", "the berth of a ship and remoors it at the mole"),
        ("does", "What does harbour lights mark?", "the way into the port"),
        ("kind", "What was Goa?", "a sore point for the crown as it was the last port that it held"),
        ("why-is", "Why are most wrecks most likely?", "fog and currents"),
        ("is-for", "What are tide gauge for?", "the pilots"),
        ("cause", "What do low GDP cause?", "a fleet that is laid up"),
        ("serves-as", "What does moored hulks act as?", "stores for coal"),
        ("does", "What does dredging the bar deepen?", "it by deepening the channel"),
        ("kind", "What is Prester?", "a priest of whom every captain had heard"),
        ("kind", "What was Malacca?", "the place where the monsoons met"),
        ("kinds", "What are keels?", "the backbone of every hull"),
        ("kind", "What is salvage?", "the most hated trade of the coast"),
        ("kind", "What is $K$?", "a set of ports"),
        ("nickname", "What is another name for $K$?", "the hull number"),
        ("formula", "What is the formula for the drag?", "$D(v)$"),
        ("formula", "What is the formula for the depth of the bar?", "$3.5$"),
        ("kind", "What is a fog signal?", "a horn that is blown.\nships answer it"),
    ],
)
def test_questions_that_do_not_fit(rule: str, front: str, answer: str) -> None:
    assert sum(worth for _, worth in facts_signals_of(rule, front, answer)) <= -2


@pytest.mark.parametrize(
    ("rule", "front", "answer"),
    [
        ("kinds", "What were the consuls?", "the two magistrates who led Rome"),
        ("kinds", "What are pilots?", "seamen who know the waters of a port"),
        ("does", "What does a beacon mark?", "the end of a reef"),
        ("value", "What is the capital of Peru?", "Lima"),
        ("kind", "What is a lease?", "a contract that is in force as long as it is paid for"),
        ("does", "What does a survey record?", "the depth of the bar and shoals near it"),
        ("kind", "What is hydraulics?", "the study of water in motion"),
        ("use", "What are tide gauges used for?", "to predict the next tide"),
        ("kinds", "What are people of the sea?", "those who live on boats"),
        ("kind", "What is $n$?", "the number of ports"),
        ("formula", "What is the formula for the drag?", "$\\frac12 \\rho v^2 C A$"),
        ("kind", "What is a pilot?", "a seaman who knows the waters of a port"),
    ],
)
def test_questions_that_fit(rule: str, front: str, answer: str) -> None:
    assert not list(facts_signals_of(rule, front, answer))


def test_what_stands_around_a_sentence() -> None:
    rule, front = "causes", "What does the current cause?"
    lines = "The current causes drift\nShips lose their way\n"
    assert dict(sentence_signals_of(rule, front, "drift\nShips lose their way", lines, has_heading=True)) == {
        "lines of their own stand in the answer": -3
    }
    wrapped = "The current causes drift, of which\nthe pilots of a port must know\n"
    assert not list(
        sentence_signals_of(rule, front, "drift, of which\nthe pilots of a port must know", wrapped, has_heading=True)
    )
    source = "The current causes drift, as well as fog."
    assert dict(sentence_signals_of(rule, front, "drift", source, has_heading=True)) == {
        "the sentence goes on with “as well as”": -2
    }
    source = "The current causes drift."
    assert dict(sentence_signals_of(rule, front, "drift", source, has_heading=False)) == {
        "nothing says which one is meant": -2
    }
    assert not dict(sentence_signals_of(rule, front, "drift", source, has_heading=True))
    front, source = "What is a pier?", "A pier is a wall to which ships tie up, but not one that breaks the swell."
    assert dict(sentence_signals_of("kind", front, "a wall to which ships tie up", source, has_heading=True)) == {
        "the sentence goes on with “but not”": -2
    }
    front, source = "What does haven mean?", "Haven means shelter, or rest, which ships find behind a mole."
    assert dict(sentence_signals_of("meaning", front, "shelter, or rest", source, has_heading=True)) == {
        "the sentence says more closely what is meant": -2
    }
    front, source = "What is remark a pier?", "Remark\na pier is a wall."
    assert dict(sentence_signals_of("kind", front, "a wall", source, has_heading=True)) == {
        "a line of its own stands in its subject": -3
    }
    front, source = "What is a pier that ends in deep water?", "A pier that ends\nin deep water is a jetty."
    assert not dict(sentence_signals_of("kind", front, "a jetty", source, has_heading=True))


@pytest.mark.parametrize(
    "text",
    [
        "# Wrecks\n\n## What lay in the hold of the wreck?\n\n#ToDo\n",
        "# Wrecks\n\n- Circles: wrecks of wood; squares: wrecks of iron.\n",
        "# Wrecks\n\n- Influence of the tides: shown in the charts below\n",
        "# Wrecks\n\n**Understanding wrecks**\n\n> Divers search the bar for wrecks in spring.\n",
        "# Dues of harbours\n\n## Pilotage in the tariff\n\nThe guiding of ships is also called pilotage.\n",
        "# 5 Duties of pilots\n\n- to know the bar\n- to keep the log\n- to warn ships\n",
        "# Wrecks\n\n| Term | Chinese |\n| --- | --- |\n| Bow | the front |\n| Stern | the back |\n| Keel | the spine |\n",
    ],
)
def test_what_answers_nothing_is_only_suggested(text: str) -> None:
    assert drafts_of(text, confidence="maybe")
    assert not cards(text)


def test_a_table_whose_row_is_called_definition_tells_the_sides_of_its_columns() -> None:
    header = "| Concept | Spring tide | Neap tide |\n| --- | --- | --- |\n"
    rows = "| Definition | a tide of great range | a tide of small range |\n| Visibility | clear | murky water |\n"
    text = f"# Tides\n\n{header}{rows}| Moon | new or full | a half |\n"
    fronts = {draft.fields[0][1] for draft in drafts_of(text, confidence="any")}
    assert "Spring tide: Visibility?" in fronts
    assert "Visibility: Spring tide?" not in fronts


def test_the_number_that_a_question_is_counted_by_is_not_shown() -> None:
    text = "# Ports\n\n## [15] What do pilots read before they bring a ship in?\n\nThe gauge at the bar.\n"
    (draft,) = drafts_of(text, confidence="any")
    assert draft.fields[0][1] == "What do pilots read before they bring a ship in?"
    assert draft.key == ("[15] What do pilots read before they bring a ship in?",)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("the depth at the bar", "3 m at low water"),
        ("safe draught, eg", "2 m at the quay"),
        ("% Pilot", "a seaman who knows the port"),
        ("Goal of the course", "to read any chart"),
        ("Hypo 3", "A ship runs aground on a bar that no chart shows."),
        ("Neap tide", "Same as before but weaker"),
        ("**Neap tide**", "Another tide that comes twice a month"),
        ("Ebb", "That is when I went out!"),
        ("strong wind over open water", "high waves"),
    ],
)
def test_labels_that_are_no_names(label: str, said: str) -> None:
    text = f"# Tides\n\n- {label}: {said}\n- **Groyne**: a wall that runs into the sea\n"
    backs = [back for _, back in cards(text)]
    assert "a wall that runs into the sea" in backs
    assert said not in backs


@pytest.mark.parametrize("heading", ["Oct. 15, 2024", "2024-10-15", "15 October", "10/15/24"])
def test_a_day_says_not_what_something_belongs_to(heading: str) -> None:
    text = f"# {heading}\n\n- Light: stands for truth\n"
    assert not cards(text)
    assert len(drafts_of(text, confidence="maybe")) == 1
    assert len(cards(text.replace(heading, f"{heading} - The Lighthouse"))) == 1


@pytest.mark.parametrize(
    ("phrase", "prose", "expected"),
    [
        ("origin of the tides", "", "the origin of the tides"),
        ("types of anchor", "", "the types of anchor"),
        ("works of art", "", "works of art"),
        ("lack of wind", "", "lack of wind"),
        ("raising of sails", "", "raising of sails"),
        ("central pier", "All ships lay at the central pier.", "the central pier"),
        (
            "central pier",
            "A central pier is rare, the central pier of Brest is one, central pier or not.",
            "central pier",
        ),
        ("pier light", "A pier light burns on each mole, where a pier light is asked for.", "a pier light"),
        ("gauge", "The pilot reads the gauge. All depths of the gauge are in metres, as on any gauge.", "the gauge"),
        ("causation", "the causation of drift", "causation"),
        ("tide gauge needle", "", "a tide gauge needle"),
        ("island", "", "an island"),
        ("uniform signal lamp", "", "a uniform signal lamp"),
        ("European pilot", "", "European pilot"),
        ("salvage", "", "salvage"),
        ("islands", "", "islands"),
        ("hippocampus", "", "the hippocampus"),
        ("measured depth of harbour", "", "the measured depth of a harbour"),
        ("Navigation Act", "", "the Navigation Act"),
        ("**Third Amendment**", "", "the **Third Amendment**"),
        ("Boyle's Law", "", "Boyle's Law"),
        ("Wave Pressure", "", "Wave Pressure"),
    ],
)
def test_articles_that_notes_leave_out(phrase: str, prose: str, expected: str) -> None:
    assert with_article(phrase, lambda: prose) == expected


def test_a_question_about_a_word_has_no_article() -> None:
    assert with_article("island", lambda: "", is_word=True) == "island"
    front, _ = cards("# Coast\n\nThe word island refers to land that water surrounds on all sides.\n")[0]
    assert front == "What does island mean?"


@pytest.mark.parametrize(
    ("front", "answer", "expected"),
    [
        ("Pilotage of ships: What is a pilot needed for?", "the pilotage of a ship", True),
        ("What is the term for a set of all the soundings of a bar?", "**sounding set**", True),
        ("Who founded the RN?", "the Royal Navy", True),
        ("Anchor", "describes an anchor", True),
        ("What is the term for the study of tides?", "tidology", False),
        ("What is a bar made of?", "sand", False),
        ("What is the formula of a wave?", "$y = \\sin x$", False),
    ],
)
def test_what_gives_the_answer_away(front: str, answer: str, expected: bool) -> None:
    assert gives_away(front, answer) is expected


def test_an_owner_is_shown_without_its_emoji_and_number() -> None:
    text = "# Port\n\n## 🔸 3. Shoals of the bar\n\n- Causes: sand, surf and fog\n"
    fronts = [draft.fields[0][1] for draft in drafts_of(text, confidence="any")]
    assert fronts == ["Shoals of the bar: Causes"]
    assert shown_name("🔹 4. **Pilots**") == "**Pilots**"
    assert shown_name("4. Pilots") == "4. Pilots"
    assert shown_name("☀") == "☀"


def test_a_heading_that_asks_tells_no_fronts_apart() -> None:
    notes = (
        "# Ports\n\n## Bulk\n\n### Who pays?\n\n- **Demurrage**: a fee for each day\n\n## Liners\n\n### Who pays?\n\n"
    )
    notes += "- **Demurrage**: a fee for each box\n"
    signed = [(draft, sign_of(draft)) for draft in drafts_of(notes, confidence="any")]
    drafts = [draft for draft in resolve_rivals(signed) if draft is not None]
    fronts = [draft.fields[0][1] for draft in drafts if "Demurrage" in draft.fields[0][1]]
    assert fronts == ["Bulk: **Demurrage**", "Liners: **Demurrage**"]


def test_a_note_that_is_mostly_doubtful_makes_fewer_cards() -> None:
    places = ("bar", "quay", "mole", "lock", "ford", "weir", "pier")
    doubtful = "".join(f"- the depth at the {place}: a few metres of water\n" for place in places)
    term = "- Fetch: open water that the wind blows over\n- **Groyne**: a wall that runs into the sea\n"
    sentence = "\nA berm is a terrace of sand that storms build on a beach.\n"
    text = f"# Beach\n\n{term}{sentence}"
    assert {"Fetch", "**Groyne**", "What is a berm?"} <= {front for front, _ in cards(text)}
    fronts = {front for front, _ in cards(f"{text}\n## Log\n\n{doubtful}")}
    assert "Fetch" not in fronts
    assert {"**Groyne**", "What is a berm?"} <= fronts


@pytest.mark.parametrize(
    "text",
    [
        "# Fog\n\n- **Common trap**: fog is told from mist by how far one sees, not by what it is made of\n",
        "# Fog\n\n- Context: the ship left Hull with coal. The pilot was drunk.\n",
        "# Fog\n\n- Film of the bank: [Fog off Newfoundland](https://example.org/fog)\n",
        "# Fog\n\n## Difference between the two banks\n\n- **Grand Bank**: cold water lies below\n",
        "# Two forms of fog\n\n- Importance: ships stop for it, and ring their bells\n",
        "# Proof\n\n_1st step_:\n\n- P3.\n",
        "# Film\n\n## What did the narrator say about fog?\n\nThat it comes from the sea.\n",
    ],
)
def test_labels_that_ask_nothing_are_only_suggested(text: str) -> None:
    assert not cards(text)


@pytest.mark.parametrize(
    "text",
    [
        "# Soundings\n\n| Port | Size | Yes |\n| --- | --- | --- |\n| Brest | 20 | 7 |\n| Cadiz | 31 | 9 |\n",
        "# Lights\n\n| Coast | Light | Colour |\n| --- | --- | --- |\n| North | Skerry<br>Ness<br>Holm | red<br>white<br>green |\n",
        "# Coast\n\n- Pilots and keepers: ships see the light from afar\n- Quay: a wall\n- Mole: a wall\n",
        "# Causes of fog\n\nThe cooling of the air is used to express fog.\n",
    ],
)
def test_cells_and_labels_that_say_little_are_only_suggested(text: str) -> None:
    doubtful = {draft.fields[1][1] for draft in drafts_of(text, confidence="maybe")}
    assert doubtful
    assert {back for _, back in cards(text)} <= {"a wall"}


def test_a_column_of_words_is_asked_in_the_singular() -> None:
    table = (
        "| Light | Colours | Number of lamps |\n| --- | --- | --- |\n| Skerry | red | two |\n| Ness | white | one |\n"
    )
    fronts = [front for front, _ in cards(f"# Lights\n\n{table}")]
    assert fronts == ["Skerry: Colour?", "Skerry: Number of lamps?", "Ness: Colour?", "Ness: Number of lamps?"]
    several = table.replace("| white |", "| white, red |")
    assert cards(f"# Lights\n\n{several}")[0][0] == "Skerry: Colours?"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("A pilot boards in the roads before the bar", False),
        ("A guide that takes a ship over the bar", True),
    ],
)
def test_a_first_item_that_says_what_one_does_is_only_suggested(first: str, expected: bool) -> None:
    rest = "- The harbour office keeps the list\n- Fees are paid in spring\n"
    fronts = [front for front, _ in cards(f"# Ports\n\n## Pilotage of ships\n\n- {first}\n{rest}")]
    assert ("Pilotage of ships" in fronts) is expected


def test_a_list_of_sides_is_only_suggested() -> None:
    assert not cards("# Trade\n\n## Effects of a tariff\n\n- Buyers' perspective\n- Sellers' perspective\n")
    assert cards("# Trade\n\n## Effects of a tariff\n\n- Higher prices\n- Fewer imports\n")


def test_a_label_that_bear_highlights() -> None:
    text = "# Shores\n\n## Waves\n\n* ::Swash:: - water that runs up a beach\n* ::Backwash::: water that runs down\n"
    assert cards(text)[1:] == [("Swash", "water that runs up a beach"), ("Backwash", "water that runs down")]


def test_another_name_is_asked_with_its_owner() -> None:
    assert cards("# Fog\n\n## Sea fog\n\n- AKA: haar or fret\n") == [("Sea fog: AKA", "haar or fret")]


def test_what_is_due_to_something_says_so_once() -> None:
    assert cards("# Sky\n\n- **Blue hour**: due to the ozone high above\n") == [
        ("What is **blue hour** due to?", "the ozone high above")
    ]


def test_a_symptom_keeps_how_far_it_holds() -> None:
    text = "# Scurvy\n\n## Symptoms\n\n- Bleeding gums\n- Fever - rare\n- Old wounds that open\n"
    assert ("Scurvy: Symptoms (3)", "- Bleeding gums\n- Fever - rare\n- Old wounds that open") in cards(text)


def test_a_numbered_item_is_no_remark() -> None:
    items = "1. Your rope must reach the ground.\n2. The knot must hold.\n3. The anchor must hold.\n"
    ((_, answer),) = cards(f"# Ropes\n\n## What makes a descent safe?\n\nThree things:\n\n{items}")
    assert "Your rope" in answer


def test_tags_at_the_end_of_an_answer_are_not_shown() -> None:
    text = "# Ports\n\n- **Mole**: a wall of stone #Important\n- **Quay**: a wall for ships #Important\n- **Pier**: see #7a\n"
    assert {"a wall of stone", "a wall for ships"} <= {back for _, back in cards(text)}


def test_a_lecture_tells_fronts_apart_last() -> None:
    one = "# Lecture 3 12/09\n\n## Aristotle\n\n### Virtue\n\nVirtue is a habit that is learned by practice.\n\n"
    two = "# Lecture 4 19/09\n\n## Courage\n\nVirtue is a mean that lies between two faults.\n"
    signed = [(draft, sign_of(draft)) for draft in drafts_of(one + two, confidence="any")]
    fronts = [draft.fields[0][1] for draft in resolve_rivals(signed) if draft is not None]
    assert not any("Lecture" in front for front in fronts)


def test_a_rule_that_only_suggests_says_nothing_of_the_note() -> None:
    winds = ("east", "west", "north", "south", "calm", "fresh", "light", "steady")
    told = "\n\n".join(f"When the wind is {wind}, the flag of the tower is green." for wind in winds)
    terms = "- Fetch: open water that the wind blows over\n- Swash: water that runs up a beach\n"
    assert "Fetch" in {front for front, _ in cards(f"# Beach\n\n{terms}\n{told}\n")}


def test_a_highlight_is_no_calculation() -> None:
    assert not list(question_signals_of("What does a tern eat?", "Fish and ==shrimp==, dug from the mud."))
    assert dict(question_signals_of("What is the area?", "A = 3 * 4 = 12"))
