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
from connectors.iso18626.mapping import TOKEN_HEADER, ZONE, IsoProfile
from connectors.iso18626.messages import AgencyId, Revision
from connectors.ports import Connectors
from connectors.questions import of_no_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.addresses import Reach
    from connectors.connector import Line
    from connectors.profile_secrets import Secrets
    from workflows.policies.document import Place

_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")


def read_profile(
    told: Mapping[str, str], *, token: str | None = None, security_code: str | None = None
) -> IsoProfile:
    """Return a profile out of a library's own words; its secrets are never among them.

    :raises ValueError: if an agency, a revision or a zone is none
    """
    return IsoProfile(
        url=told["url"],
        our_agency=agency(told["our_agency"]),
        their_agency=agency(told["their_agency"]),
        revision=Revision(told.get("revision", Revision.V1_2.value)),
        zone=_zone(told.get("zone", ZONE)),
        token_header=told.get("token_header", TOKEN_HEADER),
        token=token,
        account=told.get("account"),
        security_code=security_code,
    )


def agency(text: str) -> AgencyId:
    """Return the agency that "ISIL:CN-110001" names; without a type before it, it is an ISIL.

    :raises ValueError: if it names none
    """
    kind, _, value = text.rpartition(":")
    if not value.strip():
        raise ValueError(text)
    return AgencyId(value.strip(), kind.strip() or "ISIL")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(name) from error


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
    said = forms.present(told)
    if "url" not in said:
        return None
    return read_profile(
        said, **{name: secrets.meant(said[name]) for name in ("token", "security_code") if name in said}
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
    read=_read,
    connect=_connect,
    probe=_probe,
)
