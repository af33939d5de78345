"""English noun phrases: what names something, and its letter case inside of a sentence."""

import pytest

from deckgen.patterns.english_words import in_sentence_case, why_no_noun_phrase


@pytest.mark.parametrize(
    ("phrase", "inside"),
    [
        ("Solute", "solute"),
        ("A Mitochondrion", "A mitochondrion"),
        ("Market cap", "market cap"),
        ("**Average volume**", "**average volume**"),
        ("Buffers", "buffers"),
        ("Photosynthesis", "photosynthesis"),
        ("Python", "Python"),
        ("IPsec", "IPsec"),
        ("Boyle's law", "Boyle's law"),
        ("French revolution", "French revolution"),
        ("Dead Letter Queues", "Dead Letter Queues"),
        ("Network Access Control Lists (NACLs)", "Network Access Control Lists (NACLs)"),
        ("The Battle of Marathon", "The Battle of Marathon"),
        ("A DoS attack", "A DoS attack"),
        ("A Dockerfile", "A Dockerfile"),
    ],
)
def test_sentence_case(phrase: str, inside: str) -> None:
    assert in_sentence_case(phrase) == inside


def test_what_the_same_text_has_in_small_letters_is_no_name() -> None:
    assert in_sentence_case("Hypothalamus", "", lambda: frozenset(["hypothalamus"])) == "hypothalamus"
    assert in_sentence_case("Hypothalamus", "", frozenset) == "Hypothalamus"


def test_a_name_that_looks_like_several_is_one() -> None:
    assert in_sentence_case("Cityscapes", " is a data set") == "Cityscapes"
    assert in_sentence_case("Logs", " are records") == "logs"


def test_a_noun_that_the_text_has_in_small_letters_is_no_name() -> None:
    assert in_sentence_case("Crime", " is an act") == "Crime"
    assert in_sentence_case("Crime", " is an act", lambda: frozenset({"crime"})) == "crime"
    assert (
        in_sentence_case("Spark", " is an engine", lambda: frozenset({"spark"})) == "Spark"
    )  # a name that is a word, too


@pytest.mark.parametrize("phrase", ["a manual reboot doesn't", "the pump didn't", "dirt can't", "we won't"])
def test_what_denies_is_no_subject(phrase: str) -> None:
    assert why_no_noun_phrase(phrase) is not None


@pytest.mark.parametrize(
    "phrase",
    [
        "market cap",
        "tillage",
        "the fallacy of ambiguity",
        "dead letter queues",
        "system calls",
        "self-doubt",
        "the early days of radio",
        "network access control lists (nacls)",
        "die hebamme",
    ],
)
def test_noun_phrases(phrase: str) -> None:
    assert why_no_noun_phrase(phrase) is None


@pytest.mark.parametrize(
    "phrase",
    [
        "huge",
        "more",
        "better",
        "the false",
        "paired",
        "originally the model",
        "quickly sorted lists",
        "a short seller therefore",
        "huge returns attracts",
        "better tests",
    ],
)
def test_no_noun_phrases(phrase: str) -> None:
    assert why_no_noun_phrase(phrase) is not None
