"""What stands on the command line → texts and paths, without what typer loads to check them.

typer has pydantic look at every value, which takes longer to import than a small project takes to build. Texts, paths
and defaults need nothing of it. All else is left to typer; and everything is in all versions but those whose inside is
known here, for no name of it is promised.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_KNOWN = ("0.29.",)
"""The versions of typer of which tests/cli/test_cli.py has seen that this works."""

try:
    from typer._coercion import RuntimeParam, build_runtime_param
except ImportError:
    RuntimeParam = None  # type: ignore[assignment,misc]
if not typer.__version__.startswith(_KNOWN):
    RuntimeParam = None  # type: ignore[assignment,misc]


class PlainCommand(TyperCommand):
    """A command whose plain values are taken as they stand."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters, `--help` too."""
        return _spared(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """Commands under one name, of which the same is true."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its parameters, `--help` too."""
        return _spared(super().get_params(ctx))


def _spared(parameters: list[Any]) -> list[Any]:
    for parameter in parameters if RuntimeParam is not None else ():
        described = getattr(parameter, "type_descriptor", None)
        if described is not None and getattr(parameter, "_runtime_param", described) is None:
            parameter._runtime_param = _PlainValue(described.parameter_info, described.annotation)
    return parameters


if RuntimeParam is not None:

    class _PlainValue(RuntimeParam):
        """How a parameter gets its value; typer asks it for all that was given or has a default."""

        def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
            if isinstance(value, str) and (self.annotation is str or value == param.default):
                return value
            if isinstance(value, str) and self.annotation is Path and _can_read(value):
                return Path(value)
            if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
                if self.annotation == list[str]:
                    return list(value)
                if self.annotation == list[Path] and all(map(_can_read, value)):
                    return [Path(one) for one in value]
            return build_runtime_param(param.type_descriptor).coerce(value, param=param, ctx=ctx)


def _can_read(path: str) -> bool:
    """Whether typer would have nothing to say against a path."""
    try:
        os.stat(path)
    except OSError:
        return True  # `deckgen` itself tells of what is not there
    return os.access(path, os.R_OK)
