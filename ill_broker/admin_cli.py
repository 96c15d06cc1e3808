"""The operator's commands: members, their staff and keys, and what could not be delivered."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import yaml

from ill_broker import clock
from ill_broker.services.directory import Directory
from ill_broker.services.membership import INBOUND, OUTBOUND, BadSecret, Membership
from ill_broker.services.passwords import Passwords
from ill_broker.settings import read_settings
from ill_broker.storage import outbox
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode
from workflows.libraries import Library


def _store() -> Store:
    return Store.open(read_settings().database_url, threads=1)


def _membership() -> Membership:
    store = _store()
    book = Directory(store, builtin_book()).in_force(clock.now())
    return Membership(store, Passwords(), book)


@contextmanager
def _refusing() -> Iterator[None]:
    """Tell the operator what was refused, and why."""
    try:
        yield
    except (WorkflowError, StorageFailure, BadSecret) as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error


@click.group()
def members() -> None:
    """Member libraries, their staff and their systems."""


@members.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_members(file: Path) -> None:
    """Admit the libraries of a YAML file: a list of {code, name, name_zh, desk, watches, connectors}."""
    membership = _membership()
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        connectors = entry.pop("connectors", {})
        with _refusing():
            membership.admit(from_dict(Library, entry), connectors)
        click.echo(entry["code"])


@members.command("staff")
@click.argument("login")
@click.option("--library", help="The library whose desk this is; left out for the consortium's office.")
@click.option("--name", required=True)
@click.password_option()
def add_staff(login: str, library: str | None, name: str, password: str) -> None:
    """Give somebody at a desk or in the office a log-in."""
    code = LibraryCode(library) if library else None
    with _refusing():
        _membership().add_staff(code, login, name, password, now=clock.now())


@members.command("key")
@click.option("--library", help="The library whose system this is; left out for the office's.")
@click.option("--label", required=True, help="What the key is for.")
def issue_key(library: str | None, label: str) -> None:
    """Issue an API key and print it: it is not told again."""
    with _refusing():
        click.echo(_membership().issue_key(LibraryCode(library) if library else None, label, now=clock.now()))


@members.command("secret")
@click.argument("library")
@click.option(
    "--theirs", is_flag=True, help="The secret that the library signs with; else the one we sign with."
)
@click.option("--set", "given", help="A secret that was agreed on; else a new one is made.")
def rotate_secret(library: str, given: str | None, *, theirs: bool) -> None:
    """Set a webhook secret and print it; the old one is good for another week."""
    kind = INBOUND if theirs else OUTBOUND
    with _refusing():
        click.echo(_membership().rotate_secret(LibraryCode(library), kind, given, now=clock.now()))


@click.group("outbox")
def outbox_group() -> None:
    """See to what could not be delivered."""


@outbox_group.command("list")
@click.option("--library", help="Only what was for this library.")
def list_dead(library: str | None) -> None:
    """List what was given up, as JSON lines."""
    with _store().reading() as conn:
        for entry in outbox.dead_letters(conn, library=LibraryCode(library) if library else None):
            told = {
                "id": entry.id,
                "kind": entry.kind,
                "request": entry.request_id,
                "library": entry.library,
                "attempts": entry.attempts,
                "failure": entry.last_failure,
            }
            click.echo(json.dumps(told, ensure_ascii=False))


@outbox_group.command("replay")
@click.argument("entry")
def replay(entry: str) -> None:
    """Try a delivery anew that was given up."""
    with _store().writing() as conn:
        if not outbox.replay(conn, entry, now=clock.now()):
            raise click.ClickException(f"{entry} is not among what was given up")
