"""The command line for policies: check them, ask them, have them explained and compared."""

import json
import sys
from collections.abc import Callable, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

import click

from ill_broker.command_group import CommandGroup, Place, in_language, told_fault
from ill_broker.services.office.evaluation import Survey, answers, explained, read_file, survey
from ill_broker.texts.catalogue import say
from ill_broker.texts.explanation_words import explanation_words
from ill_broker.texts.flaws import CaseFlaw
from ill_broker.texts.policy_changes import difference_words
from workflows.errors import FaultyPolicy, InvalidCase
from workflows.languages import Language
from workflows.policies.book import PolicyBook
from workflows.policies.difference import difference

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

_calendars: Decorator = click.option(
    "--calendars", type=FOLDER, help='Folder of calendars; "calendars" among the policies if left out.'
)
_policies: Decorator = click.option(
    "--policies", type=FOLDER, help="Folder of policies; those of the project if left out."
)


@click.group(
    cls=CommandGroup,
    places={
        "install": Place(
            "ill_broker.policies_admin_cli:install",
            "Put the policies of FOLDER, and those of its calendars folder, in force: all of them or none.",
        ),
        "simulate": Place(
            "ill_broker.policies_admin_cli:simulate",
            "Run what was lent, or a file of loans, under a candidate's policies, and compare with today's.",
        ),
    },
)
def policies() -> None:
    """Check, ask, explain and compare the libraries' policies."""


@policies.command()
@click.argument("folder", type=FOLDER, required=False)
@_calendars
@in_language
def check(folder: Path | None, calendars: Path | None, language: Language) -> None:
    """Name every fault of the policies in FOLDER by file, path and code; status 1 if there is any."""
    found = survey(folder, calendars)
    _tell_faults(found, language)
    click.echo(f"{found.policies} policies, {found.calendars} calendars, {len(found.faults)} faults")
    sys.exit(1 if found.faults else 0)


@policies.command()
@_policies
@_calendars
@in_language
def evaluate(policies: Path | None, calendars: Path | None, language: Language) -> None:
    """Answer cases, one JSON object a line: {"id", "kind", "input"} in, {"id", "answer"} out."""
    book = _book(policies, calendars, language)
    # what has come is answered at once, so that a program may wait for an answer before it asks again
    for answered in answers(cast(BufferedReader, sys.stdin.buffer), book):
        sys.stdout.buffer.write(answered)
        sys.stdout.buffer.flush()


@policies.command()
@click.argument("case", type=click.File("rb"), default="-")
@_policies
@_calendars
@in_language
def explain(case: BinaryIO, policies: Path | None, calendars: Path | None, language: Language) -> None:
    """Say in words why a loan is due when it is, and costs what it does.

    CASE is a file with the input of a loan, or with a whole {"id", "kind", "input"} line; standard input
    if left out.
    """
    loan = _loan(case)
    try:
        lines = explanation_words(*explained(loan, _book(policies, calendars, language)), language)
    except InvalidCase as error:
        reason = say(CaseFlaw(error.code).message, language)
        raise click.ClickException(f"{error.code}: {reason}") from error
    click.echo("\n".join(lines))


@policies.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@in_language
def diff(old: Path, new: Path, language: Language) -> None:
    """Say field by field what a new version of a policy file changes, and what that means for readers."""
    found = difference(_document(old), _document(new))
    click.echo("\n".join(difference_words(found, language)))


def _book(policies: Path | None, calendars: Path | None, language: Language) -> PolicyBook:
    found = survey(policies, calendars)
    if found.book is None:
        _tell_faults(found, language, err=True)
        raise click.ClickException(f"{len(found.faults)} faults in the policies; none was loaded")
    return found.book


def _tell_faults(found: Survey, language: Language, *, err: bool = False) -> None:
    for fault in found.faults:
        click.echo(told_fault(fault.file, fault.path, fault.code, language, fault.detail), err=err)


def _loan(case: BinaryIO) -> Mapping[str, Any]:
    try:
        read = json.loads(case.read())
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"not JSON: {error}") from error
    if isinstance(read, dict) and isinstance(read.get("input"), dict):
        if read.get("kind", "loan") != "loan":
            raise click.ClickException("only a loan can be explained")
        read = read["input"]
    if not isinstance(read, dict):
        raise click.ClickException("a case is a JSON object")
    return read


def _document(file: Path) -> Mapping[str, Any]:
    try:
        read = read_file(file)
    except FaultyPolicy as error:
        raise click.ClickException(error.detail) from error
    if not isinstance(read, dict):
        raise click.ClickException(f"{file}: not a policy")
    return read
