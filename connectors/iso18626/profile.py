"""How a library's own words are read as how it is reached by ISO 18626."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.iso18626.mapping import TOKEN_HEADER, ZONE, IsoProfile
from connectors.iso18626.messages import AgencyId, Revision

if TYPE_CHECKING:
    from collections.abc import Mapping


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
