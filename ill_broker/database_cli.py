"""The commands for the database: its tables, and what is wrong in them."""

import json
import sys
from dataclasses import asdict
from tempfile import TemporaryDirectory

import click

from ill_broker import clock
from ill_broker.services.members.policy_versions import misread_ever
from ill_broker.settings import read_settings
from ill_broker.storage import libraries
from ill_broker.storage.folding import clashes
from ill_broker.storage.migrations import check as schema_differences
from ill_broker.storage.migrations import migrate as migrate_schema
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store

_TO_DO = "install the file anew without it or as this release has it; the version before holds meanwhile"


@click.command()
@click.option("--check", is_flag=True, help="Only say whether the migrations lead to the tables of the code.")
def migrate(*, check: bool) -> None:
    """Bring the database to the schema of this release."""
    if not check:
        migrate_schema(read_settings().database_url)
        return
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.db"
        migrate_schema(url)
        differences = schema_differences(url)
    for difference in differences:
        click.echo(difference, err=True)
    sys.exit(1 if differences else 0)


@click.command("check")
def check_data() -> None:
    """Tell, as JSON lines, what is wrong in the database; 1 if anything is.

    Whose card number, log-in or barcode is another's but for its spelling: nothing is found by it, and
    nothing is merged; one of the two has to go, and `migrate` gives it to the other then. And which
    installed policies and calendars this release does not understand: the version before holds meanwhile.
    """
    store = Store.open(read_settings().database_url, threads=1)
    with store.reading() as conn:
        found: list[dict[str, object]] = [asdict(clash) for clash in clashes(conn)]
        misread = misread_ever(conn, builtin_book(), libraries.all_of(conn), now=clock.now())
    store.close()
    found += [{**asdict(one), "to_do": _TO_DO} for one in misread]
    for one in found:
        click.echo(json.dumps(one, ensure_ascii=False))
    sys.exit(1 if found else 0)
