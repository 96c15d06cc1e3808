"""Asking a partner by ISO 18626, against one that confirms and against broken ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from connectors import ports
from connectors.failures import Garbled, Objection, PartnerFailure, Refused, Unreachable
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.client import IsoPartner, IsoRequester
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.mapping import IsoProfile
from connectors.iso18626.messages import Revision
from connectors.partner_ports import TellRequester
from connectors.ports import Supplier
from connectors.transport import Target
from tests.connectors.factories import NOW, ask, cancel
from tests.connectors.iso18626_samples import AT, OURS, THEIRS, conversation, supplying
from tests.connectors.promises import SupplierPromises
from workflows.requests.commands import ReportedStatus
from workflows.requests.requester_messages import News, Why

Answer = Callable[[httpx.Request], httpx.Response]
HEADER = m.ConfirmationHeader(request_id="req_1", timestamp=AT, received="2026-03-02T02:15:00Z")


def confirming(request: httpx.Request) -> httpx.Response:
    """Answer as a partner that takes everything."""
    return httpx.Response(200, content=IsoDialogue().read(request.content).answer(now=NOW))


def saying(message: m.Message) -> Answer:
    return lambda _: httpx.Response(200, content=codec.encode(message, Revision.V1_2))


def objecting(*errors: m.Error) -> Answer:
    header = m.ConfirmationHeader(
        status=m.MessageStatus.ERROR, request_id="req_1", timestamp=AT, received="2026-03-02T02:15:00Z"
    )
    return saying(m.RequestConfirmation(header=header, errors=errors))


def partner(
    answer: Answer = confirming,
    heard: list[httpx.Request] | None = None,
    revision: Revision = Revision.V1_2,
    token: str | None = None,
) -> IsoPartner:
    def carry(request: httpx.Request) -> httpx.Response:
        if heard is not None:
            heard.append(request)
        return answer(request)

    profile = IsoProfile(
        url="http://bhu.example/iso", our_agency=OURS, their_agency=THEIRS, revision=revision, token=token
    )
    return IsoPartner(Target("bhu", transport=httpx.MockTransport(carry)), profile)


@pytest.mark.parametrize("revision", Revision)
class TestIsoPartner(SupplierPromises):
    @pytest.fixture
    def supplier(self, revision: Revision) -> Supplier:
        return partner(revision=revision)


def test_everything_goes_to_the_one_address_as_xml() -> None:
    heard: list[httpx.Request] = []
    iso = partner(heard=heard, token="hush")
    iso.ask(ask())
    iso.tell(cancel())

    assert {("http://bhu.example/iso", "application/xml; charset=utf-8", "hush")} == {
        (str(each.url), each.headers["content-type"], each.headers["authorization"]) for each in heard
    }


def test_nothing_is_shown_where_the_network_is_proof_enough() -> None:
    heard: list[httpx.Request] = []
    partner(heard=heard).ask(ask())

    assert "authorization" not in heard[0].headers


def test_an_error_is_a_refusal_in_the_partners_words() -> None:
    error = m.Error(m.ErrorType.UNRECOGNISED_VALUE, "bibliographicInfo: empty")
    with pytest.raises(Refused) as caught:
        partner(objecting(error)).ask(ask())

    assert "UnrecognisedDataValue: bibliographicInfo: empty" == caught.value.detail
    assert caught.value.again is False


def test_an_error_without_a_word_is_a_refusal_too() -> None:
    with pytest.raises(Refused):
        partner(objecting()).ask(ask())


def test_a_request_that_is_there_already_was_taken_the_first_time() -> None:
    error = m.Error(
        m.ErrorType.UNRECOGNISED_VALUE, "requestingAgencyRequestId: request with a given ID already exists"
    )

    assert "msg_1" == partner(objecting(error)).ask(ask()).message_id
    with pytest.raises(Refused):
        partner(objecting(error)).ask(ask(is_retry=True))


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(200, content=b""),
        lambda _: httpx.Response(200, content=b"<html/>"),
        saying(supplying()),
        saying(m.RequestingConfirmation(header=HEADER)),
        saying(m.RequestConfirmation(header=m.ConfirmationHeader(request_id="other"))),
    ],
)
def test_an_answer_that_confirms_nothing_is_garbled(answer: Answer) -> None:
    with pytest.raises(Garbled):
        partner(answer).ask(ask())


@pytest.mark.parametrize(
    ("status", "failure", "again"),
    [
        (400, Refused, False),
        (401, Refused, False),
        (415, Refused, False),
        (429, Refused, True),
        (500, Unreachable, True),
        (503, Unreachable, True),
    ],
)
def test_what_http_says_counts_first(status: int, failure: type[PartnerFailure], *, again: bool) -> None:
    with pytest.raises(failure) as caught:
        partner(lambda _: httpx.Response(status)).tell(cancel())

    assert again is caught.value.again


def test_a_partner_that_does_not_answer_may_be_asked_again() -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    with pytest.raises(Unreachable):
        partner(hang).ask(ask())


def test_a_confirmation_without_the_requests_id_is_good_enough() -> None:
    told = m.RequestingConfirmation(header=m.ConfirmationHeader(timestamp=AT))

    assert "msg_2" == partner(saying(told)).tell(cancel()).message_id


def test_a_flaw_in_what_we_say_is_told_by_the_partner() -> None:
    def object_to(request: httpx.Request) -> httpx.Response:
        body = IsoDialogue().read(request.content).answer(now=NOW, objection=Objection.UNKNOWN_REQUEST)
        return httpx.Response(200, content=body)

    with pytest.raises(Refused):
        partner(object_to).tell(ports.TellReceived(message_id="m", request_id="req_1", at=NOW))


@pytest.mark.reference
def test_a_recorded_error_is_a_refusal() -> None:
    _, recorded = conversation("error")
    told = recorded["xml"].replace("cap-11-error", "req_1").encode()
    with pytest.raises(Refused) as caught:
        partner(lambda _: httpx.Response(200, content=told)).ask(ask())

    assert "UnrecognisedDataValue: MOCK ERROR" == caught.value.detail


# ---------------------------------------------------------------- where we are the supplier


def requester(answer: Answer = confirming, revision: Revision = Revision.V1_2) -> IsoRequester:
    profile = IsoProfile(
        url="http://bhu.example/iso", our_agency=OURS, their_agency=THEIRS, revision=revision
    )
    return IsoRequester(Target("bhu", transport=httpx.MockTransport(answer)), profile)


def standing(**facts: Any) -> TellRequester:
    told = {"why": Why.CHANGE, "status": ReportedStatus.LOANED, "changed": AT, **facts}
    return TellRequester(message_id="m1", at=AT, request_id="req_1", news=News(**told))


@pytest.mark.parametrize("revision", Revision)
def test_a_requester_is_told_where_its_request_stands(revision: Revision) -> None:
    heard: list[m.Message] = []

    def listening(request: httpx.Request) -> httpx.Response:
        heard.append(codec.decode(request.content).message)
        return confirming(request)

    due = date(2026, 4, 20)
    requester(listening, revision).tell(standing(due=due, sent=AT, barcode="B1", tracking="SF1"))
    (told,) = heard

    assert isinstance(told, m.SupplyingMessage)
    assert told.delivery is not None
    assert ("2026-04-20T15:59:59+00:00", ("B1",)) == (
        str(told.status_info.due).replace(" ", "T"),
        told.delivery.item_ids,
    )
    assert "SF1" in f"{told.info.note} {told.shipping}"


@pytest.mark.parametrize("revision", Revision)
def test_terms_have_their_place_in_either_revision(revision: Revision) -> None:
    heard: list[m.Message] = []

    def listening(request: httpx.Request) -> httpx.Response:
        heard.append(codec.decode(request.content).message)
        return confirming(request)

    terms = standing(status=ReportedStatus.RETRY_POSSIBLE, reason="LoanCondition", note="here only")
    requester(listening, revision).tell(terms)
    (told,) = heard

    assert isinstance(told, m.SupplyingMessage)
    assert ("LoanCondition", "here only") == (told.info.reason_retry, told.info.note)
    assert (revision is Revision.V2021) == (told.retry is not None)


@pytest.mark.parametrize(
    ("header", "failure"),
    [
        (m.ConfirmationHeader(status=m.MessageStatus.ERROR, request_id="req_1"), Refused),
        (m.ConfirmationHeader(request_id="another"), Garbled),
    ],
)
def test_what_a_requester_does_not_take_is_known(
    header: m.ConfirmationHeader, failure: type[PartnerFailure]
) -> None:
    with pytest.raises(failure):
        requester(saying(m.SupplyingConfirmation(header=header))).tell(standing())


def test_the_confirmation_of_something_else_is_none() -> None:
    with pytest.raises(Garbled):
        requester(saying(m.RequestingConfirmation(header=HEADER))).tell(standing())
