"""The command line as a whole: what it shows of its commands, and what it imports for one."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
from click.testing import CliRunner

from ill_broker.cli import main
from ill_broker.command_group import CommandGroup
from ill_broker.policies_cli import policies

#: what takes long to import, and a list of commands or the evaluation of policies has no use for
HEAVY = {"sqlalchemy", "flask", "marshmallow", "httpx", "granian", "pypinyin", "authlib", "alembic", "lxml"}
_RUN = """
import sys
from ill_broker.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print(end.code, *{name.partition(".")[0] for name in sys.modules})
"""


@pytest.mark.parametrize("group", [main, policies], ids=["all", "policies"])
def test_what_is_shown_of_a_command_is_what_it_says_itself(group: CommandGroup) -> None:
    said = {}
    for name, place in group.places.items():
        module, _, attribute = place.path.partition(":")
        said[name] = getattr(import_module(module), attribute).help.partition("\n\n")[0].replace("\n", " ")

    assert {name: place.help for name, place in group.places.items()} == said


def test_the_help_lists_every_command() -> None:
    told = CliRunner().invoke(main, ["--help"])

    assert 0 == told.exit_code
    assert [] == [name for name in main.places if f"\n  {name} " not in told.output]


def test_a_command_that_is_none_is_refused() -> None:
    told = CliRunner().invoke(main, ["nothing"])

    assert (2, True) == (told.exit_code, "No such command 'nothing'" in told.output)


@pytest.mark.parametrize("arguments", [["--help"], ["policies", "--help"], ["policies", "evaluate"]])
def test_a_command_imports_what_it_needs(arguments: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments], input="", capture_output=True, text=True, check=True
    )
    code, *imported = ran.stdout.splitlines()[-1].split()

    assert "0" == code
    assert set() == HEAVY & set(imported)
