"""What a library says of its OAI-PMH repository."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.failures import Refused
from connectors.oaipmh.client import LIMITS, OaiHarvester, OaiProfile
from connectors.ports import Connectors
from connectors.trials import Answer, RefusedField

if TYPE_CHECKING:
    from connectors.connector import Line

_LATELY = timedelta(hours=1)
#: What OAI-PMH calls a format that a repository does not have.
_NO_FORMAT = "cannotDisseminateFormat"


def _connect(told: OaiProfile, line: Line) -> Connectors:
    return Connectors(line.library, harvester=_harvester(told, line))


def _harvester(told: OaiProfile, line: Line) -> OaiHarvester:
    return OaiHarvester(line.target(LIMITS), told)


def _probe(told: OaiProfile, line: Line) -> Answer:
    harvester = _harvester(told, line)
    harvester.identity()
    try:
        # Of what has changed lately: a short list, in the format and of the part that would be harvested.
        harvester.begin(since=line.now() - _LATELY)
    except Refused as refusal:
        field = "set" if told.set and _NO_FORMAT not in refusal.detail else "prefix"
        refused = RefusedField(field, refusal.detail)
        return Answer(f"identifies itself; refuses {field}: {refusal.detail}", (refused,))
    return Answer("identifies itself, and lists what has changed lately")


OAI = Connector(
    name="oai",
    serves=("harvest",),
    form=forms.record_of(OaiProfile),
    connect=_connect,
    probe=_probe,
)
