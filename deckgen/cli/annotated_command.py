"""A function with annotated parameters → a command of click's.

`Annotated[int, Option("--port", help="…")]` says all that there is to say about an option; its type says what it takes.
A command is made when it is asked for, so that no command line waits for those that it does not name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import click


class Option:
    """An option: its names, what its value is called in help, and what it does."""

    def __init__(
        self,
        *names: str,
        help: str,  # noqa: A002 (what everybody calls it)
        metavar: str | None = None,
        envvar: str | None = None,
        min: int | None = None,  # noqa: A002
        max: int | None = None,  # noqa: A002
    ) -> None:
        self.names, self.help, self.metavar, self.envvar = names, help, metavar, envvar
        self.min, self.max = min, max


class Argument:
    """An argument by its place; required where its parameter has no default."""

    def __init__(self, metavar: str, help: str) -> None:  # noqa: A002
        self.metavar, self.help = metavar, help


class _Command(click.Command):
    """A command whose help tells of its arguments, too."""

    def __init__(self, *arguments: Any, help_texts: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._help_of_arguments = help_texts

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self._help_of_arguments:
            with formatter.section("Arguments"):
                formatter.write_dl(list(self._help_of_arguments.items()))
        super().format_options(ctx, formatter)


class Commands(click.Group):
    """Commands by their names, each with its function (or group) and one line for the list of them."""

    def __init__(self, name: str, commands: Mapping[str, tuple[Callable[..., None] | click.Group, str]], **more: Any):
        super().__init__(name, no_args_is_help=True, **more)
        self._functions = commands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """The names, in the order of help."""
        return list(self._functions)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """The command of a name."""
        if cmd_name not in self._functions:
            return None
        function, _ = self._functions[cmd_name]
        return function if isinstance(function, click.Group) else command_of(cmd_name, function)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        """The list of help, without making any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._functions.items()])


def command_of(name: str, function: Callable[..., None]) -> click.Command:
    """The command that calls a function; its docstring is the help."""
    hints = get_type_hints(function, include_extras=True)
    parameters: list[click.Parameter] = []
    help_texts: dict[str, str] = {}
    for parameter in inspect.signature(function).parameters.values():
        annotated = hints[parameter.name]
        assert get_origin(annotated) is Annotated, parameter.name
        annotation, described = get_args(annotated)
        is_needed = parameter.default is inspect.Parameter.empty
        default = None if is_needed else parameter.default
        if isinstance(described, Option):
            parameters.append(_option(parameter.name, annotation, described, default))
        else:
            parameters.append(_argument(parameter.name, annotation, described, default, is_needed=is_needed))
            help_texts[described.metavar] = described.help
    parameters.extend(_anywhere())
    return _Command(name, callback=function, params=parameters, help=inspect.getdoc(function), help_texts=help_texts)


def _anywhere() -> Iterator[click.Option]:
    """What may stand behind the name of a command as well as before it, where help has it."""
    from deckgen.cli import terminal

    for names, callback in ((("-q", "--quiet"), terminal.be_quiet), (("-v", "--verbose"), terminal.be_verbose)):
        yield click.Option([*names], is_flag=True, hidden=True, is_eager=True, expose_value=False, callback=callback)


def _option(name: str, annotation: Any, option: Option, default: Any) -> click.Option:
    inner, is_list = _inner(annotation)
    is_flag = inner is bool
    settings: dict[str, Any] = {} if is_flag else {"type": _type(inner, option), "multiple": is_list}
    return click.Option(
        [*option.names, name],
        is_flag=is_flag,
        default=default,
        help=option.help,
        metavar=option.metavar,
        envvar=option.envvar,
        show_envvar=option.envvar is not None,
        show_default=not is_flag and default not in (None, ""),
        **settings,
    )


def _argument(name: str, annotation: Any, argument: Argument, default: Any, *, is_needed: bool) -> click.Argument:
    inner, is_list = _inner(annotation)
    settings: dict[str, Any] = {"nargs": -1} if is_list else {"default": default} if not is_needed else {}
    metavar = argument.metavar if is_needed else f"[{argument.metavar}]" + ("..." if is_list else "")
    return click.Argument([name], type=_type(inner, None), metavar=metavar, required=is_needed, **settings)


def _inner(annotation: Any) -> tuple[Any, bool]:
    """A type without `None`, and without the list that it may be of."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (one for one in get_args(annotation) if one is not NoneType)
    if get_origin(annotation) is list:
        return get_args(annotation)[0], True
    return annotation, False


def _type(annotation: Any, option: Option | None) -> click.ParamType[Any]:
    if get_origin(annotation) is Literal:
        return click.Choice(get_args(annotation))
    if annotation is Path:
        return click.Path(path_type=Path)
    if annotation is int:
        return click.IntRange(option.min, option.max) if option is not None else click.INT
    assert annotation is str, annotation
    return click.STRING
