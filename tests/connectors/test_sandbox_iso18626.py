"""The sandbox library as a supplier in ISO 18626, asked by our own client in either revision."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors import ports
from connectors.failures import Garbled, Objection, PartnerFailure, Refused
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.client import IsoPartner
from connectors.iso18626.mapping import IsoProfile, report
from connectors.iso18626.messages import Revision
from connectors.ports import Supplier
from connectors.sandbox.behaviour import SCENARIOS
from connectors.transport import Target
from tests.connectors.factories import NOW, ask, cancel
from tests.connectors.iso18626_samples import OURS, THEIRS, header, supplying
from tests.connectors.promises import SupplierPromises
from tests.connectors.sandboxes import Sandbox, sandbox

TOKEN = "token-of-both"


def iso_sandbox(**facts: Any) -> Sandbox:
    return sandbox(**{"protocols": ("iso18626",), "iso_token": TOKEN, **facts})


def iso_partner(
    box: Sandbox, revision: Revision = Revision.V2021, token: str | None = f"Bearer {TOKEN}"
) -> IsoPartner:
    profile = IsoProfile(
        url="http://bhu.example/iso18626",
        our_agency=OURS,
        their_agency=THEIRS,
        revision=revision,
        token=token,
    )
    return IsoPartner(Target("bhu", transport=httpx.WSGITransport(box.app)), profile)


def heard(
    box: Sandbox, *messages: ports.Telling, revision: Revision = Revision.V2021
) -> list[tuple[str, str]]:
    """Return the status and the reason of every message that the broker hears."""
    partner = iso_partner(box, revision)
    partner.ask(ask())
    box.pass_by(3)
    for message in messages:
        partner.tell(message)
        box.pass_by(3)
    return [(said.status_info.status.value, said.info.reason.value) for said, _ in box.broker.supplied]


def posted(box: Sandbox, message: m.Message) -> m.Message:
    body = codec.encode(message, Revision.V2021)
    answer = box.app.test_client().post("/iso18626", data=body, headers={"authorization": f"Bearer {TOKEN}"})
    return codec.decode(answer.data).message


class TestPromises(SupplierPromises):
    @pytest.fixture(params=Revision)
    def supplier(self, request: pytest.FixtureRequest) -> Supplier:
        return iso_partner(iso_sandbox(), request.param)


@pytest.mark.parametrize("revision", Revision)
@pytest.mark.parametrize(
    ("scenario", "statuses"),
    [
        ("accepts", ["RequestReceived", "WillSupply", "Loaned"]),
        ("declines", ["RequestReceived", "Unfilled"]),
        ("conditional", ["RequestReceived", "RetryPossible"]),
        ("silent", []),
        ("slow", []),
        ("garbled", None),
        ("doubled", ["RequestReceived", "RequestReceived", "WillSupply", "WillSupply", "Loaned", "Loaned"]),
        ("out_of_order", ["Loaned", "WillSupply", "RequestReceived"]),
        ("lost", ["RequestReceived", "WillSupply", "Loaned", "CompletedWithoutReturn"]),
        ("recall", ["RequestReceived", "WillSupply", "Loaned", "Recalled"]),
        ("500", None),
    ],
)
def test_each_scenario_is_played_in_both_revisions(
    scenario: str, statuses: list[str] | None, revision: Revision
) -> None:
    box = iso_sandbox(scenario=scenario)
    if statuses is None:
        with pytest.raises(PartnerFailure):
            heard(box, revision=revision)
    else:
        assert statuses == [status for status, _ in heard(box, revision=revision)]


def test_the_first_message_answers_the_request_and_the_next_tell_of_changes() -> None:
    told = heard(iso_sandbox())

    assert ["RequestResponse", "StatusChange", "StatusChange"] == [reason for _, reason in told]


@pytest.mark.parametrize(
    ("scenario", "kind", "told"),
    [
        ("manual", ports.CancelAsk, ("Cancelled", "CancelResponse", True)),
        ("accepts", ports.CancelAsk, ("Loaned", "CancelResponse", False)),
        ("accepts", ports.TellRenew, ("Loaned", "RenewResponse", True)),
        ("accepts", ports.StatusQuestion, ("Loaned", "StatusRequestResponse", None)),
        ("accepts", ports.TellReturned, ("LoanCompleted", "StatusChange", None)),
        ("accepts", ports.TellLost, ("CompletedWithoutReturn", "StatusChange", None)),
    ],
)
def test_an_action_is_answered_by_its_own_reason(
    scenario: str, kind: type[ports.Envelope], told: tuple[object, ...]
) -> None:
    box = iso_sandbox(scenario=scenario)
    heard(box, kind(message_id="msg_2", request_id="req_1", at=NOW))  # type: ignore[arg-type]  # texts do for ids
    said = box.broker.supplied[-1][0]

    assert told == (said.status_info.status.value, said.info.reason.value, said.info.answer)


def test_conditions_are_accepted_by_asking_again() -> None:
    again = ports.AcceptConditions(message_id="msg_2", request_id="req_1", at=NOW, ask=ask())

    assert heard(iso_sandbox(scenario="conditional"), again)[-1] == ("Loaned", "StatusChange")


@pytest.mark.parametrize("revision", Revision)
def test_what_is_supplied_says_all_that_a_loan_is_about(revision: Revision) -> None:
    box = iso_sandbox(loan_days=30)
    heard(box, revision=revision)
    (terms, _), (loan, token) = box.broker.supplied[1], box.broker.supplied[2]
    said = report(loan, zone=NOW.tzinfo)  # type: ignore[arg-type]  # a zone of its own

    assert [f"Bearer {TOKEN}", "BHU-t-1", "BHU00000001"] == [
        token, said.lender_request_id, said.item_barcode,
    ]  # fmt: skip
    assert str(said.lender_due_date) == "2026-04-01"
    assert (OURS, THEIRS) == (terms.header.requesting, terms.header.supplying)


@pytest.mark.parametrize("revision", Revision)
def test_the_terms_are_named_in_both_revisions(revision: Revision) -> None:
    box = iso_sandbox(scenario="conditional")
    heard(box, revision=revision)
    said = report(box.broker.supplied[-1][0], zone=NOW.tzinfo)  # type: ignore[arg-type]  # a zone of its own

    assert ["LoanCondition", "LibraryUseOnly"] == [said.reason, said.note]


def test_a_copy_that_is_in_is_chosen_by_its_record() -> None:
    box = iso_sandbox()
    title = next(each for each in box.library.catalogue.titles(99) if each.copies[0].available)
    held = ask().holding
    assert held is not None
    iso_partner(box).ask(ask(holding=type(held)(library=held.library, record_id=title.record.record_id)))

    assert box.library.asked[0].barcode == title.copies[0].barcode


def test_who_shows_no_token_is_not_heard() -> None:
    with pytest.raises(Refused):
        iso_partner(iso_sandbox(), token=None).ask(ask())


def test_a_request_nobody_made_is_not_spoken_of() -> None:
    with pytest.raises(Refused, match="requestingAgencyRequestId"):
        iso_partner(iso_sandbox()).tell(cancel())


def test_another_request_of_the_same_id_is_refused_and_a_reminder_answered() -> None:
    box = iso_sandbox()
    heard(box)
    other = m.Request(header=header(), bibliography=m.Bibliography(title="活着"),
                      service=m.Service(request_type=m.RequestType.NEW))  # fmt: skip
    reminder = m.Request(header=header(), service=m.Service(request_type=m.RequestType.REMINDER))
    statuses = [posted(box, each).header.status for each in (other, reminder)]  # type: ignore[union-attr]  # the confirmation alone has a status
    box.pass_by(1)

    assert statuses == [m.MessageStatus.ERROR, m.MessageStatus.OK]
    assert box.broker.supplied[-1][0].info.reason is m.Reason.STATUS_REQUEST_RESPONSE


@pytest.mark.parametrize(
    "message",
    [supplying(), m.RequestingMessage(header=header(), action=m.Action.SHIPPED_FORWARD)],
    ids=["a supplier's", "forwarding"],
)
def test_what_a_supplier_cannot_do_is_refused(message: m.Message) -> None:
    said = posted(iso_sandbox(), message)

    assert said.header.status is m.MessageStatus.ERROR  # type: ignore[union-attr]  # the confirmation alone has a status


def test_a_flawed_message_is_told_its_flaws() -> None:
    body = codec.encode(m.RequestingMessage(header=header(), action=m.Action.CANCEL), Revision.V2021)
    sent = body.replace(b"Cancel", b"Dance")
    answer = iso_sandbox(iso_token=None).app.test_client().post("/iso18626", data=sent)

    assert b"action: Dance" in answer.data


def test_a_message_that_the_broker_does_not_take_is_sent_again() -> None:
    box = iso_sandbox(scenario="manual")
    box.broker.objections = [Objection.UNKNOWN_REQUEST]
    heard(box)
    sent = box.library.reporter.sent[0]

    assert [2, True] == [sent.attempts, sent.taken]


def test_a_garbled_library_is_heard_by_nobody() -> None:
    box = iso_sandbox(scenario="garbled")
    with pytest.raises(Garbled):
        iso_partner(box).ask(ask())
    box.pass_by(1)

    assert box.broker.supplied == []
    assert box.library.scenario is SCENARIOS["garbled"]
