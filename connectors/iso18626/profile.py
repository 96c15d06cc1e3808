"""What a library says of itself as a partner by ISO 18626."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from connectors import forms
from connectors.connector import Connector
from connectors.failures import Refused
from connectors.iso18626.client import IsoPartner, IsoRequester
from connectors.iso18626.mapping import HEADER, IsoProfile
from connectors.ports import Connectors
from connectors.questions import of_no_request
from workflows.policies.forms import Kind, form_of, section, told

if TYPE_CHECKING:
    from connectors.addresses import Reach
    from connectors.connector import Line
    from workflows.policies.document import Place


def _check_network(place: Place, _: Reach | None) -> None:
    try:
        ip_network(str(place.value), strict=False)
    except ValueError:
        place.refuse("bad_network")


def _asked(url: str | None, **said: Any) -> IsoProfile | None:
    """Return how the partner is asked; None for one that only writes to us."""
    return IsoProfile(url=url, **said) if url else None


_PROOF = forms.form(
    dict,
    (),
    header=forms.shaped(HEADER),
    query=forms.text(),
    networks=forms.list_of(Kind(check=_check_network)),
    certificate=forms.shaped(HEADER),
    subject=forms.text(500),
)
_FORM = section(form_of(IsoProfile, {"proof": told(_PROOF)}, build=_asked))


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
