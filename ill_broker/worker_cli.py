"""The command that works: outbox, partners' messages, deadlines."""

import json

import click

from ill_broker.settings import read_settings
from ill_broker.telemetry import log_as_json
from ill_broker.wiring import open_clock
from ill_broker.worker import open_worker


@click.command()
def worker() -> None:
    """Deliver, apply and watch; any number of workers share the work."""
    settings = read_settings(serving=True)
    log_as_json(settings.log_level)
    open_worker(settings, open_clock(settings)).run(lambda: click.echo(json.dumps({"ready": "worker"})))
