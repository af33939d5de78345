"""What is wrong in a file, where, and how to mend it; and YAML as data that knows the place of every value.

Doors: this module re-exports `diagnostic`; `yaml` reads YAML, `shapes` checks what was read, `lint_kinds`
names what `deckgen lint` can find.
"""

from deckgen.diagnostics.diagnostic import (
    KINDS,
    Diagnostic,
    Kind,
    Severity,
    Span,
    define,
    format_diagnostic,
    has_errors,
    sort_diagnostics,
)

__all__ = [
    "KINDS",
    "Diagnostic",
    "Kind",
    "Severity",
    "Span",
    "define",
    "format_diagnostic",
    "has_errors",
    "sort_diagnostics",
]
