"""The command line: ``ill-broker``."""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from socket import SOCK_STREAM, create_connection, create_server, getaddrinfo
from tempfile import TemporaryDirectory
from threading import Thread

import click
from environs import EnvValidationError
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from ill_broker.access_cli import keys, staff
from ill_broker.admin_cli import catalogue_group, inbox_group, members, outbox_group
from ill_broker.api.contract import as_yaml
from ill_broker.app import create_app
from ill_broker.demo.run import run_demo
from ill_broker.partners_cli import partners
from ill_broker.policies_admin_cli import install, simulate
from ill_broker.policies_cli import policies
from ill_broker.services.providers import BadProviders, read_providers
from ill_broker.settings import Settings, read_settings, share_metrics
from ill_broker.storage.folding import clashes
from ill_broker.storage.migrations import check as schema_differences
from ill_broker.storage.migrations import migrate as migrate_schema
from ill_broker.storage.store import Store
from ill_broker.telemetry import log_as_json
from ill_broker.wiring import open_clock
from ill_broker.worker import open_worker

CONTRACT = Path("openapi.yaml")
#: in which the head of a request has to be here; a connection on which nobody asks anything is kept no longer
HEADER_MILLISECONDS = 15_000
#: after which a process that was asked to stop, and still waits for a member, is made to
STOP_SECONDS = 10


class _Commands(click.Group):
    """Commands that say in one line what cannot be started because of how it is set."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EnvValidationError as error:
            told = error.error_messages
            named = () if isinstance(told, list) else told.items()
            faults = "; ".join(f"{name}: {' '.join(why)}" for name, why in named)
            raise click.ClickException(faults or str(error)) from error
        except BadProviders as error:
            raise click.ClickException(" ".join(str(error).split())) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Lend between libraries: one request, many libraries, the owner's rules."""


main.add_command(members)
main.add_command(staff)
main.add_command(keys)
main.add_command(outbox_group)
main.add_command(inbox_group)
main.add_command(catalogue_group)
main.add_command(partners)


@main.command()
@click.option("--host", help="Address to listen on; ILL_HOST if left out.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; ILL_PORT if left out.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; ILL_WORKERS if left out.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the API and the pages."""
    settings = read_settings(serving=True)
    read_providers(settings.providers)  # a fault is told here and once, not by each process that is started
    host, port = host or settings.host, settings.port if port is None else port
    if settings.metrics_folder:
        Path(settings.metrics_folder).mkdir(parents=True, exist_ok=True)
        share_metrics(settings.metrics_folder)
    _refuse_a_taken_port(host, port)
    server = Granian(
        "ill_broker.asgi:front",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=workers or settings.workers,
        # a connection that stays silent would never be given up if HTTP/2 were waited for as well
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_access=False,
    )
    server.on_startup(Thread(target=_tell_when_it_listens, args=(host, port), daemon=True).start)
    server.serve()


def _refuse_a_taken_port(host: str, port: int) -> None:
    """Go on only where nobody listens; the server below would share the port and take turns with the other.

    :raises click.ClickException: if somebody does, or nobody may
    """
    try:
        [(family, *_), *_] = getaddrinfo(host, port, type=SOCK_STREAM)
        create_server((host, port), family=family).close()
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def _tell_when_it_listens(host: str, port: int) -> None:
    """Say that the service is ready; the server calls before its workers take connections."""
    while True:
        try:
            create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            click.echo(json.dumps({"ready": "web", "url": f"http://{host}:{port}"}))
            return


@main.command()
def worker() -> None:
    """Deliver, apply and watch; any number of workers share the work."""
    settings = read_settings(serving=True)
    log_as_json(settings.log_level)
    open_worker(settings, open_clock(settings)).run(lambda: click.echo(json.dumps({"ready": "worker"})))


@main.command()
@click.option("--once", is_flag=True, help="End after the journey; the exit status says whether it arrived.")
@click.option(
    "--database", default="", help="URL of an empty database; SQLite in a scratch folder if left out."
)
@click.option("--speed", type=click.FloatRange(1, 1e7), default=400_000.0, help="How fast the days pass.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Port of the service; 0 for any.")
def demo(*, once: bool, database: str, speed: float, port: int) -> None:
    """Show a book's journey through a consortium of sandbox libraries."""
    sys.exit(run_demo(once=once, database=database, speed=speed, port=port))


@main.command()
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


@main.command("check")
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


@main.command()
@click.option("--check", is_flag=True, help="Only say whether the file is as the code has it.")
def openapi(*, check: bool) -> None:
    """Write the contract, openapi.yaml."""
    told = as_yaml(create_app(Settings()))
    if not check:
        CONTRACT.write_text(told, encoding="utf-8")
    elif not CONTRACT.exists() or CONTRACT.read_text(encoding="utf-8") != told:
        click.echo("openapi.yaml is not what the code says; write it anew with: ill-broker openapi", err=True)
        sys.exit(1)


policies.add_command(install)
policies.add_command(simulate)
main.add_command(policies)
