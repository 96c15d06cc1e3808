"""The command line for policies and what was lent: new versions tried, and put in force."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

import click

from ill_broker.command_group import in_language, told_fault
from ill_broker.services.audit import OPERATOR, act_as
from ill_broker.services.members.directory import Directory
from ill_broker.services.members.rulebook import NewFile, Rulebook, candidate_book
from ill_broker.services.office.evaluation import EXAMPLES, read_file
from ill_broker.services.office.simulations import Simulations, simulate_lines
from ill_broker.settings import read_settings
from ill_broker.storage.policies import FileKind
from ill_broker.storage.policy_files import builtin_book, read_policies
from ill_broker.storage.store import Store
from ill_broker.texts.simulation_chart import as_chart
from ill_broker.texts.simulation_texts import as_csv, as_table
from ill_broker.wiring import open_clock
from workflows.errors import FaultyPolicy, InvalidCase, WorkflowError
from workflows.evaluation.simulation import Simulation
from workflows.languages import Language
from workflows.policies.book import PolicyBook
from workflows.timestamps import instant

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FORMS: Mapping[str, Callable[[Simulation, str], str]] = {
    "table": as_table,
    "csv": lambda found, _: as_csv(found),
    "svg": as_chart,
}
#: lines of a file that are named one by one when they are left out
NAMED = 20


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--reason", required=True, help="Why these versions are put in force.")
@click.option("--author", default="operator", show_default=True, help="Who decided it.")
@click.option(
    "--valid-from", help="From when on they hold, such as 2026-09-01T00:00:00+08:00; now if left out."
)
@in_language
def install(folder: Path, reason: str, author: str, valid_from: str | None, language: Language) -> None:
    """Put the policies of FOLDER, and those of its calendars folder, in force: all of them or none.

    Files that say the same as those in force are left alone; loans under way keep the versions that they
    began under.
    """
    settings = read_settings()
    act_as(OPERATOR)
    store = click.get_current_context().with_resource(Store.open(settings.database_url, threads=1))
    rulebook = Rulebook(store, Directory(store, builtin_book()))
    try:
        files = list(_files(folder))
        start = _instant(valid_from or None, "--valid-from")
        now = open_clock(settings).now()
        added = rulebook.install(files, author=author, reason=reason, now=now, valid_from=start)
    except FaultyPolicy as error:
        _tell_faults(error, language)
        raise click.ClickException("nothing was installed; what is in force stays") from error
    except WorkflowError as error:
        raise click.ClickException(error.title) from error
    for version in added:
        click.echo(f"{version.kind} {version.name}: version {version.seq}")
    click.echo(f"{len(added)} of {len(files)} files are new")


@click.command()
@click.option(
    "--policies",
    type=FOLDER,
    required=True,
    help="Folder of the candidate's files: those that differ are enough.",
)
@click.option("--calendars", type=FOLDER, help='Folder of its calendars; "calendars" among the policies.')
@click.option(
    "--today", type=FOLDER, help="Folder of what it is compared with; what is in force if left out."
)
@click.option(
    "--loans",
    type=click.File("rb", lazy=True),
    help='JSON lines of loans, {"id", "input"}; "-" to read them.',
)
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write to.")
@click.option("--from", "since", help="Only requests submitted from then on, as 2026-09-01T00:00:00+08:00.")
@click.option("--until", help="Only requests submitted before then.")
@in_language
def simulate(
    *,
    policies: Path,
    calendars: Path | None,
    today: Path | None,
    loans: BinaryIO | None,
    form: str,
    out: Path | None,
    since: str | None,
    until: str | None,
    language: Language,
) -> None:
    """Run what was lent, or a file of loans, under a candidate's policies, and compare with today's.

    What is lent is read from the database. A file of loans is compared with the policies that come with
    the project, unless --today names others; loans that are out still are looked at as of now, unless they
    name a day. A chart is told with its table.
    """
    if loans is not None and (since or until):
        raise click.UsageError("--from and --until choose from the database, not from a file")
    start, end = _instant(since, "--from"), _instant(until, "--until")
    try:
        files = list(_files(policies, calendars))
        book = read_policies(today) if today else None
        if loans is not None:
            found = _simulated(loans, book or builtin_book(), files)
        else:
            found = _history(files, book, start, end)
    except FaultyPolicy as error:
        _tell_faults(error, language)
        raise click.ClickException("the candidate, or today's policies, are faulty") from error
    _write(found, form, out, language)


def _simulated(loans: BinaryIO, today: PolicyBook, files: list[NewFile]) -> Simulation:
    """Run a file of loans; the first lines that cannot be counted are named."""
    found = Simulation(today, candidate_book(today, files), open_clock(read_settings()).now())
    left = 0
    for one in simulate_lines(cast(BufferedReader, loans), found):
        left += 1
        if left <= NAMED:
            click.echo(str(one), err=True)
    if left > NAMED:
        click.echo(f"and {left - NAMED} more", err=True)
    if left:
        click.echo(f"{left} lines are left out", err=True)
    return found


def _history(
    files: list[NewFile], today: PolicyBook | None, since: datetime | None, until: datetime | None
) -> Simulation:
    settings = read_settings()
    with Store.open(settings.database_url, threads=1) as store:
        service = Simulations(store, Directory(store, builtin_book()))
        now = open_clock(settings).now()
        return service.history(files, now=now, today=today, since=since, until=until)


def _write(found: Simulation, form: str, out: Path | None, language: Language) -> None:
    """Write the result; a chart that goes to a file has its table on standard output, else on the other."""
    told = FORMS[form](found, language)
    if form == "svg":
        click.echo(as_table(found, language), nl=False, err=out is None)
    if out is None:
        click.echo(told, nl=False)
    else:
        out.write_text(told, encoding="utf-8", newline="")


def _files(folder: Path, calendars: Path | None = None) -> Iterator[NewFile]:
    """Read every file of the folder.

    :raises FaultyPolicy: if one cannot be read
    """
    for kind, inside in ((FileKind.POLICY, folder), (FileKind.CALENDAR, calendars or folder / "calendars")):
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


def _instant(text: str | None, option: str) -> datetime | None:
    try:
        return None if text is None else instant(text)
    except InvalidCase as error:
        raise click.BadParameter(error.code, param_hint=option) from error


def _tell_faults(error: FaultyPolicy, language: Language) -> None:
    listed = error.facts.get("faults")
    if not isinstance(listed, dict):
        click.echo(error.detail, err=True)
        return
    for file, faults in listed.items():
        for path, code in faults:
            click.echo(told_fault(file, path, code, language), err=True)
