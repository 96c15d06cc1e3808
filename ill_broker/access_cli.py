"""The operator's commands about who may come in: staff, and the keys of systems."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click

from ill_broker import clock
from ill_broker.services.audit import OPERATOR, act_as
from ill_broker.services.passwords import Passwords
from ill_broker.services.people.admittance import Admittance
from ill_broker.settings import read_settings
from ill_broker.storage.store import Store
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode


@contextmanager
def _admittance() -> Iterator[Admittance]:
    """Lend the service, and tell the operator what was refused."""
    act_as(OPERATOR)
    store = Store.open(read_settings().database_url, threads=1)
    try:
        yield Admittance(store, Passwords())
    except WorkflowError as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error
    finally:
        store.close()


@click.group()
def staff() -> None:
    """See to those who work at desks and in the office."""


@staff.command("list")
@click.option("--library", help="Only who works there.")
def list_staff(library: str | None) -> None:
    """List staff, as JSON lines."""
    with _admittance() as admittance:
        for member in admittance.staff(LibraryCode(library) if library else None):
            told = {
                "id": member.id,
                "login": member.login,
                "name": member.name,
                "role": member.role,
                "library": member.library,
                "disabled_at": member.disabled_at and member.disabled_at.isoformat(),
            }
            click.echo(json.dumps(told, ensure_ascii=False))


@staff.command("disable")
@click.argument("login")
def disable(login: str) -> None:
    """Keep somebody out, who is logged out everywhere."""
    with _admittance() as admittance:
        admittance.admit(admittance.named(login), is_disabled=True, now=clock.now())


@staff.command("enable")
@click.argument("login")
def enable(login: str) -> None:
    """Let somebody in again who was kept out."""
    with _admittance() as admittance:
        admittance.admit(admittance.named(login), is_disabled=False, now=clock.now())


@staff.command("password")
@click.argument("login")
@click.password_option()
def new_password(login: str, password: str) -> None:
    """Give somebody a new password; they are logged out everywhere."""
    with _admittance() as admittance:
        admittance.set_password(admittance.named(login), password, now=clock.now())


@click.group()
def keys() -> None:
    """See to the keys of systems; `members key` issues one."""


@keys.command("list")
@click.option("--library", help="Only its keys.")
def list_keys(library: str | None) -> None:
    """List the keys that are good, as JSON lines."""
    with _admittance() as admittance:
        for key in admittance.keys(LibraryCode(library) if library else None):
            told = {
                "id": key.id,
                "label": key.label,
                "role": key.role,
                "library": key.library,
                "created_at": key.created_at.isoformat(),
            }
            click.echo(json.dumps(told, ensure_ascii=False))


@keys.command("revoke")
@click.argument("key_id")
@click.option("--reason", help="Why, for the office to see.")
def revoke_key(key_id: str, reason: str | None) -> None:
    """Let a key be good for nothing from now on."""
    with _admittance() as admittance:
        admittance.revoke_key(key_id, author="operator", reason=reason, now=clock.now())
