"""Starts everything the demonstration needs, walks the journey, and serves until it is told to stop."""

import json
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import click

from ill_broker import clock, mint
from ill_broker.clock import set_clock
from ill_broker.demo.client import Client, Refused
from ill_broker.demo.consortium import PASSWORD, Member, found_consortium, with_sandbox
from ill_broker.demo.everyday import Everyday
from ill_broker.demo.journey import Journey, NotReached
from ill_broker.demo.mailbox import Mailbox
from ill_broker.demo.processes import Process
from ill_broker.demo.script import Calendar
from ill_broker.demo.story import Story
from ill_broker.demo.textbox import TextBox
from ill_broker.storage.migrations import migrate
from ill_broker.storage.store import Store

#: a Monday in a spring term, so that the calendars have terms, weekends and a holiday ahead
_BEGINS = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
_SESSION_HOURS = 24 * 30
#: how fast days pass that nobody looks at
_UNSEEN = 1e7


def run_demo(*, once: bool, watch: bool, database: str, speed: float, port: int) -> int:
    """Run the demonstration and return its exit status: 0 if all seven steps were reached."""
    # whoever ends us ends all that we have started
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ill-broker-demo-"))
        url = database or f"sqlite:///{folder / 'broker.db'}"
        service = f"http://127.0.0.1:{port or _free_port()}"
        script = folder / "clock.json"
        set_clock(script, _BEGINS)
        mailbox = stack.enter_context(_mailbox(folder / "letters"))
        click.echo(f"Starting {len(with_sandbox())} sandbox libraries, the broker and its worker ...")
        token = mint.token()
        texts = stack.enter_context(_textbox(token))
        story = Story(folder, is_watched=watch)
        addresses = {
            "ILL_DEMONSTRATION": str(folder),
            "ILL_SMTP_PORT": str(mailbox.port),
            "ILL_SMS_URL": texts.url,
            "ILL_SMS_TOKEN": token,
        }
        sandboxes = _start(stack, url, service, script, addresses)
        click.echo(f"Everybody is a button, and the journey is to be watched: {service}/demonstration")
        journey = Journey(
            Client(service), mailbox, Calendar(script, speed), sandboxes, say=click.echo, story=story
        )
        try:
            journey.walk()
            _show(texts)
            if not once:
                click.echo("\nSome weeks go by, until something waits in every list of the desks ...")
                everyday = Everyday(Client(service), mailbox, Calendar(script, _UNSEEN), sandboxes)
                everyday.go_by()
                story.end(everyday.letter_link())
        except (NotReached, Refused, TimeoutError) as error:
            click.echo(f"The journey ended early: {error}\nThe logs are in {folder}", err=True)
            return 1
        if not once:
            _serve(service, folder)
    shutil.rmtree(folder)
    return 0


def _show(texts: TextBox) -> None:
    click.echo("\nTexts to their telephones:")
    for said in texts.kept.all():
        click.echo(f"  {said}")


def _start(
    stack: ExitStack, url: str, service: str, script: Path, addresses: Mapping[str, str]
) -> dict[str, str]:
    """Start the processes, with their logs beside the script, and return where the sandboxes are, by code."""
    secrets = {member.code: mint.webhook_secret() for member in with_sandbox()}
    started = {
        member.code: stack.enter_context(_ending(_sandbox(member, secrets[member.code], service, script)))
        for member in with_sandbox()
    }
    sandboxes = {
        code: f"http://127.0.0.1:{process.wait_until_ready()['port']}" for code, process in started.items()
    }
    _fill(url, sandboxes, secrets)
    environment = {
        "ILL_DATABASE_URL": url,
        "ILL_BASE_URL": service,
        "ILL_SECRET_KEY": mint.token(),
        "ILL_CLOCK_FILE": str(script),
        **addresses,
        "ILL_SESSION_HOURS": str(_SESSION_HOURS),
        "ILL_PASSWORD_COST": "cheap",
        # a slow machine still gets every member's answer
        "ILL_SEARCH_SECONDS": "20",
        # its member libraries live on this machine
        "ILL_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    serve = ["-m", "ill_broker", "serve", "--port", service.rsplit(":", 1)[1]]
    for name, arguments in (("web", serve), ("worker", ["-m", "ill_broker", "worker"])):
        process = stack.enter_context(_ending(Process(name, arguments, environment, script.parent)))
        process.wait_until_ready()
    return sandboxes


def _fill(url: str, sandboxes: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    migrate(url)
    store = Store.open(url, threads=1)
    try:
        # secrets are dated by the machine's clock, as signatures are
        found_consortium(store, sandboxes, secrets, now=clock.now() - timedelta(days=1))
    finally:
        store.close()


def _sandbox(member: Member, secret: str, service: str, script: Path) -> Process:
    config = {
        "library": member.code,
        "libraries": [each.code for each in with_sandbox()],
        "marc": member.marc,
        "secret": secret,
        "broker_url": service,
        "scenario": member.scenario,
        "pace": 0.1,
        "clock_file": str(script),
    }
    path = script.parent / f"{member.code}.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    arguments = ["-m", "connectors.sandbox", "--config", str(path)]
    return Process(f"sandbox-{member.code}", arguments, {}, script.parent)


@contextmanager
def _ending(process: Process) -> Iterator[Process]:
    try:
        yield process
    finally:
        process.end()


@contextmanager
def _mailbox(folder: Path) -> Iterator[Mailbox]:
    box = Mailbox(folder)
    box.start()
    try:
        yield box
    finally:
        box.stop()


@contextmanager
def _textbox(token: str) -> Iterator[TextBox]:
    box = TextBox(token)
    box.start()
    try:
        yield box
    finally:
        box.stop()


def _serve(service: str, folder: Path) -> None:
    """Tell where to go, and wait for Ctrl-C."""
    click.echo(f"\nEverybody is a button: {service}/demonstration")
    click.echo(f"  API documentation   {service}/docs")
    click.echo(f"  letters and logs    {folder}")
    click.echo(f"  password            {PASSWORD}")
    click.echo("Ctrl-C ends it.")
    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
