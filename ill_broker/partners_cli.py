"""For whoever connects a library: the commands that try its system."""

import json
import sys
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import click

from connectors.certify.examiner import Endpoint
from connectors.certify.listening import Listener, listening
from connectors.certify.parts import PARTS, certify
from connectors.certify.report import Report
from ill_broker import clock

_USUAL = "webhook"
_LAST_PORT = 65535


@click.group()
def partners() -> None:
    """Certify partners' systems."""


@partners.command("certify")
@click.argument("url")
@click.option("--protocol", type=click.Choice([*PARTS]), help="Told by the URL's scheme, else webhook.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--secret", envvar="ILL_CERTIFY_SECRET", default="", help="whsec_... that both sides sign with."
)
@click.option("--token", envvar="ILL_CERTIFY_TOKEN", default="", help="Bearer token of ISO 18626.")
@click.option("--user", envvar="ILL_CERTIFY_USER", default="", help="Of Koha, SIP2 or Z39.50.")
@click.option("--password", envvar="ILL_CERTIFY_PASSWORD", default="", help="Of that user.")
@click.option("--our-agency", default="ISIL:ILL-BROKER", show_default=True)
@click.option("--their-agency", default="ISIL:PARTNER", show_default=True)
@click.option("--revision", type=click.Choice(["1.2", "2021-2"]), default="1.2", help="Of ISO 18626.")
@click.option("--card", default="", help="A card number that somebody holds there.")
@click.option("--barcode", default="", help="A copy there that may be lent and taken back to try it.")
@click.option("--word", default="", help="A word that stands in some title there.")
@click.option("--listen", default="", help="HOST:PORT on which the partner's own messages are taken.")
@click.option("--seconds", type=click.FloatRange(0, 3600), default=60.0, help="How long they are waited for.")
def certify_partner(
    url: str, protocol: str | None, form: str, listen: str, seconds: float, **known: Any
) -> None:
    """Put the system at URL through its part, and print what conforms; the status is 0 if all of it does.

    It is asked as the broker asks: take a system that is for trying. Secrets are best told by the
    environment: ILL_CERTIFY_SECRET, ILL_CERTIFY_TOKEN, ILL_CERTIFY_USER, ILL_CERTIFY_PASSWORD.
    """
    scheme = urlsplit(url).scheme
    chosen = protocol or (scheme if scheme in PARTS else _USUAL)
    with ExitStack() as stack:
        listener = Listener(clock.now, seconds=seconds) if listen else None
        if listener is not None:
            host, _, port = listen.rpartition(":")
            _heard(stack, listener, host, port)
        report = certify(chosen, Endpoint(url=url, now=clock.now, listener=listener, **known))
    click.echo(_told(report, form))
    sys.exit(0 if report.conforms else 1)


def _heard(stack: ExitStack, listener: Listener, host: str, port: str) -> None:
    if not (host and port.isascii() and port.isdigit() and int(port) <= _LAST_PORT):
        raise click.BadParameter("not HOST:PORT", param_hint="--listen")
    try:
        stack.enter_context(listening(listener, host, int(port)))
    except (OSError, SystemExit) as error:
        raise click.BadParameter(f"nobody can listen there: {error}", param_hint="--listen") from error


def _told(report: Report, form: str) -> str:
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) if form == "json" else report.as_text()
