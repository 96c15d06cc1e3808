"""The application without services and its contract, which take long: made once in a process."""

from __future__ import annotations

from functools import cache
from typing import Any

import schemathesis
from flask import Flask

from ill_broker.api.contract import as_dict
from ill_broker.app import create_app
from ill_broker.settings import Settings


@cache
def bare_app() -> Flask:
    """Return an application that nobody calls."""
    return create_app(Settings())


@cache
def contract() -> dict[str, Any]:
    """Return the contract, to be read."""
    return as_dict(bare_app())


@cache
def checked_contract() -> Any:
    """Return what answers are held against."""
    return schemathesis.openapi.from_dict(as_dict(bare_app()))
