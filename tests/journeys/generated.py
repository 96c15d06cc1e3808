"""A client as a stranger generates it from openapi.yaml, behind the two calls by which a story speaks."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from ill_broker.demo.client import Client, Refused

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACT = ROOT / "openapi.yaml"
PACKAGE = "generated_broker_client"
PROGRAM = Path(sys.executable).parent / "openapi-python-client"


def generate(folder: Path) -> str:
    """Write the client into *folder*, and return what its maker complained of."""
    made = subprocess.run(
        [PROGRAM, "generate", "--path", CONTRACT, "--output-path", folder / PACKAGE, "--meta", "none"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=True,
    )
    return made.stdout


@dataclass(frozen=True, slots=True)
class Generated(Client):
    """Speaks to the service through the generated client: each call is one of its functions."""

    #: the operations that were called
    called: set[str] = field(default_factory=set)

    def log_in(self, login: str, password: str) -> Generated:
        """Return the same client with a session."""
        session = self.post("/api/v1/sessions", {"login": login, "password": password})
        return replace(self, token=session["token"])

    def _call(self, method: str, path: str, body: Any) -> Any:
        name, tag, named, kind = _operation(method.lower(), path)
        self.called.add(name)
        if kind is not None:
            named["body"] = getattr(importlib.import_module(f"{PACKAGE}.models"), kind).from_dict(body)
        call = importlib.import_module(f"{PACKAGE}.api.{tag}.{name}").sync_detailed
        with self._client() as client:
            answer = call(client=client, **named)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise Refused(f"{name}: {answer.content.decode()}")
        return None if answer.parsed is None else answer.parsed.to_dict()

    def _client(self) -> Any:
        made = importlib.import_module(f"{PACKAGE}.client")
        if self.token:
            return made.AuthenticatedClient(base_url=self.base_url, token=self.token)
        return made.Client(base_url=self.base_url)


@cache
def _contract() -> list[tuple[str, str, re.Pattern[str], dict[str, Any]]]:
    told = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    return [
        (method, path, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), operation)
        for path, operations in sorted(told["paths"].items(), key=lambda each: "{" in each[0])
        for method, operation in operations.items()
    ]


def _operation(method: str, path: str) -> tuple[str, str, dict[str, Any], str | None]:
    """Return the function, its module, what it takes from the path, and the class of its body."""
    for known, _, pattern, operation in _contract():
        found = pattern.fullmatch(path)
        if known == method and found is not None:
            sent = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema", {})
            )
            kind = sent["$ref"].rpartition("/")[2] if "$ref" in sent else None
            tag = operation["tags"][0].replace("-", "_")
            return operation["operationId"], tag, found.groupdict(), kind
    raise LookupError(f"{method} {path}")
