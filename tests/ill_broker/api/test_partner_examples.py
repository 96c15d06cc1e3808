"""The examples of docs/connect.md do what they say: they report to the service, and take its asks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Flask

from connectors.certify.examiner import Endpoint
from connectors.certify.parts import certify
from ill_broker import clock as machine
from ill_broker.settings import Settings
from ill_broker.storage.store import Store
from tests.connectors.sandboxes import serving as on_loopback
from tests.ill_broker.api.client import Api, Hand
from tests.ill_broker.api.lending import SECRET, a_find, counts, lending_services, serving
from tests.support.sources import ROOT
from workflows.patrons import Patron

EXAMPLES = re.findall(
    r"^## ([^\n]+)$(?:(?!^## ).)*?^```(?:sh|python)\n(.*?)^```$",
    (ROOT / "docs" / "connect.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
SNIPPETS = dict(EXAMPLES)
NEEDS_CURL = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl"
)


@pytest.fixture
def services(store: Store, settings: Settings, clock: Hand) -> Iterator[list[object]]:
    services, close = lending_services(store, settings, clock)
    yield services
    close()


@pytest.fixture
def app(settings: Settings, services: list[object], clock: Hand) -> Flask:
    return serving(settings, services, clock)


@pytest.fixture
def request_id(patron_api: Api, store: Store, patron: Patron) -> str:
    return str(patron_api.post("/requests", json=a_find(store, patron)).json["id"])


@pytest.mark.parametrize(
    ("title", "program"),
    [
        pytest.param("Report with curl", ["bash", "-euc"], marks=NEEDS_CURL),
        ("Report with Python", [sys.executable, "-c"]),
    ],
)
def test_an_example_reports_to_the_service(
    title: str, program: list[str], app: Flask, store: Store, request_id: str
) -> None:
    before = counts(store)
    with on_loopback(app) as url:
        known = {"BROKER": url, "LIBRARY": "szutl", "SECRET": SECRET, "REQUEST": request_id, "no_proxy": "*"}
        told = subprocess.run(
            [*program, SNIPPETS[title]], env={**os.environ, **known}, capture_output=True, text=True,
            timeout=30, check=False,
        )  # fmt: skip

    assert ("202", "") == (told.stdout.strip(), told.stderr)
    assert before != counts(store)


def test_the_example_that_takes_asks_conforms() -> None:
    environment = {**os.environ, "SECRET": SECRET, "PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-u", "-c", SNIPPETS["Take asks with Python"]],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as partner:  # fmt: skip
        try:
            assert partner.stdout is not None
            url = f"http://127.0.0.1:{int(partner.stdout.readline())}"
            report = certify("webhook", Endpoint(url=url, now=machine.now, secret=SECRET))
        finally:
            partner.terminate()

    assert report.conforms, report.as_text()
