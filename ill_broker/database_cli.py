"""The commands for the database: its tables, and what is wrong in them."""

import json
import sys
from dataclasses import asdict
from tempfile import TemporaryDirectory

import click

from ill_broker.settings import read_settings
from ill_broker.storage.folding import clashes
from ill_broker.storage.migrations import check as schema_differences
from ill_broker.storage.migrations import migrate as migrate_schema
from ill_broker.storage.store import Store


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
    """Tell, as JSON lines, whose card number, log-in or barcode is another's but for its spelling; 1 if any.

    Nothing is found by such an identifier, and nothing is merged: one of the two has to go. `migrate` gives
    it to the other then.
    """
    store = Store.open(read_settings().database_url, threads=1)
    with store.reading() as conn:
        found = clashes(conn)
    store.close()
    for clash in found:
        click.echo(json.dumps(asdict(clash), ensure_ascii=False))
    sys.exit(1 if found else 0)
