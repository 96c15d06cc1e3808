"""The command line for policies in the database: new versions put in force."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from ill_broker.services.directory import Directory
from ill_broker.services.policies import EXAMPLES, read_file
from ill_broker.services.rulebook import NewFile, Rulebook
from ill_broker.settings import read_settings
from ill_broker.storage.policies import FileKind
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from ill_broker.wiring import open_clock
from workflows.errors import FaultyPolicy, InvalidCase, WorkflowError
from workflows.timestamps import instant


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--reason", required=True, help="Why these versions are put in force.")
@click.option("--author", default="operator", show_default=True, help="Who decided it.")
@click.option(
    "--valid-from", help="From when on they hold, such as 2026-09-01T00:00:00+08:00; now if left out."
)
def install(folder: Path, reason: str, author: str, valid_from: str | None) -> None:
    """Put the policies of FOLDER, and those of its calendars folder, in force: all of them or none.

    Files that say the same as those in force are left alone; loans under way keep the versions that they
    began under.
    """
    settings = read_settings()
    store = Store.open(settings.database_url, threads=1)
    rulebook = Rulebook(store, Directory(store, builtin_book()))
    try:
        files = list(_files(folder))
        start = _instant(valid_from) if valid_from else None
        now = open_clock(settings).now()
        added = rulebook.install(files, author=author, reason=reason, now=now, valid_from=start)
    except FaultyPolicy as error:
        _tell_faults(error)
        raise click.ClickException("nothing was installed; what is in force stays") from error
    except WorkflowError as error:
        raise click.ClickException(error.title) from error
    for version in added:
        click.echo(f"{version.kind} {version.name}: version {version.seq}")
    click.echo(f"{len(added)} of {len(files)} files are new")


def _files(folder: Path) -> Iterator[NewFile]:
    """Read every file of the folder.

    :raises FaultyPolicy: if one cannot be read
    """
    for kind, inside in ((FileKind.POLICY, folder), (FileKind.CALENDAR, folder / "calendars")):
        for file in sorted(inside.glob("*.yaml")):
            if file.name == EXAMPLES:
                continue
            document = read_file(file)
            named = document.get("id") if isinstance(document, dict) else None
            yield NewFile(
                kind=kind,
                name=named if isinstance(named, str) else file.stem,
                document=document,
                written=file.read_text(encoding="utf-8"),
                source=file.name,
            )


def _instant(text: str) -> datetime:
    try:
        return instant(text)
    except InvalidCase as error:
        raise click.BadParameter(error.code, param_hint="--valid-from") from error


def _tell_faults(error: FaultyPolicy) -> None:
    listed = error.facts.get("faults")
    if not isinstance(listed, dict):
        click.echo(error.detail, err=True)
        return
    for file, faults in listed.items():
        for path, code in faults:
            click.echo(": ".join(filter(None, (file, path, code))), err=True)
