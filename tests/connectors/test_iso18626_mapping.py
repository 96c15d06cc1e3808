"""Our words as ISO 18626, and a supplier's messages as its report."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

import pytest

from connectors import ports
from connectors.failures import Unreadable
from connectors.iso18626 import codec, mapping
from connectors.iso18626 import messages as m
from connectors.iso18626.mapping import IsoProfile
from connectors.iso18626.messages import Action, Reason, Revision, Status
from tests.connectors.factories import ask, cancel
from tests.connectors.iso18626_samples import (
    AT,
    OURS,
    THEIRS,
    conversation,
    header,
    supplying,
)
from workflows.citation import Citation
from workflows.requests.commands import ReportedStatus

if TYPE_CHECKING:
    from connectors.partner_ports import StatusReport

ZONE = ZoneInfo("Asia/Shanghai")
LATER = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


def profile(**facts: Any) -> IsoProfile:
    usual = {"url": "https://partner.example/iso18626", "our_agency": OURS, "their_agency": THEIRS}
    return IsoProfile(**{**usual, **facts})


def telling(kind: type[Any], **facts: Any) -> Any:
    return kind(message_id="msg_1", request_id="req_1", at=AT, lender_request_id="S-1", **facts)


def said(message: ports.Message, **facts: Any) -> Any:
    return mapping.business(message, profile(**facts))


def reported(message: m.SupplyingMessage) -> StatusReport:
    return mapping.report(message, zone=ZONE)


# ---------------------------------------------------------------- what we say


def test_an_ask_carries_the_work_the_copy_and_where_to_send_it() -> None:
    work = Citation(title="三体", author="刘慈欣", isbn="9787536692930", year=2008, volume="1")
    desk = ports.Desk("jinan", "Main desk", "中山大道1号\n武汉\n430072")
    told = said(ask(citation=work, desk=desk, needed_by=date(2026, 4, 1), note="急"))

    assert ("三体", "刘慈欣", ("1",), "1") == (
        told.bibliography.title,
        told.bibliography.author,
        told.bibliography.volumes,
        told.bibliography.record_id,
    )
    assert (m.Identifier("ISBN", "9787536692930"),) == told.bibliography.item_ids
    assert ("2008", m.RequestType.NEW, "急") == (
        told.publication.date,
        told.service.request_type,
        told.service.note,
    )
    assert datetime(2026, 4, 1, 15, 59, 59, tzinfo=UTC) == told.service.needed_by
    assert (
        m.PhysicalAddress(line1="中山大道1号", line2="武汉, 430072") == told.destinations[0].address.physical
    )
    assert (THEIRS, OURS, "req_1") == (
        told.header.supplying,
        told.header.requesting,
        told.header.request_id,
    )


def test_a_message_sent_again_is_the_same_letter_by_letter() -> None:
    once, again = (codec.encode(said(ask()), Revision.V1_2) for _ in range(2))

    assert once == again


def test_a_retry_names_what_it_repeats() -> None:
    told = said(ask(is_retry=True))

    assert (m.RequestType.RETRY, "req_1") == (told.service.request_type, told.service.previous_request_id)


def test_conditions_are_accepted_by_asking_anew() -> None:
    told = said(telling(ports.AcceptConditions, condition="LibraryUseOnly", ask=ask()))

    assert isinstance(told, m.Request)
    assert (m.RequestType.RETRY, "conditions accepted; LibraryUseOnly") == (
        told.service and told.service.request_type,
        told.service and told.service.note,
    )


@pytest.mark.parametrize(
    ("message", "action", "note"),
    [
        (cancel(reason="found elsewhere"), Action.CANCEL, "found elsewhere"),
        (telling(ports.RejectConditions), Action.CANCEL, "conditions rejected: all"),
        (telling(ports.AcceptConditions), Action.NOTIFICATION, "conditions accepted: all"),
        (telling(ports.TellReceived), Action.RECEIVED, None),
        (telling(ports.TellReturned, tracking="SF1"), Action.SHIPPED_RETURN, "tracking: SF1"),
        (telling(ports.TellRenew, until=date(2026, 5, 1)), Action.RENEW, "until 2026-05-01"),
        (
            telling(ports.TellDueDate, lender_due=date(2026, 5, 1), note="thanks"),
            Action.NOTIFICATION,
            "will be back by 2026-05-01; thanks",
        ),
        (telling(ports.TellDueDate), Action.NOTIFICATION, None),
        (telling(ports.TellDamaged, item_barcode="B1"), Action.NOTIFICATION, "damaged: B1"),
        (telling(ports.TellLost), Action.LOST, "lost: the item"),
        (telling(ports.StatusQuestion), Action.STATUS_REQUEST, None),
    ],
)
def test_what_we_tell_is_an_action(message: ports.Telling, action: Action, note: str | None) -> None:
    told = said(message, revision=Revision.V2021)

    assert (action, note) == (told.action, told.note)


def test_a_loss_is_a_notification_where_the_revision_has_no_word_for_it() -> None:
    assert Action.NOTIFICATION is said(telling(ports.TellLost), revision=Revision.V1_2).action


def test_every_message_can_be_written_in_both_revisions() -> None:
    for revision in Revision:
        for kind in get_args(ports.Message):
            message = ask() if kind is ports.AskToSupply else telling(kind)
            told = said(message, revision=revision)

            assert told == codec.decode(codec.encode(told, revision)).message


# ---------------------------------------------------------------- what suppliers say


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        *((Status(each.value), each) for each in ReportedStatus),
        (Status.COPY_COMPLETED, ReportedStatus.UNFILLED),
        (Status.HOLD_RETURN, ReportedStatus.LOANED),
        (Status.RELEASE_HOLD_RETURN, ReportedStatus.LOANED),
    ],
)
def test_every_status_comes_to_one_of_ours(status: Status, becomes: ReportedStatus) -> None:
    assert becomes is reported(supplying(status)).status


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_for_writing_is_heard(reason: Reason) -> None:
    report = reported(supplying(Status.WILL_SUPPLY, reason))

    assert (ReportedStatus.WILL_SUPPLY, "req_1", AT) == (report.status, report.request_id, report.occurred_at)


def test_a_loan_tells_the_book_the_day_and_the_parcel() -> None:
    report = reported(
        supplying(
            header=header(supplier_request_id="S-1"),
            standing={"due": datetime(2026, 4, 20, 16, 30, tzinfo=UTC)},
            delivery=m.DeliveryInfo(sent_at=LATER, item_ids=("B1", "B2"), conditions=("LibraryUseOnly",)),
            shipping=m.Shipping(tracking=("SF1", "SF2")),
        )
    )

    assert ("S-1", "B1", date(2026, 4, 21), "SF1, SF2", LATER, "LibraryUseOnly") == (
        report.lender_request_id,
        report.item_barcode,
        report.lender_due_date,
        report.tracking,
        report.occurred_at,
        report.note,
    )


def test_a_due_date_is_a_day_where_the_lender_is() -> None:
    report = reported(supplying(standing={"due": datetime.fromisoformat("2026-04-20T23:59:59+08:00")}))

    assert date(2026, 4, 20) == report.lender_due_date


@pytest.mark.parametrize(
    ("message", "at"),
    [
        (supplying(delivery=m.DeliveryInfo(sent_at=LATER)), LATER),
        (supplying(delivery=m.DeliveryInfo()), AT),
        (supplying(reason=Reason.RENEW_RESPONSE, delivery=m.DeliveryInfo(sent_at=LATER)), AT),
        (supplying(Status.OVERDUE, delivery=m.DeliveryInfo(sent_at=LATER)), AT),
        (supplying(standing={"last_change": None}), AT),
    ],
)
def test_when_it_happened(message: m.SupplyingMessage, at: datetime) -> None:
    assert at == reported(message).occurred_at


def test_a_message_without_any_time_cannot_be_applied() -> None:
    with pytest.raises(Unreadable):
        reported(supplying(standing={"last_change": None}, header=header(timestamp=None)))


@pytest.mark.parametrize(
    ("info", "retry", "reason", "note"),
    [
        ({"reason_retry": "OnLoan"}, m.Retry(after=AT), "OnLoan", "not before 2026-03-02"),
        ({"reason_retry": "NotFoundAsCited", "note": "which?"}, None, "NotFoundAsCited", "which?"),
        ({}, m.Retry(conditions=("LibraryUseOnly", "NoCopy")), "LoanCondition", "LibraryUseOnly; NoCopy"),
        (
            {},
            m.Retry(costs=(m.Costs("CNY", Decimal("15.00")),), before=AT),
            "CostExceedsMaxCost",
            "15.00 CNY; not after 2026-03-02",
        ),
        ({}, None, None, None),
    ],
)
def test_what_a_lender_asks_for_first_is_told_in_words(
    info: dict[str, Any], retry: m.Retry | None, reason: str | None, note: str | None
) -> None:
    report = reported(supplying(Status.RETRY_POSSIBLE, info=info, retry=retry))

    assert (reason, note) == (report.reason, report.note)


def test_why_it_is_not_supplied_is_kept() -> None:
    unfilled = supplying(Status.UNFILLED, info={"reason_unfilled": "NotHeld"})

    assert "NotHeld" == reported(unfilled).reason
    assert "CopyCompleted" == reported(supplying(Status.COPY_COMPLETED)).reason


@pytest.mark.parametrize(
    ("status", "reason", "answer", "becomes", "note"),
    [
        (Status.CANCELLED, Reason.CANCEL_RESPONSE, True, ReportedStatus.CANCELLED, None),
        (Status.WILL_SUPPLY, Reason.CANCEL_RESPONSE, True, ReportedStatus.CANCELLED, None),
        (Status.LOANED, Reason.CANCEL_RESPONSE, False, ReportedStatus.LOANED, "cancellation refused"),
        (Status.LOANED, Reason.RENEW_RESPONSE, True, ReportedStatus.LOANED, None),
        (Status.OVERDUE, Reason.RENEW_RESPONSE, False, ReportedStatus.OVERDUE, "renewal refused"),
    ],
)
def test_an_answer_is_heard_with_the_status_as_it_is(
    status: Status,
    reason: Reason,
    answer: bool,  # noqa: FBT001 - a parameter of the table
    becomes: ReportedStatus,
    note: str | None,
) -> None:
    report = reported(supplying(status, reason, answer=answer))

    assert (becomes, answer, note) == (report.status, report.answer, report.note)


def test_an_answer_to_something_else_is_none() -> None:
    assert reported(supplying(Status.LOANED, Reason.STATUS_CHANGE, answer=False)).answer is None


def test_an_expected_day_is_told_in_words() -> None:
    report = reported(supplying(Status.EXPECT_TO_SUPPLY, standing={"expected": LATER}))

    assert "expected 2026-03-03" == report.note


def test_a_day_at_the_end_of_the_calendar_is_a_day() -> None:
    last = datetime(9999, 12, 31, 23, 0, tzinfo=UTC)

    assert date(9999, 12, 31) == reported(supplying(standing={"due": last})).lender_due_date


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("completed", ["Unfilled"]),
        ("error", []),
        ("loaned", ["Loaned", "LoanCompleted"]),
        ("loaned_overdue", ["Loaned", "Overdue", "Loaned", "LoanCompleted"]),
        ("unfilled", ["Unfilled"]),
        ("willsupply", ["WillSupply", "Cancelled"]),
    ],
)
def test_a_recorded_conversation_is_understood(name: str, statuses: list[str]) -> None:
    told = [codec.decode(each["xml"].encode()).message for each in conversation(name)]

    assert statuses == [reported(each).status for each in told if isinstance(each, m.SupplyingMessage)]
