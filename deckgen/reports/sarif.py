"""Findings → SARIF 2.1.0, the format in which forges and editors take the results of linters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from deckgen import __version__
from deckgen.diagnostics import KINDS, Diagnostic, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
EXAMPLE = "example"
"""The rule by whose name an example of a rule file is reported that does not come out as it says."""


def sarif_of(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """One run with a result for each finding; paths are those of the findings, with `/`."""
    found = list(diagnostics)
    kinds = {d.kind: KINDS[d.kind].explanation for d in found}
    return _run(kinds, [_result(d.kind, d.severity, _message(d), d.span) for d in found])


def sarif_of_examples(failed: Iterable[tuple[str, Span]]) -> dict[str, Any]:
    """One run with a result for each example that failed: what to say, and where."""
    results = [_result(EXAMPLE, "error", message, span) for message, span in failed]
    return _run({EXAMPLE: "An example of a rule does not come out as it says."} if results else {}, results)


def _run(kinds: Mapping[str, str], results: list[dict[str, Any]]) -> dict[str, Any]:
    rules = [{"id": name, "shortDescription": {"text": text}} for name, text in sorted(kinds.items())]
    tool = {"driver": {"name": "deckgen", "version": __version__, "rules": rules}}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": tool, "results": results}]}


def _message(diagnostic: Diagnostic) -> str:
    return diagnostic.message + (f"\n{diagnostic.hint}" if diagnostic.hint else "")


def _result(kind: str, level: str, message: str, span: Span | None) -> dict[str, Any]:
    result: dict[str, Any] = {"ruleId": kind, "level": level, "message": {"text": message}}
    if span is not None:
        region = {"startLine": max(span.line, 1), "startColumn": max(span.column, 1)}
        if span.end_line and span.end_column:
            region |= {"endLine": span.end_line, "endColumn": span.end_column}
        artifact = {"uri": quote(span.path.replace("\\", "/"))}
        result["locations"] = [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]
    return result
