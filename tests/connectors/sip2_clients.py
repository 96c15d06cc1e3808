"""Clients of SIP2 servers on the loopback, and the lines such servers answer."""

from __future__ import annotations

import ssl
from datetime import UTC, date, datetime
from typing import Any

from connectors.sip2.client import Sip2System
from connectors.sip2.codec import checksum
from connectors.sip2.mapping import Sip2Profile
from connectors.transport import Limits

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
DUE = date(2026, 2, 1)
QUICK = Limits(connect=0.3, total=0.2, size=10_000)
PATIENT = Limits(connect=2.0, total=5.0, size=10_000)
SECRETS = {"sip2-bhu": "s3cret", "wrong": "guess", "terminal": "t1"}.__getitem__
OPEN: list[Sip2System] = []


def system(
    port: int, *, limits: Limits = PATIENT, context: ssl.SSLContext | None = None, **facts: Any
) -> Sip2System:
    """Return a client of a server that wants no login and no greeting, unless *facts* say otherwise."""
    usual: dict[str, Any] = {"host": "127.0.0.1", "port": port, "greets": False, "connections": 1}
    profile = Sip2Profile(**{**usual, **facts})
    client = Sip2System("bhu", profile, secrets=SECRETS, now=lambda: NOW, limits=limits, tls=context)
    OPEN.append(client)
    return client


def told(name: str = "张三", *, sequence: int = 1, damage: int = 0) -> bytes:
    line = f"64{' ' * 14}000{' ' * 18}{'0' * 24}AOx|AAP1|AE{name}|BLY|AY{sequence}AZ".encode()
    return line + b"%04X\r" % ((checksum(line) + damage) % 0x10000)


def taken(code: bytes = b"121NNY") -> bytes:
    return code + b" " * 18 + b"AOx|\r"
