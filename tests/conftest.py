"""Options for the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-cases` rewrites the expected output in tests/cases; the diff is then reviewed like code."""
    parser.addoption("--update-cases", action="store_true", help="rewrite the expected output of the cases")
