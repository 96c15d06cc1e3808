"""What partners ask of us and hear from us in ISO 18626, and how a partner is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.failures import Objection, Unreadable
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.answering import confirmation, identity
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.mapping import agency
from connectors.iso18626.messages import Action, Reason, Revision
from connectors.iso18626.profile import ISO18626
from connectors.iso18626.requests import wanted
from connectors.partner_ports import PartnerRequest
from connectors.profile_secrets import Secrets
from tests.connectors.iso18626_samples import (
    AT,
    LOANED,
    OURS,
    request,
    requesting,
    supplying,
)
from workflows.citation import Citation

ZONE = ZoneInfo("Asia/Shanghai")
LATER = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


# ---------------------------------------------------------------- what partners ask of us


def test_a_partners_request_tells_all_that_lending_needs() -> None:
    needed = datetime(2026, 4, 1, 15, 59, 59, tzinfo=UTC)
    far, near = (m.Address(physical=m.PhysicalAddress(line1=line, locality="武汉")) for line in ("乙", "甲"))
    asked = wanted(
        request(
            publication=m.Publication(publisher="重庆出版社", date="[2008年]"),
            service=m.Service(request_type=m.RequestType.NEW, needed_by=needed, note="急"),
            destinations=(
                m.Destination(order=2, address=far),
                m.Destination(order=1, address=near),
                m.Destination(address=m.Address(electronic=m.ElectronicAddress("Email", "a@example.org"))),
            ),
            requester=m.RequestingAgencyInfo(name="武大图书馆"),
            patron=m.PatronInfo(id="P-1"),
            billing=m.Billing(maximum=m.Costs("CNY", Decimal("20.00"))),
        ),
        zone=ZONE,
    )
    expected = PartnerRequest(
        agency="ISIL:CN-110001",
        request_id="R-1",
        said_at=AT,
        citation=Citation(
            title="三体", author="刘慈欣", isbn="9787536692930", year=2008, publisher="重庆出版社"
        ),
        needed_by=date(2026, 4, 1),
        note="急",
        patron="P-1",
        library_name="武大图书馆",
        deliver_to="甲, 武汉\n乙, 武汉",
        most_costs="20.00 CNY",
    )

    assert expected == asked


@pytest.mark.parametrize(
    ("kind", "is_retry", "is_reminder"),
    [
        (m.RequestType.NEW, False, False),
        (m.RequestType.RETRY, True, False),
        (m.RequestType.REMINDER, False, True),
        (None, False, False),
    ],
)
def test_how_a_partner_asks(kind: m.RequestType | None, *, is_retry: bool, is_reminder: bool) -> None:
    service = m.Service(request_type=kind, previous_request_id="R-0", service_type=m.ServiceType.COPY)
    asked = wanted(request(service=service), zone=ZONE)

    assert (is_retry, is_reminder, "R-0", False) == (
        asked.is_retry,
        asked.is_reminder,
        asked.previous_request_id,
        asked.takes_loan,
    )


def test_a_work_without_a_title_is_named_by_what_there_is() -> None:
    asked = wanted(request(bibliography=m.Bibliography(record_id="NLC1"), service=None), zone=ZONE)

    assert ("NLC1", "und", None) == (asked.citation.title, asked.citation.language, asked.citation.isbn)
    assert "?" == wanted(request(bibliography=m.Bibliography()), zone=ZONE).citation.title


# ---------------------------------------------------------------- what we answer


def heard(message: m.Business, revision: Revision = Revision.V1_2) -> Any:
    return IsoDialogue().read(codec.encode(message, revision))


def answered(body: bytes) -> Any:
    return codec.decode(body)


@pytest.mark.parametrize("revision", Revision)
@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (request(), m.RequestConfirmation),
        (supplying(), m.SupplyingConfirmation),
        (requesting(), m.RequestingConfirmation),
    ],
)
def test_a_message_taken_is_confirmed_with_what_names_it(
    message: m.Business, kind: type[Any], revision: Revision
) -> None:
    received = answered(heard(message, revision).answer(now=LATER))
    confirmed = received.message

    assert isinstance(confirmed, kind)
    assert m.ConfirmationHeader(
        supplying=message.header.supplying,
        requesting=message.header.requesting,
        timestamp=LATER,
        request_id=message.header.request_id,
        received="2026-03-02T02:15:00.000Z",
    ) == confirmed.header  # fmt: skip
    assert [] == [*confirmed.errors]


def test_a_confirmation_echoes_the_reason_or_the_action() -> None:
    renewed = supplying(reason=Reason.RENEW_RESPONSE)

    assert Reason.RENEW_RESPONSE is answered(heard(renewed).answer(now=LATER)).message.reason
    assert Action.RENEW is answered(heard(requesting(Action.RENEW)).answer(now=LATER)).message.action


@pytest.mark.parametrize(
    ("message", "objection", "wrong"),
    [
        (supplying(), Objection.UNKNOWN_REQUEST, m.ErrorType.UNRECOGNISED_VALUE),
        (supplying(), Objection.TIMELESS, m.ErrorType.BADLY_FORMED),
        (supplying(), Objection.NOT_OFFERED, m.ErrorType.UNSUPPORTED_REASON),
        (requesting(), Objection.NOT_OFFERED, m.ErrorType.UNSUPPORTED_ACTION),
        (request(), Objection.NOT_OFFERED, m.ErrorType.UNRECOGNISED_ELEMENT),
    ],
)
def test_a_message_not_taken_is_told_why(
    message: m.Business, objection: Objection, wrong: m.ErrorType
) -> None:
    confirmed = answered(heard(message).answer(now=LATER, objection=objection)).message

    assert (m.MessageStatus.ERROR, wrong) == (confirmed.header.status, confirmed.errors[0].type)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (">Loaned", ">Lent", m.ErrorType.UNRECOGNISED_VALUE),
        ("RequestResponse", "Nonsense", m.ErrorType.UNSUPPORTED_REASON),
        ("<reasonForMessage>RequestResponse</reasonForMessage>", "", m.ErrorType.BADLY_FORMED),
        ("<messageInfo>", "<otherInfo/><messageInfos>", m.ErrorType.BADLY_FORMED),
    ],
)
def test_a_flawed_message_is_confirmed_with_its_flaws(old: str, new: str, wrong: m.ErrorType) -> None:
    text = LOANED.replace(old, new)
    text = text.replace("</messageInfo>", "</messageInfos>") if "messageInfos" in new else text
    message = IsoDialogue().read(text.encode())
    confirmed = answered(message.answer(now=LATER)).message

    assert (True, "ISIL:CN-110001") == (message.is_flawed, message.sender)
    assert ("req_1", wrong) == (confirmed.header.request_id, confirmed.errors[0].type)
    assert "2026-03-02T02:15:00.123456789Z" == confirmed.header.received


def test_a_message_without_a_header_is_nobodys() -> None:
    message = IsoDialogue().read(b"<request/>")

    assert "" == message.sender
    assert m.MessageStatus.ERROR is answered(message.answer(now=LATER)).message.header.status


def test_a_confirmation_is_no_message_of_its_own() -> None:
    with pytest.raises(Unreadable):
        IsoDialogue().read(heard(supplying()).answer(now=LATER))


def test_no_confirmation_is_confirmed() -> None:
    with pytest.raises(Unreadable):
        confirmation(m.RequestConfirmation(header=m.ConfirmationHeader()), now=LATER)


def test_a_message_is_kept_as_text_that_can_be_read_again() -> None:
    body = ('<?xml version="1.0" encoding="UTF-16"?>' + LOANED).encode("utf-16")

    assert codec.decode(body) == codec.decode(IsoDialogue().text(body).encode())


def test_one_message_has_one_name() -> None:
    message = supplying()
    other = replace(message, info=m.Info(reason=Reason.STATUS_CHANGE, note="again"))
    names = [identity(each) for each in (message, supplying(), other, requesting(), request())]

    assert names[0] == names[1]
    assert 4 == len(set(names))
    assert names[0] == heard(message).message_id


def test_who_speaks_depends_on_the_direction() -> None:
    assert ["ISIL:CN-110001", "ISIL:CN-420001", "ISIL:CN-110001"] == [
        heard(message).sender for message in (supplying(), requesting(), request())
    ]
    assert [False, True, False] == [
        heard(message).report(ZONE) is not None for message in (request(), supplying(), requesting())
    ]
    assert heard(request()).request(ZONE) is not None
    assert heard(supplying()).request(ZONE) is None


# ---------------------------------------------------------------- profiles


def test_a_profile_is_read_from_a_librarys_own_words() -> None:
    told = {"url": "https://a.example", "our_agency": "CN-420001", "their_agency": "RESHARE:X"}
    facts = {"revision": "2021-2", "zone": "Europe/Paris", "token": {"ref": "iso"}}
    read = ISO18626.read({**told, **facts}, Secrets({"iso": "hush"}))

    assert read is not None
    assert (OURS, m.AgencyId("X", "RESHARE"), Revision.V2021, "Europe/Paris") == (
        read.our_agency,
        read.their_agency,
        read.revision,
        read.zone.key,
    )
    assert "hush" == read.token
    assert "hush" not in repr(read)


def test_an_agency_without_a_name_is_none() -> None:
    with pytest.raises(ValueError, match="ISIL:"):
        agency("ISIL:")


def test_an_agency_without_a_type_is_an_isil() -> None:
    assert m.AgencyId("CN-1") == agency("CN-1") == agency("ISIL:CN-1")
