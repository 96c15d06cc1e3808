"""Which papers go with a request: who prints each of them, and as long as what."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from workflows.actors import Actor, Role
from workflows.requests.lifecycle import Status
from workflows.requests.request import Request


class Paper(StrEnum):
    """A paper of one request, as its address names it."""

    #: by which the lender takes the book from its shelf
    PULL_SLIP = "pull-slip"
    #: on the lender's parcel
    SHIPPING_LABEL = "shipping-label"
    #: out of a book that waits for its reader, where others read it too
    HOLD_SLIP = "hold-slip"
    #: around the book as long as the reader has it
    BAND = "band"
    #: on the parcel back to the lender
    RETURN_LABEL = "return-label"


_S = Status
_BEFORE_SHIPPING = frozenset({_S.SUBMITTED, _S.CONDITIONAL, _S.ACCEPTED})

#: what the library that lends prints, and then what the desk does
BY_LENDER: Mapping[Paper, frozenset[Status]] = MappingProxyType(
    {
        Paper.PULL_SLIP: _BEFORE_SHIPPING,
        # a parcel that was reported as sent may still lie there
        Paper.SHIPPING_LABEL: _BEFORE_SHIPPING | {_S.IN_TRANSIT},
    }
)
BY_DESK: Mapping[Paper, frozenset[Status]] = MappingProxyType(
    {
        Paper.HOLD_SLIP: frozenset({_S.ARRIVED, _S.NOTIFIED}),
        Paper.BAND: frozenset({_S.ARRIVED, _S.NOTIFIED, _S.ON_LOAN}),
        Paper.RETURN_LABEL: frozenset({_S.RETURNED, _S.RETURNING}),
    }
)


def papers(actor: Actor, request: Request) -> tuple[Paper, ...]:
    """Return what *actor* prints for a request now, the likeliest first."""
    if actor.role is not Role.STAFF:
        return ()
    tables = [
        *([BY_LENDER] if actor.library == request.lender else []),
        *([BY_DESK] if actor.library == request.desk else []),
    ]
    return tuple(paper for table in tables for paper, while_in in table.items() if request.status in while_in)
