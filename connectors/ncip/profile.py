"""What a library says of its NCIP responder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import Connector
from connectors.ncip.client import NcipSystem
from connectors.ncip.mapping import DIALECTS, NcipProfile
from connectors.ports import Connectors
from connectors.questions import looks_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.connector import Line
    from connectors.profile_secrets import Secrets

_FORM = forms.form(
    ["url", "our_agency", "their_agency"],
    url=forms.url,
    our_agency=forms.text(),
    their_agency=forms.text(),
    application_profile=forms.text(),
    vendor=forms.one_of(tuple(DIALECTS)),
    zone=forms.zone,
    checks_pins=forms.flag,
)


def _read(told: Mapping[str, Any], _secrets: Secrets) -> NcipProfile:
    return NcipProfile(**forms.present(told))


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
    form=_FORM,
    read=_read,
    connect=_connect,
    probe=_probe,
)
