"""A repository served by pyoai, which is not ours: protocol, pages, tokens and datestamps are all its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs

import pytest
from flask import Flask, Response, request
from lxml import etree
from werkzeug.serving import make_server

from tests.support.oai import MARC

#: records of one page
PAGE = 10


@dataclass
class Shelf:
    """Books by their numbers, each with when it was changed last; without a title it is gone."""

    books: dict[int, tuple[str | None, datetime]] = field(default_factory=dict)
    #: what was asked, as the harvester said it
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(shelf: Shelf) -> Iterator[str]:
    """Serve the shelf on the loopback; yield its address. Skips where pyoai is not installed."""
    with patch.dict(sys.modules, _of_another_age()):
        pytest.importorskip("oaipmh", reason="pyoai is not installed: see tests/support/pyoai.txt")
        oai = {name: import_module(f"oaipmh.{name}") for name in ("common", "error", "metadata", "server")}
    app = Flask("repository")
    server = oai["server"].Server(_Repository(shelf, oai), _registry(oai), resumption_batch_size=PAGE)

    @app.get("/oai")
    def answer() -> Response:
        shelf.asked.append(request.args.to_dict())
        return Response(server.handleRequest(request.args.to_dict()), content_type="text/xml")

    http = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/oai"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def _of_another_age() -> dict[str, ModuleType]:
    """Return what pyoai imports and Python has no longer: of all of it, it calls one function here."""
    cgi, resources = ModuleType("cgi"), ModuleType("pkg_resources")
    cgi.parse_qs = parse_qs  # type: ignore[attr-defined]  # the module of old had it
    return {"cgi": cgi, "pkg_resources": resources}


def _registry(oai: dict[str, Any]) -> Any:
    def write(element: Any, told: Any) -> None:
        element.append(etree.fromstring(told.getField("marc")))

    registry = oai["metadata"].MetadataRegistry()
    registry.registerWriter("marc21", write)
    return registry


class _Repository:
    """What pyoai asks of whoever has the records, by its own names."""

    def __init__(self, shelf: Shelf, oai: dict[str, Any]) -> None:
        self._shelf, self._oai = shelf, oai

    def identify(self) -> Any:
        return self._oai["common"].Identify(
            repositoryName="BHU",
            baseURL="http://bhu.example/oai",
            protocolVersion="2.0",
            adminEmails=["oai@bhu.example"],
            earliestDatestamp=datetime(2020, 1, 1),  # noqa: DTZ001 - its datestamps are naive
            deletedRecord="persistent",
            granularity="YYYY-MM-DDThh:mm:ssZ",
            compression=["identity"],
            toolkit_description=False,
        )

    def listRecords(  # noqa: N802 - its name
        self, metadataPrefix: str, set: str | None = None,  # noqa: A002, N803 - so it passes them
        from_: datetime | None = None,
        until: datetime | None = None, **_: Any,
    ) -> list[Any]:  # fmt: skip
        del set, until
        if metadataPrefix != "marc21":
            raise self._oai["error"].CannotDisseminateFormatError(metadataPrefix)
        return [
            (self._header(number, changed, is_gone=title is None), self._metadata(number, title), None)
            for number, (title, changed) in sorted(self._shelf.books.items())
            if from_ is None or changed >= from_
        ]

    def _header(self, number: int, changed: datetime, *, is_gone: bool) -> Any:
        return self._oai["common"].Header(None, f"oai:bhu:{number}", changed, [], is_gone)

    def _metadata(self, number: int, title: str | None) -> Any:
        marc = MARC.format(number=number, title=title)
        return self._oai["common"].Metadata(None, {"marc": marc})
