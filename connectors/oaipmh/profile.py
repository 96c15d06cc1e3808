"""What a library says of its OAI-PMH repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.oaipmh.client import LIMITS, OaiHarvester, OaiProfile
from connectors.ports import Connectors

if TYPE_CHECKING:
    from connectors.connector import Line


def _connect(told: OaiProfile, line: Line) -> Connectors:
    return Connectors(line.library, harvester=_harvester(told, line))


def _harvester(told: OaiProfile, line: Line) -> OaiHarvester:
    return OaiHarvester(line.target(LIMITS), told)


def _probe(told: OaiProfile, line: Line) -> str:
    _harvester(told, line).identity()
    return "identifies itself"


OAI = Connector(
    name="oai",
    serves=("harvest",),
    form=forms.record_of(OaiProfile),
    connect=_connect,
    probe=_probe,
)
