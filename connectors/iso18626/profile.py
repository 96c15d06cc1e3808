"""What a library says of itself as a partner by ISO 18626."""

from __future__ import annotations

import re
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

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.addresses import Reach
    from connectors.connector import Line
    from connectors.profile_secrets import Secrets
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


def _network(place: Place, _: Reach | None) -> None:
    try:
        ip_network(str(place.value), strict=False)
    except ValueError:
        place.refuse("bad_network")


def _agency(place: Place, _: Reach | None) -> None:
    place.text()
    if isinstance(place.value, str) and not place.value.rpartition(":")[2].strip():
        place.refuse("bad_text")


_PROOF = forms.form(
    (),
    header=forms.shaped(_HEADER),
    query=forms.text(),
    networks=forms.list_of(_network),
    certificate=forms.shaped(_HEADER),
    subject=forms.text(500),
)
_FORM = forms.form(
    ["our_agency", "their_agency"],
    url=forms.url,
    our_agency=_agency,
    their_agency=_agency,
    revision=forms.one_of(tuple(revision.value for revision in Revision)),
    zone=forms.zone,
    token_header=forms.shaped(_HEADER),
    token=forms.secret,
    account=forms.text(),
    security_code=forms.secret,
    proof=_PROOF,
)


def _read(told: Mapping[str, Any], secrets: Secrets) -> IsoProfile | None:
    """Return how the partner is asked; None for one that only writes to us."""
    said = {name: value for name, value in forms.present(told).items() if name != "proof"}
    readers: Mapping[str, Callable[[Any], object]] = {
        "our_agency": agency,
        "their_agency": agency,
        "revision": Revision,
        "zone": ZoneInfo,
        "token": secrets.meant,
        "security_code": secrets.meant,
    }
    said |= {name: read(said[name]) for name, read in readers.items() if name in said}
    return IsoProfile(**said) if "url" in said else None


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
    read=_read,
    connect=_connect,
    probe=_probe,
)
