"""The operator's commands: members, their staff and keys, and what could not be delivered."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
import yaml

from connectors.marc.encodings import ENCODINGS, Encoding
from connectors.trials import Outcome
from ill_broker import clock, mint
from ill_broker.command_group import in_language, told_fault
from ill_broker.services.audit import OPERATOR, act_as
from ill_broker.services.discovery.catalogue import Catalogue, NothingToLoad
from ill_broker.services.discovery.harvests import Harvests
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.connector_health import PartnerHealth
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.membership import (
    INBOUND,
    OUTBOUND,
    ROTATION,
    FaultyLibraries,
    Membership,
)
from ill_broker.services.partners.iso_messages import SECRET as ISO_TOKEN
from ill_broker.services.partners.set_aside import SetAside
from ill_broker.services.passwords import Passwords
from ill_broker.services.places import Places
from ill_broker.services.refusals import Unknown
from ill_broker.settings import read_settings
from ill_broker.storage import libraries, outbox
from ill_broker.storage.failures import StorageFailure
from ill_broker.storage.inbox import SET_ASIDE, MessageState
from ill_broker.storage.policy_files import builtin_book, parse
from ill_broker.storage.records import to_dict
from ill_broker.storage.store import Store
from ill_broker.wiring import LiveRegistry, open_connections, reach_of
from workflows.errors import FaultyPolicy, WorkflowError
from workflows.ids import LibraryCode, MessageId
from workflows.languages import Language


def _store() -> Store:
    """Return the database, which is closed when the command has ended; what is done is the operator's."""
    act_as(OPERATOR)
    return click.get_current_context().with_resource(Store.open(read_settings().database_url, threads=1))


def _membership() -> Membership:
    store = _store()
    book = Directory(store, builtin_book()).in_force(clock.now())
    return Membership(store, Passwords(), book)


def _connections() -> Connections:
    store = _store()
    return open_connections(store, PartnerHealth(store), reach_of(read_settings()), Places())


@contextmanager
def _refusing() -> Iterator[None]:
    """Tell the operator what was refused, and why."""
    try:
        yield
    except (WorkflowError, StorageFailure) as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error


@click.group()
def members() -> None:
    """Member libraries, their staff and their systems."""


@members.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_language
def load_members(file: Path, language: Language) -> None:
    """Admit or change the libraries of a YAML file: all of them, or none if there is any fault.

    docs/operate.md says what may stand in it. Each fault is named by path and code.
    """
    try:
        loaded = _membership().load(
            parse(file.read_bytes(), str(file)),
            _connections().faults,
            author=OPERATOR.id,
            reason=f"members load {file.name}",
            now=clock.now(),
        )
    except FaultyPolicy as error:
        raise click.ClickException(error.detail) from error
    except FaultyLibraries as error:
        for fault in error.faults:
            click.echo(told_fault(str(file), fault.path, fault.code, language), err=True)
        raise click.ClickException(f"{len(error.faults)} faults; nothing was loaded") from error
    for code in loaded:
        click.echo(code)


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
        code = LibraryCode(library) if library else None
        key, _ = _membership().issue_key(code, label, now=clock.now())
    click.echo(key)


@members.command("secret")
@click.argument("library")
@click.option(
    "--theirs", is_flag=True, help="The secret that the library signs with; else the one we sign with."
)
@click.option("--set", "given", help="A secret that was agreed on; else a new one is made.")
@click.option("--name", help="What the library's profile calls a password or token, which is asked for.")
@click.option("--iso", is_flag=True, help="The token that the library's system shows by ISO 18626.")
@click.option("--at-once", is_flag=True, help="The old one is good for nothing from now on.")
def rotate_secret(
    library: str, given: str | None, name: str | None, *, theirs: bool, iso: bool, at_once: bool
) -> None:
    """Set a webhook secret and print it; the old one is good for another week, unless it is revoked at once.

    With --name, keep a password or token that a connector shows to the library's system; with --iso,
    print a token by which its system proves itself to us from now on.
    """
    if iso:
        name, given = ISO_TOKEN, given or mint.token("iso_")
        click.echo(given)
    kind = INBOUND if theirs else OUTBOUND
    with _refusing():
        if name:
            secret = given or click.prompt("Secret", hide_input=True)
            _membership().keep_secret(LibraryCode(library), name, secret, now=clock.now())
            return
        overlap = timedelta() if at_once else ROTATION
        new = _membership().rotate_secret(LibraryCode(library), kind, given, now=clock.now(), overlap=overlap)
        click.echo(new.secret)


@members.command("connectors")
@click.argument("library")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def set_connectors(library: str, file: Path) -> None:
    """Reach a library as a YAML file says from now on."""
    with _refusing():
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        _connections().change(LibraryCode(library), document, expected=lambda _: None, now=clock.now())


@members.command("test")
@click.argument("library")
def try_connectors(library: str) -> None:
    """Try each connector of a library by a question that changes nothing, as JSON lines; 1 if one fails."""
    with _refusing():
        trials = _connections().test(LibraryCode(library), machine_now=clock.now())
    for trial in trials:
        click.echo(json.dumps(asdict(trial), ensure_ascii=False))
    if any(trial.outcome is Outcome.FAILED for trial in trials):
        raise SystemExit(1)


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


@click.group("inbox")
def inbox_group() -> None:
    """See to what partners said and could not be applied."""


@inbox_group.command("list")
@click.option("--library", help="Only what this library said.")
@click.option(
    "--state", type=click.Choice([state.value for state in SET_ASIDE]), help="Only what is in this state."
)
def list_set_aside(library: str | None, state: str | None) -> None:
    """List what could not be applied and why, as JSON lines; the newest first."""
    states = [MessageState(state)] if state else SET_ASIDE
    named = LibraryCode(library) if library else None
    for message in SetAside(_store()).listed(OPERATOR, states=states, library=named, limit=1000):
        click.echo(json.dumps(to_dict(message), ensure_ascii=False))


@inbox_group.command("replay")
@click.argument("library")
@click.argument("message_id")
def replay_message(library: str, message_id: str) -> None:
    """Try a message of a library's again."""
    with _refusing():
        SetAside(_store()).replay(LibraryCode(library), MessageId(message_id), OPERATOR, now=clock.now())


@click.group("catalogue")
def catalogue_group() -> None:
    """See to the union catalogue: what the libraries have told of all they have."""


@catalogue_group.command("harvest")
@click.argument("library", required=False)
def harvest(library: str | None) -> None:
    """Fetch what has changed at a library, or at all that can be harvested, now and to the end."""
    store = _store()
    registry = LiveRegistry(store, reach=reach_of(read_settings()))
    harvests = Harvests(store, Directory(store, builtin_book(), registry), registry)
    failed = False
    for code in (LibraryCode(library),) if library else harvests.harvestable(clock.now()):
        try:
            ended = harvests.harvest(code, clock.now())
        except Unknown as error:
            raise click.ClickException(f"{code} has no catalogue to be harvested") from error
        failed = failed or bool(ended.failures)
        click.echo(json.dumps(to_dict(ended), ensure_ascii=False))
    if failed:
        raise SystemExit(1)


@catalogue_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--library", required=True, help="Whose records they are: all that it has.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default="auto", help="Of the records; found out.")
def load_catalogue(file: Path, library: str, encoding: Encoding) -> None:
    """Take a file of MARC records (ISO 2709) as all that a library has."""
    store = _store()
    with store.reading() as conn:
        if libraries.load(conn, LibraryCode(library)) is None:
            raise click.ClickException(f"{library} is no member library")
    try:
        done = Catalogue(store).load(file, LibraryCode(library), clock.now(), encoding=encoding)
    except NothingToLoad as error:
        raise click.ClickException(f"no record can be read: {error}") from error
    click.echo(json.dumps({"stored": done.stored, "unread": done.unread, "gone": done.gone}))


@catalogue_group.command("status")
def catalogue_status() -> None:
    """Tell, as JSON lines, what there is of each library and how its harvest stands."""
    for standing in Catalogue(_store()).standings(clock.now()):
        told = {
            **to_dict(standing.harvest), "records": standing.records, "is_current": standing.is_current
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
