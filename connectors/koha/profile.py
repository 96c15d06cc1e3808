"""What a library says of its Koha."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors import forms
from connectors.connector import Connector
from connectors.koha.calls import KohaCalls
from connectors.koha.client import KohaFinder, KohaSystem
from connectors.koha.keeper import Keeper
from connectors.koha.mapping import KohaProfile
from connectors.koha.supplier import KohaSupplier
from connectors.ports import Connectors
from connectors.questions import looks_up
from connectors.transport import Limits

if TYPE_CHECKING:
    from connectors.connector import Line


def _connect(told: KohaProfile, line: Line) -> Connectors:
    calls = _calls(told, line)
    system = KohaSystem(calls)
    supplier = KohaSupplier(calls, told.ill, line.otherwise) if told.ill else None
    return Connectors(
        line.library,
        finder=KohaFinder(line.async_target(), calls.keeper, size=(line.limits or Limits()).records),
        supplier=supplier,
        witness=supplier,
        patrons=system,
        hold_shelf=system,
    )


def _calls(told: KohaProfile, line: Line) -> KohaCalls:
    return KohaCalls(line.target(), Keeper(line.library, told, line.secrets.named))


def _probe(told: KohaProfile, line: Line) -> str:
    return looks_up(KohaSystem(_calls(told, line)))


KOHA = Connector(
    name="koha",
    serves=("find", "ask", "patrons", "hold_shelf"),
    form=forms.record_of(KohaProfile),
    connect=_connect,
    probe=_probe,
)
