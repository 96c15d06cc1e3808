"""What a library says of its system that speaks SIP2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.ports import Connectors
from connectors.sip2.client import LIMITS, Sip2System
from connectors.sip2.mapping import Sip2Profile

if TYPE_CHECKING:
    from connectors.connector import Line


def _connect(told: Sip2Profile, line: Line) -> Connectors:
    system = _system(told, line)
    return Connectors(line.library, patrons=system, circulation=system)


def _system(told: Sip2Profile, line: Line) -> Sip2System:
    return Sip2System(
        line.library,
        told,
        secrets=line.secrets.named,
        now=line.now,
        limits=line.limits or LIMITS,
        reach=line.reach,
    )


def _probe(told: Sip2Profile, line: Line) -> str:
    system = _system(told, line)
    try:
        system.greet()
    finally:
        system.close()
    return "lets us in, and says what it can do"


SIP2 = Connector(
    name="sip2",
    serves=("patrons", "circulation"),
    form=forms.record_of(Sip2Profile),
    connect=_connect,
    probe=_probe,
)
