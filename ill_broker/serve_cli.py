"""The command that serves."""

import json
import time
from pathlib import Path
from socket import SOCK_STREAM, create_connection, create_server, getaddrinfo
from threading import Thread

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from ill_broker.services.people.providers import BadProviders, read_providers
from ill_broker.settings import read_settings, share_metrics

#: in which the head of a request has to be here; a connection on which nobody asks anything is kept no longer
HEADER_MILLISECONDS = 15_000
#: after which a process that was asked to stop, and still waits for a member, is made to
STOP_SECONDS = 10


@click.command()
@click.option("--host", help="Address to listen on; ILL_HOST if left out.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; ILL_PORT if left out.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; ILL_WORKERS if left out.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the API and the pages."""
    settings = read_settings(serving=True)
    try:
        read_providers(
            settings.providers
        )  # a fault is told here and once, not by each process that is started
    except BadProviders as error:
        raise click.ClickException(" ".join(str(error).split())) from error
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
