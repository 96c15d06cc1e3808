"""What a library says of its NCIP responder, and what each vendor's system wants to hear."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.ncip.messages import Term

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The words of one vendor's lists, with their schemes where it minds."""

    item_kind: Term | None
    user_kind: Term | None
    hold: Term
    request_type: Term
    item_scope: Term
    record_scope: Term
    #: What a card number and a PIN are called where a patron is to be believed.
    card: Term
    pin: Term
    text_form: Term
    #: Wants the PIN beside the UserId, which the schema does not allow, instead of two credentials.
    pin_beside_user: bool
    #: What a look-up asks for.
    wanted: tuple[Term, ...]


STANDARD = Dialect(
    item_kind=Term("Item Barcode"),
    user_kind=None,
    hold=Term("Hold For Pickup"),
    request_type=Term("Loan"),
    item_scope=Term("Item"),
    record_scope=Term("Bibliographic Item"),
    card=Term("Barcode Id"),
    pin=Term("PIN"),
    text_form=Term("text/plain"),
    pin_beside_user=False,
    wanted=(
        Term("Name Information"),
        Term("User Address Information"),
        Term("User Privilege"),
        Term("Block Or Trap"),
    ),
)
_SCHEMES = "http://www.niso.org/ncip/v1_0/imp1/schemes"

#: By the name that a profile gives.
DIALECTS: Mapping[str, Dialect] = {
    "standard": STANDARD,
    "folio": replace(STANDARD, item_kind=None, request_type=Term("Page"), pin_beside_user=True),
    "xcncip2": replace(
        STANDARD,
        item_kind=Term("Item Barcode", f"{_SCHEMES}/visibleitemidentifiertype/visibleitemidentifiertype.scm"),
        request_type=Term("Hold", f"{_SCHEMES}/requesttype/requesttype.scm"),
        card=Term("User Id"),
        pin=Term("Password"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NcipProfile:
    """Where a library's responder is, and what it is to be told.

    :raises ValueError: if nobody knows such a vendor's system, or such a zone
    """

    url: str
    #: Who we are to it, and who it is to itself.
    our_agency: str
    their_agency: str
    application_profile: str | None = None
    #: One of `DIALECTS`.
    vendor: str = "standard"
    #: Where the system's days begin and end.
    zone: str = "Asia/Shanghai"
    #: Whether PINs are passed on to it.
    checks_pins: bool = True
    dialect: Dialect = field(init=False)

    def __post_init__(self) -> None:
        if self.vendor not in DIALECTS:
            raise ValueError(f"no such vendor: {self.vendor}")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no such zone: {self.zone}") from error
        object.__setattr__(self, "dialect", DIALECTS[self.vendor])
