"""Messages of ISO 18626 for tests, each with its usual facts, and XML as partners write it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from connectors.iso18626 import messages as m
from connectors.iso18626.messages import Revision
from tests.support.reference import reference

AT = datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
OURS, THEIRS = m.AgencyId("CN-420001"), m.AgencyId("CN-110001")

#: a message as one deployed system writes it: 1.2, qualified version, "not known" as the year 1
LOANED = """<ISO18626Message xmlns="http://illtransactions.org/2013/iso18626"
 xmlns:ill="http://illtransactions.org/2013/iso18626" ill:version="1.2"><supplyingAgencyMessage><header>
 <supplyingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>CN-110001</agencyIdValue></supplyingAgencyId>
 <requestingAgencyId><agencyIdType>ISIL</agencyIdType><agencyIdValue>CN-420001</agencyIdValue>
 </requestingAgencyId><multipleItemRequestId/><timestamp>2026-03-02T02:15:00.123456789Z</timestamp>
 <requestingAgencyRequestId>req_1</requestingAgencyRequestId>
 <supplyingAgencyRequestId>S-1</supplyingAgencyRequestId></header>
 <messageInfo><reasonForMessage>RequestResponse</reasonForMessage><note>请爱护</note></messageInfo>
 <statusInfo><status>Loaned</status><dueDate>2026-04-20T16:30:00Z</dueDate>
 <lastChange>2026-03-02T02:00:00+0000</lastChange></statusInfo>
 <deliveryInfo><dateSent>0001-01-01T00:00:00.000Z</dateSent><itemId>B1</itemId><sentVia>Mail</sentVia>
 </deliveryInfo></supplyingAgencyMessage></ISO18626Message>"""


def conversation(name: str) -> list[dict[str, Any]]:
    """Return the messages of a recorded conversation, as the supplier's side saw them."""
    told: list[dict[str, Any]] = json.loads(
        reference(f"standards/iso18626/conversations/{name}.json").read_text()
    )["messages"]
    return told


def header(**facts: Any) -> m.Header:
    usual = {"supplying": THEIRS, "requesting": OURS, "request_id": "req_1", "timestamp": AT}
    return m.Header(**{**usual, **facts})


def supplying(
    status: m.Status = m.Status.LOANED,
    reason: m.Reason = m.Reason.STATUS_CHANGE,
    *,
    answer: bool | None = None,
    info: dict[str, Any] | None = None,
    standing: dict[str, Any] | None = None,
    **facts: Any,
) -> m.SupplyingMessage:
    told = m.Info(**{"reason": reason, "answer": answer, **(info or {})})
    where = m.StatusInfo(**{"status": status, "last_change": AT, **(standing or {})})
    return m.SupplyingMessage(**{"header": header(), "info": told, "status_info": where, **facts})


def requesting(action: m.Action = m.Action.RECEIVED, **facts: Any) -> m.RequestingMessage:
    return m.RequestingMessage(**{"header": header(), "action": action, **facts})


def request(**facts: Any) -> m.Request:
    usual = {
        "header": header(requesting=THEIRS, supplying=OURS, request_id="R-1"),
        "bibliography": m.Bibliography(
            title="三体", author="刘慈欣", item_ids=(m.Identifier("ISBN", "7-5366-9293-5"),)
        ),
        "service": m.Service(request_type=m.RequestType.NEW),
    }
    return m.Request(**{**usual, **facts})


# ---------------------------------------------------------------- anything that could be said

_TEXTS = (
    st.text(
        st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
        min_size=1,
        max_size=20,
    )
    .map(str.strip)
    .filter(bool)
)
_MAYBE = st.none() | _TEXTS
_INSTANTS = st.none() | st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 - bounds are naive here
    datetime(2100, 1, 1),  # noqa: DTZ001 - as before
    timezones=st.just(UTC),
)
_ANSWERS = st.none() | st.booleans()
_AGENCIES = st.builds(m.AgencyId, _TEXTS, _TEXTS)
_IDENTIFIERS = st.builds(m.Identifier, _TEXTS, _TEXTS)
_COSTS = st.builds(m.Costs, _TEXTS, st.decimals(0, 10**6, places=2).map(lambda each: Decimal(str(each))))


def _some(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, max_size=most).map(tuple)


def messages(revision: Revision) -> st.SearchStrategy[m.Message]:
    """Return every kind of message with all that *revision* has a place for."""
    is_new = revision is Revision.V2021
    several = 3 if is_new else 1
    headers = st.builds(
        m.Header,
        requesting=_AGENCIES,
        request_id=_TEXTS,
        supplying=_AGENCIES,
        timestamp=_INSTANTS,
    )
    named = st.builds(
        m.Header,
        requesting=_AGENCIES,
        request_id=_TEXTS,
        supplying=_AGENCIES,
        timestamp=_INSTANTS,
        supplier_request_id=_MAYBE,
    )
    proven = st.builds(
        m.Header,
        requesting=_AGENCIES,
        request_id=_TEXTS,
        supplying=_AGENCIES,
        timestamp=_INSTANTS,
        account=_MAYBE,
        security_code=_MAYBE,
    )
    confirmed = st.builds(
        m.ConfirmationHeader,
        status=st.sampled_from(m.MessageStatus),
        supplying=st.none() | _AGENCIES,
        requesting=st.none() | _AGENCIES,
        timestamp=_INSTANTS,
        request_id=_MAYBE,
        received=st.just("2026-03-02T02:15:00.123456789+08:00"),
    )
    errors = _some(st.builds(m.Error, st.sampled_from(m.ErrorType), _MAYBE), several)
    old = {m.Status.HOLD_RETURN, m.Status.RELEASE_HOLD_RETURN, m.Action.HOLD_RETURN, m.Action.LOST}
    statuses = st.sampled_from([one for one in m.Status if is_new or one not in old])
    actions = st.sampled_from([one for one in m.Action if is_new or one not in old])
    return st.one_of(
        st.builds(
            m.Request,
            header=proven | headers,
            bibliography=st.builds(
                m.Bibliography,
                record_id=_MAYBE,
                title=_MAYBE,
                author=_MAYBE,
                subtitle=_MAYBE,
                volumes=_some(_TEXTS, several),
                item_ids=_some(_IDENTIFIERS, 2),
                record_ids=_some(_IDENTIFIERS, 2),
            ),
            publication=st.none() | st.builds(m.Publication, publisher=_TEXTS, date=_MAYBE),
            service=st.builds(
                m.Service,
                service_type=st.sampled_from(m.ServiceType),
                request_type=st.none() | st.sampled_from(m.RequestType),
                sub_types=_some(st.sampled_from(m.RequestSubType), 3),
                format=_MAYBE,
                needed_by=_INSTANTS,
                note=_MAYBE,
            ),
            suppliers=_some(st.builds(m.SupplierInfo, agency=_AGENCIES, call_number=_MAYBE), 2),
            destinations=_some(
                st.builds(
                    m.Destination,
                    order=st.integers(0, 9),
                    address=st.builds(m.Address, physical=st.builds(m.PhysicalAddress, line1=_TEXTS))
                    | st.builds(m.Address, electronic=st.builds(m.ElectronicAddress, _TEXTS, _TEXTS)),
                ),
                2,
            ),
            requester=st.none() | st.builds(m.RequestingAgencyInfo, name=_TEXTS),
            patron=st.none() | st.builds(m.PatronInfo, id=_TEXTS, surname=_MAYBE),
            billing=st.none() | st.builds(m.Billing, maximum=_COSTS),
        ),
        st.builds(
            m.SupplyingMessage,
            header=named,
            info=st.builds(
                m.Info,
                reason=st.sampled_from(m.Reason),
                answer=_ANSWERS,
                note=_MAYBE,
                reason_unfilled=_MAYBE,
                reason_retry=_MAYBE,
            ),
            status_info=st.builds(
                m.StatusInfo, status=statuses, expected=_INSTANTS, due=_INSTANTS, last_change=_INSTANTS
            ),
            retry=st.none()
            | st.builds(
                m.Retry,
                conditions=_some(_TEXTS, 3 if is_new else 0),
                costs=st.tuples(_COSTS),
                after=_INSTANTS,
                before=_INSTANTS,
            ),
            delivery=st.none()
            | st.builds(
                m.DeliveryInfo,
                sent_at=_INSTANTS,
                item_ids=st.tuples(_TEXTS),
                via=_MAYBE,
                conditions=_some(_TEXTS, several),
                format=_MAYBE,
                costs=_some(_COSTS, several),
            ),
            shipping=st.builds(m.Shipping, courier=_TEXTS, tracking=_some(_TEXTS, 3))
            if is_new
            else st.none(),
            return_to=st.none() | st.builds(m.ReturnTo, agency=st.none() | _AGENCIES, name=_TEXTS),
        ),
        st.builds(m.RequestingMessage, header=named | proven, action=actions, note=_MAYBE),
        st.builds(m.RequestConfirmation, header=confirmed, errors=errors),
        st.builds(
            m.SupplyingConfirmation,
            header=confirmed,
            reason=st.none() | st.sampled_from(m.Reason),
            errors=errors,
        ),
        st.builds(m.RequestingConfirmation, header=confirmed, action=st.none() | actions, errors=errors),
    )
