"""The command that shows a consortium in a box."""

import sys

import click

from ill_broker.demo.run import run_demo


@click.command()
@click.option("--once", is_flag=True, help="End after the journey; the exit status says whether it arrived.")
@click.option(
    "--watch", is_flag=True, help="Wait before each step for the button on the demonstration's page."
)
@click.option(
    "--database", default="", help="URL of an empty database; SQLite in a scratch folder if left out."
)
@click.option("--speed", type=click.FloatRange(1, 1e7), default=400_000.0, help="How fast the days pass.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="Port of the service; 0 for any.")
def demo(*, once: bool, watch: bool, database: str, speed: float, port: int) -> None:
    """Show a book's journey through a consortium of sandbox libraries."""
    sys.exit(run_demo(once=once, watch=watch, database=database, speed=speed, port=port))
