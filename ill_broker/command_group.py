"""How commands hang in the command line: each imported when somebody calls it, its words in one language."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from workflows.languages import Language

#: of what explains a loan, a policy or an account to the people of an office
in_language: Callable[[Callable[..., None]], Callable[..., None]] = click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the words.",
)


def told_fault(file: str, path: str, code: str, language: Language, detail: str = "") -> str:
    """Return a fault of a file in one line: where, its code, and its sentence or what says more."""
    return ": ".join(filter(None, (file, path, code, detail or say(Flaw(code).message, language))))


class Place(NamedTuple):
    """Where a command stands, as ``module:name``, and its help, which a list of commands shows without it."""

    path: str
    help: str


class CommandGroup(click.Group):
    """Costs what the one command costs that is called, and a list of its commands nothing."""

    def __init__(self, *arguments: Any, places: Mapping[str, Place], **facts: Any) -> None:
        super().__init__(*arguments, **facts)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self.places])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.places[cmd_name].path.partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List every command with its help, without importing any."""
        del ctx
        told = {name: command.get_short_help_str(limit=100) for name, command in self.commands.items()}
        told |= {name: place.help for name, place in self.places.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(told.items()))
