"""How one partner is reached by ISO 18626, and by which names the two sides call each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.iso18626.messages import AgencyId, Revision

if TYPE_CHECKING:
    from collections.abc import Mapping

_ZONE = "Asia/Shanghai"
_TOKEN_HEADER = "authorization"  # noqa: S105 - the header's name


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoProfile:
    """One endpoint for all messages, the two agencies, and what proves us to the partner."""

    url: str
    our_agency: AgencyId
    their_agency: AgencyId
    revision: Revision = Revision.V1_2
    #: where a due date of theirs is a day
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(_ZONE))
    #: the header that carries the token, and the token; None where the network is proof enough
    token_header: str = _TOKEN_HEADER
    token: str | None = field(default=None, repr=False)
    #: requestingAgencyAuthentication, where the partner wants it
    account: str | None = None
    security_code: str | None = field(default=None, repr=False)


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
        zone=_zone(told.get("zone", _ZONE)),
        token_header=told.get("token_header", _TOKEN_HEADER),
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
