"""Languages, sentences, clauses and enumerators."""

from __future__ import annotations

import pytest
from case_files import Case, read_cases
from hypothesis import given, settings
from hypothesis import strategies as st
from test_text import compare, decode, encode

from deckgen.markdown.language import language_of
from deckgen.markdown.sentences import enumerator_end, section_number_end, split_clauses, split_sentences


@pytest.mark.parametrize("case", read_cases("sentences_zh") + read_cases("sentences_en"), ids=lambda case: case.name)
def test_sentences(case: Case, request: pytest.FixtureRequest) -> None:
    plain = decode(case.given)
    sentences = [plain[start:end].replace("\n", "⏎") for start, end in split_sentences(plain, case.file[-2:])]
    compare(case, encode("\n".join(sentences)), request)


@pytest.mark.parametrize("case", read_cases("clauses"), ids=lambda case: case.name)
def test_clauses(case: Case, request: pytest.FixtureRequest) -> None:
    plain = case.given
    compare(case, "\n".join(plain[start:end] for start, end in split_clauses(plain, 0, len(plain), "zh")), request)


@pytest.mark.parametrize(
    ("plain", "language"),
    [
        ("", ""),
        ("1 + 2 = 3", ""),
        ("Water boils.", "en"),
        ("L'eau bout à cent degrés.", "en"),  # the name of the script's class
        ("水在一百度沸腾", "zh"),
        ("使用TensorFlow训练", "zh"),
        ("The word 水 means water in everyday speech", "en"),
        ("Median filter（中值滤波）", "zh"),
        ("水は百度で沸騰する", "ja"),
        ("물은 백 도에서 끓는다", "ko"),
        ("Вода кипит при ста градусах", "ru"),
        ("το νερό βράζει", "el"),
    ],
)
def test_language(plain: str, language: str) -> None:
    assert language_of(plain) == language


@pytest.mark.parametrize(
    ("plain", "rest"),
    [
        ("1. a", "a"),
        ("1.理光", "理光"),
        ("12) a", "a"),
        ("1、水", "水"),
        ("（1）水", "水"),
        ("(2) a", "a"),
        ("(iv) a", "a"),
        ("（三）水", "水"),
        ("①水", "水"),
        ("一、水", "水"),
        ("十二、水", "水"),
        ("a) b", "b"),
        ("- a", "a"),
        ("• a", "a"),
        ("  1. a", "a"),
        ("1.2. a", "a"),
        ("1.2.3. 水", "水"),
        ("1.5倍", "1.5倍"),
        ("1.5 a", "1.5 a"),
        ("3.5本质", "3.5本质"),
        ("2020. a", "2020. a"),
        ("2020年", "2020年"),
        ("-5 degrees", "-5 degrees"),
        ("Step 1: a", "Step 1: a"),
        ("一种水", "一种水"),
        ("a.b", "a.b"),
        ("(see) a", "(see) a"),
        ("1", "1"),
        ("", ""),
        ("3)、令牌环", "令牌环"),
        ("（四）、令牌环", "令牌环"),
    ],
)
def test_enumerator(plain: str, rest: str) -> None:
    assert plain[enumerator_end(plain, 0) :] == rest


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("2.3 Indexes", "Indexes"),
        ("2.3. 索引", "索引"),
        ("2.3.1 索引", "索引"),
        ("3. 索引", "索引"),
        ("2.4 GHz", "2.4 GHz"),
        ("2.0", "2.0"),
        ("3.5 inches", "3.5 inches"),
    ],
)
def test_a_section_number_is_no_part_of_its_name(heading: str, name: str) -> None:
    assert heading[section_number_end(heading) :] == name


marks = st.text(st.sampled_from("aB 1.。！？!?…“”\"'（）()《》，,；:\n水-"), max_size=40)


@settings(max_examples=300, deadline=None)
@given(marks, st.sampled_from(["zh", "en", "ja", "ru", ""]))
def test_sentences_cover_all_that_is_no_space(plain: str, language: str) -> None:
    spans = split_sentences(plain, language)
    assert "".join("".join(plain[start:end].split()) for start, end in spans) == "".join(plain.split())
    for start, end in spans:
        assert plain[start:end].strip() == plain[start:end] != ""
        for first, last in split_clauses(plain, start, end, language):
            assert start <= first < last <= end


@pytest.mark.parametrize(
    "plain", ["“a。" * 30_000, "(" * 30_000 + ")" * 30_000, "A. " * 30_000, '"' * 30_001, "a. b " * 30_000]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_text_is_split_in_bounded_time(plain: str, language: str) -> None:
    assert split_sentences(plain, language)
