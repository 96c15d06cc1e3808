"""The command that writes the contract."""

import sys
from pathlib import Path

import click

from ill_broker.api.contract import as_yaml
from ill_broker.app import create_app
from ill_broker.settings import Settings

CONTRACT = Path("openapi.yaml")


@click.command()
@click.option("--check", is_flag=True, help="Only say whether the file is as the code has it.")
def openapi(*, check: bool) -> None:
    """Write the contract, openapi.yaml."""
    told = as_yaml(create_app(Settings()))
    if not check:
        CONTRACT.write_text(told, encoding="utf-8")
    elif not CONTRACT.exists() or CONTRACT.read_text(encoding="utf-8") != told:
        click.echo("openapi.yaml is not what the code says; write it anew with: ill-broker openapi", err=True)
        sys.exit(1)
