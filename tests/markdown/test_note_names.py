"""What a note is about, where no heading says it: its title in the front matter, or the name of its file."""

from __future__ import annotations

import pytest

from deckgen.markdown.document import read_document
from deckgen.model import Source

ENGLISH, CHINESE = "- Symptoms: pain in the ear\n", "- 症状：耳朵疼痛\n"


def name_of(path: str, text: str = ENGLISH) -> str:
    return read_document(Source(path, text))[0].name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("vault/Otitis media.md", "Otitis media"),
        ("heap-sort.md", "Heap sort"),
        ("heap_sort.md", "Heap sort"),
        ("aged_care-services.md", "Aged care-services"),
        ("delirium.md", "delirium"),
        ("SARS-CoV-2.md", "SARS-CoV-2"),
        ("COVID-19.md", "COVID-19"),
        ("x-ray.md", "x-ray"),
        ("EU-Law.md", "EU Law"),
        ("Article-21.md", "Article 21"),
        ("01 Cell walls.md", "Cell walls"),
        ("3.2.1 - Oral cavity (Anatomy).md", "Oral cavity (Anatomy)"),
        ("2024-03-01 Glaciers.md", "Glaciers"),
        ("202403011230 Glaciers.md", "Glaciers"),
        ("Lecture 3 - Relational algebra.md", "Relational algebra"),
        ("Week-2_Week-2-Notes.md", ""),
        ("PHIL101 Logic.md", "Logic"),
        ("Biology notes.md", "Biology"),
        ("music___harmony.md", "harmony"),
        ("music%2Fharmony.md", "harmony"),
        ("Optics_2.md", "Optics"),
        *(
            (f"{path}.md", "")
            for path in ["README", "index", "Untitled 3", "lecture11", "Ch5", "notes", "a81bf902", "42"]
        ),
        *((f"{path}.md", "") for path in ["Key terms in botany", "Chapter 1 and class 2", "Introduction", "p1", "_"]),
        ("a very long name that goes on and on, as if it were a sentence, until it ends.md", ""),
    ],
)
def test_the_name_of_a_file(path: str, name: str) -> None:
    assert name_of(path) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("中耳炎.md", "中耳炎"),
        ("第三章 传输层.md", "传输层"),
        ("2-1货币时间价值.md", "货币时间价值"),
        ("04.国际贸易.md", "国际贸易"),
        ("§03 存货.md", "存货"),
        ("遗传学笔记.md", "遗传学"),
        ("TCP.md", "TCP"),
        *((f"{path}.md", "") for path in ["chuanshuceng", "HeartDisease", "未命名", "第三章", "目录", "chapter-02"]),
    ],
)
def test_the_name_of_a_file_of_a_chinese_note(path: str, name: str) -> None:
    assert name_of(path, CHINESE) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Air.\n", "Ear"),
        ("# Otitis\n\nAir.\n", ""),
        ("Air.\n\n# Otitis\n\n## Symptoms\n\nPain.\n", ""),
        ("# Symptoms\n\nPain.\n\n# Treatment\n\nRest.\n", "Ear"),
        ("## Symptoms\n\nPain.\n", "Ear"),
        ("## Otitis\n\n### Symptoms\n\nPain.\n\n### Treatment\n\nRest.\n", ""),
        ("---\ntitle: Otitis media\n---\n\n## Symptoms\n\nPain.\n", "Otitis media"),
        ("---\ntitle: 'Part 2: Otitis media'\n---\n\nPain.\n", "Otitis media"),
        ("---\ntitle: [odd]\n---\n\nPain.\n", "Ear"),
        ("---\ntitle: " + "a_" * 200 + "\n---\n\nPain.\n", ""),
        ("---\ntitle: Otitis media\n---\n\n# Ears\n\nPain.\n", ""),
    ],
)
def test_a_heading_says_it_or_the_front_matter_or_the_file(text: str, name: str) -> None:
    assert name_of("Ear.md", text) == name
