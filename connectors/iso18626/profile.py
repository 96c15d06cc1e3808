"""What a library says of itself as a partner by ISO 18626."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors import forms
from connectors.connector import Connector
from connectors.failures import Refused
from connectors.iso18626.client import IsoPartner, IsoRequester
from connectors.iso18626.mapping import IsoProfile
from connectors.iso18626.messages import AgencyId, Revision
from connectors.ports import Connectors
from connectors.questions import of_no_request
from workflows.policies.forms import Kind

if TYPE_CHECKING:
    from connectors.addresses import Reach
    from connectors.connector import Line
    from workflows.policies.document import Place

_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")


def agency(text: str) -> AgencyId:
    """Return the agency that "ISIL:CN-110001" names; without a type before it, it is an ISIL.

    :raises ValueError: if it names none
    """
    kind, _, value = text.rpartition(":")
    if not value.strip():
        raise ValueError(text)
    return AgencyId(value.strip(), kind.strip() or "ISIL")


def _check_network(place: Place, _: Reach | None) -> None:
    try:
        ip_network(str(place.value), strict=False)
    except ValueError:
        place.refuse("bad_network")


def _check_agency(place: Place, _: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and not place.value.rpartition(":")[2].strip():
        place.refuse("bad_text")


def _asked(**said: Any) -> IsoProfile | None:
    """Return how the partner is asked; None for one that only writes to us."""
    said.pop("proof", None)
    return IsoProfile(**said) if "url" in said else None


_AGENCY = Kind(check=_check_agency, read=lambda text, _: agency(text))
_REVISION = replace(forms.one_of(*(one.value for one in Revision)), read=lambda value, _: Revision(value))
_PROOF = forms.form(
    dict,
    (),
    header=forms.shaped(_HEADER),
    query=forms.text(),
    networks=forms.list_of(Kind(check=_check_network)),
    certificate=forms.shaped(_HEADER),
    subject=forms.text(500),
)
_FORM = forms.form(
    _asked,
    ["our_agency", "their_agency"],
    url=forms.url,
    our_agency=_AGENCY,
    their_agency=_AGENCY,
    revision=_REVISION,
    zone=replace(forms.zone, read=lambda name, _: ZoneInfo(name)),
    token_header=forms.shaped(_HEADER),
    token=forms.secret,
    account=forms.text(),
    security_code=forms.secret,
    proof=_PROOF,
)


def _connect(told: IsoProfile, line: Line) -> Connectors:
    return Connectors(
        line.library,
        supplier=IsoPartner(line.target(), told),
        requester=IsoRequester(line.target(), told),
    )


def _probe(told: IsoProfile, line: Line) -> str:
    """Ask where a request stands that the partner cannot know: that it says so shows that it listens."""
    try:
        IsoPartner(line.target(), told).tell(of_no_request(line.now()))
    except Refused as refusal:
        if refusal.detail.startswith(("HTTP", "not an address")) or " is not called " in refusal.detail:
            raise
        return f"answers, and does not know a request that there is not: {refusal.detail}"
    return "answers"


ISO18626 = Connector(
    name="iso18626",
    serves=("ask",),
    form=_FORM,
    connect=_connect,
    probe=_probe,
)
