"""What a library says of its NCIP responder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import NcipProfile
from connectors.ports import Connectors
from connectors.questions import looks_up

if TYPE_CHECKING:
    from connectors.connector import Line


def _connect(told: NcipProfile, line: Line) -> Connectors:
    system = _system(told, line)
    return Connectors(
        line.library, patrons=system, hold_shelf=system, circulation=system, temporary_items=system
    )


def _system(told: NcipProfile, line: Line) -> NcipSystem:
    return NcipSystem(line.target(), told, line.now)


def _probe(told: NcipProfile, line: Line) -> str:
    return looks_up(_system(told, line))


NCIP = Connector(
    name="ncip",
    serves=("patrons", "hold_shelf", "circulation", "temporary_items"),
    form=forms.record_of(NcipProfile),
    connect=_connect,
    probe=_probe,
)
