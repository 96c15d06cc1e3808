"""Partners' ISO 18626 messages: whose they are, what is stored, and that their order does not matter."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.failures import NotAuthentic, Unreadable
from connectors.iso18626 import codec
from connectors.iso18626 import messages as m
from connectors.iso18626.dialogue import IsoDialogue
from connectors.iso18626.messages import Reason, Revision, Status
from connectors.webhook.codec import decode_report
from connectors.webhook.signing import verified_id
from ill_broker.services.partners.inbound import Inbound
from ill_broker.services.partners.iso_messages import SECRET, Conversations, Shown, proves
from ill_broker.storage import inbox, libraries
from ill_broker.storage.inbox import Message, MessageState
from ill_broker.storage.libraries import Secret
from ill_broker.storage.store import Store
from tests.connectors.iso18626_samples import OURS, THEIRS, conversation, header, requesting, supplying
from tests.factories import HOUR, PKU, START, SZUTL
from tests.ill_broker.services.lending import DESK, Lending
from workflows.requests import lifecycle
from workflows.requests.commands import Arrive, CallResult, Cancel, HandOver, RecordCall, TakeBack
from workflows.requests.request import Request

TOKEN = "a token that both sides know"
PROFILE = {
    "url": "https://szutl.example/iso",
    "our_agency": "ISIL:CN-420001",
    "their_agency": "ISIL:CN-110001",
    "proof": {"header": "Authorization"},
}
GOOD = Shown(headers={"authorization": f"Bearer {TOKEN}"})


class Talking(Lending):
    """A consortium one of whose lenders speaks ISO 18626."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        with store.writing() as conn:
            libraries.set_connectors(conn, SZUTL, {"iso18626": PROFILE})
            secret = Secret(library=SZUTL, kind=SECRET, secret=TOKEN, valid_from=START - HOUR)
            libraries.add_secret(conn, secret)
        dialogue = IsoDialogue()
        self.inbound = Inbound(
            store, self.requests, verify=verified_id, read=decode_report, dialogue=dialogue
        )
        self.conversations = Conversations(store, self.inbound, dialogue)

    def say(self, message: m.Business | bytes, shown: Shown = GOOD) -> Any:
        """Return what the partner hears."""
        body = message if isinstance(message, bytes) else codec.encode(message, Revision.V1_2)
        answer = self.conversations.hear(body, shown, now=self.now, machine_now=START)
        return codec.decode(answer).message

    def apply(self) -> list[MessageState]:
        states: list[MessageState] = []
        while found := self.inbound.waiting(50):
            states += [self.inbound.apply(message, now=self.now) for message in found]
        return states

    def stored(self) -> list[Message]:
        with self.store.reading() as conn:
            return inbox.listed(conn, states=[*MessageState])


@pytest.fixture
def database_url(migrated_file: Path, tmp_path: Path) -> str:
    """Return an empty database on SQLite alone: the rows are the inbox's, which is tested on both."""
    shutil.copy(migrated_file, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def talking(store: Store) -> Talking:
    return Talking(store)


def about(request: Request, *said: Any, **facts: Any) -> m.SupplyingMessage:
    at = facts.pop("at", START)
    named = header(request_id=request.id, timestamp=at, supplier_request_id="S-1")
    return supplying(*said, header=named, standing={"last_change": at, **facts.pop("standing", {})}, **facts)


def test_a_message_is_stored_confirmed_and_then_applied(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    confirmed = talking.say(about(request, Status.WILL_SUPPLY))

    assert (m.MessageStatus.OK, request.id) == (confirmed.header.status, confirmed.header.request_id)
    assert [MessageState.WAITING] == [each.state for each in talking.stored()]

    assert [MessageState.APPLIED] == talking.apply()
    assert lifecycle.Status.ACCEPTED is talking.load(request).status


def test_every_fact_of_a_loan_reaches_the_request(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    due = datetime(2026, 4, 20, 16, 30, tzinfo=UTC)
    message = about(request, standing={"due": due}, delivery=m.DeliveryInfo(item_ids=("B1",), sent_at=START))
    talking.say(message)
    talking.apply()
    entry = talking.load(request).entry(SZUTL)

    assert entry is not None
    assert ("B1", "2026-04-21", "S-1") == (
        entry.claim.item_barcode,
        str(entry.claim.due_date),
        entry.lender_request_id,
    )


def test_the_same_message_again_is_confirmed_again_and_stored_once(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    message = about(request, Status.WILL_SUPPLY)

    assert talking.say(message) == talking.say(message)
    assert 1 == len(talking.stored())


def test_two_steps_of_one_instant_are_two_messages(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    for status in (Status.WILL_SUPPLY, Status.LOANED):
        talking.say(about(request, status))

    assert 2 == len(talking.stored())


def test_a_request_of_others_is_as_unknown_as_none(talking: Talking) -> None:
    theirs = talking.asked(PKU)
    answers = [talking.say(about(theirs)), talking.say(supplying(header=header(request_id="req_no")))]

    assert [m.MessageStatus.ERROR] * 2 == [each.header.status for each in answers]
    assert answers[0].errors == answers[1].errors
    assert [] == talking.stored()


def test_what_is_not_offered_is_said(talking: Talking) -> None:
    forwarded = requesting(m.Action.SHIPPED_FORWARD, header=header(requesting=THEIRS, supplying=OURS))

    assert m.ErrorType.UNSUPPORTED_ACTION is talking.say(forwarded).errors[0].type


def test_a_message_that_says_no_time_is_not_taken(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    timeless = about(request, standing={"last_change": None}, at=None)
    confirmed = talking.say(timeless)

    assert m.ErrorType.BADLY_FORMED is confirmed.errors[0].type
    assert [] == talking.stored()


def test_a_flawed_message_is_told_its_flaws_and_not_stored(talking: Talking) -> None:
    body = codec.encode(about(talking.asked(SZUTL)), Revision.V2021).replace(b">Loaned<", b">Lent<")
    confirmed = talking.say(body)

    assert "statusInfo/status: Lent" == confirmed.errors[0].value
    assert [] == talking.stored()


def test_what_is_no_message_is_unreadable(talking: Talking) -> None:
    with pytest.raises(Unreadable):
        talking.say(b"<html/>")


@pytest.mark.parametrize("shown", [Shown(), Shown(headers={"authorization": "Bearer other"})])
def test_without_proof_nothing_is_said_and_nothing_stored(talking: Talking, shown: Shown) -> None:
    with pytest.raises(NotAuthentic):
        talking.say(about(talking.asked(SZUTL)), shown)

    assert [] == talking.stored()


def test_an_agency_that_is_no_member_proves_nothing(talking: Talking) -> None:
    stranger = supplying(header=header(supplying=m.AgencyId("CN-999999")))
    with pytest.raises(NotAuthentic):
        talking.say(stranger)


def test_an_agency_is_known_in_whatever_case(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    named = header(request_id=request.id, supplying=m.AgencyId("cn-110001", "isil"))

    assert m.MessageStatus.OK is talking.say(supplying(header=named)).header.status


SECRETS = ("s1", "s2")


@pytest.mark.parametrize(
    ("proof", "shown", "is_proven"),
    [
        ({}, GOOD, False),
        ({"header": "X-Token"}, Shown(headers={"x-token": "s2"}), True),
        ({"header": "X-Token"}, Shown(headers={"x-token": "s3"}), False),
        ({"header": "X-Token"}, Shown(headers={"x-token": ""}), False),
        ({"query": "key"}, Shown(query={"key": "s1"}), True),
        ({"query": "key"}, Shown(), False),
        ({"networks": ["10.0.0.0/8", "fd00::/8"]}, Shown(address="10.1.2.3"), True),
        ({"networks": "10.0.0.0/8"}, Shown(address="10.1.2.3"), True),
        ({"networks": ["10.0.0.0/8"]}, Shown(address="11.1.2.3"), False),
        ({"networks": ["nonsense"]}, Shown(address="11.1.2.3"), False),
        ({"networks": ["10.0.0.0/8"]}, Shown(address="nowhere"), False),
        (
            {"certificate": "X-Subject", "subject": "CN=a"},
            Shown(headers={"x-subject": "CN=a"}, is_proxied=True),
            True,
        ),
        ({"certificate": "X-Subject", "subject": "CN=a"}, Shown(headers={"x-subject": "CN=a"}), False),
        (
            {"certificate": "X-Subject", "subject": "CN=a"},
            Shown(headers={"x-subject": "CN=b"}, is_proxied=True),
            False,
        ),
        ({"certificate": "X-Subject"}, Shown(headers={"x-subject": ""}, is_proxied=True), False),
        (
            {"header": "X-Token", "networks": ["10.0.0.0/8"]},
            Shown(headers={"x-token": "s1"}, address="11.0.0.1"),
            False,
        ),
        ({"unheard": "of"}, GOOD, False),
    ],
)
def test_everything_that_a_profile_asks_for_must_be_shown(
    proof: dict[str, Any], shown: Shown, *, is_proven: bool
) -> None:
    assert is_proven is proves(proof, shown, SECRETS)


def test_without_secrets_no_token_proves_anything() -> None:
    assert not proves({"header": "X-Token"}, Shown(headers={"x-token": ""}), ())


def test_a_refused_cancellation_is_shown_to_the_desk(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    talking.say(about(request, Status.WILL_SUPPLY))
    talking.apply()
    talking.do(request, Cancel())
    talking.say(about(request, Status.WILL_SUPPLY, Reason.CANCEL_RESPONSE, answer=False, at=START + HOUR))
    talking.apply()
    seen = talking.load(request)

    assert (lifecycle.Status.ACCEPTED, ("cancellation_refused",)) == (seen.status, seen.attention)


def test_a_lender_that_refuses_a_cancellation_is_not_told_again(talking: Talking) -> None:
    request = talking.asked(SZUTL, PKU)
    talking.do(request, Cancel())
    before = len(talking.entries(request))
    refusal = about(request, Status.WILL_SUPPLY, Reason.CANCEL_RESPONSE, answer=False, at=START + HOUR)
    talking.say(refusal)
    talking.apply()

    assert before == len(talking.entries(request))


def test_an_agreed_cancellation_ends_the_request(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    talking.say(about(request, Status.WILL_SUPPLY))
    talking.apply()
    talking.do(request, Cancel())
    talking.say(about(request, Status.CANCELLED, Reason.CANCEL_RESPONSE, answer=True, at=START + HOUR))
    talking.apply()
    seen = talking.load(request)

    assert (lifecycle.Status.CLOSED, lifecycle.Outcome.CANCELLED) == (seen.status, seen.outcome)


def test_conditions_come_to_the_patron_in_the_lenders_words(talking: Talking) -> None:
    request = talking.asked(SZUTL)
    talking.say(
        about(
            request, Status.RETRY_POSSIBLE, info={"reason_retry": "LoanCondition", "note": "in the library"}
        )
    )
    talking.apply()
    seen = talking.load(request)

    assert (lifecycle.Status.CONDITIONAL, "in the library") == (seen.status, seen.conditions)


# ---------------------------------------------------------------- recorded conversations, in any order

ENDS = {
    "completed": (lifecycle.Status.CLOSED, lifecycle.Outcome.UNFILLED),
    "error": (lifecycle.Status.SUBMITTED, None),
    "loaned": (lifecycle.Status.CLOSED, lifecycle.Outcome.COMPLETED),
    "loaned_overdue": (lifecycle.Status.CLOSED, lifecycle.Outcome.COMPLETED),
    "unfilled": (lifecycle.Status.CLOSED, lifecycle.Outcome.UNFILLED),
    "willsupply": (lifecycle.Status.CLOSED, lifecycle.Outcome.CANCELLED),
}
#: what the desk does until the lender's word that it has the book back can be true
STEPS = (Arrive(), RecordCall(result=CallResult.REACHED), HandOver(), TakeBack())


def said_in(name: str, request: Request) -> list[bytes]:
    """Return what the supplier said in a recorded conversation, as if about *request*."""
    told = [each["xml"] for each in conversation(name) if each["element"] == "supplyingAgencyMessage"]
    return [re.sub(r"cap-[0-9]+-\w+", request.id, each).encode() for each in told]


def live_through(talking: Talking, name: str, order: Sequence[int]) -> Request:
    """Return what comes of a conversation heard in this order, while the desk does its part."""
    request = talking.asked(SZUTL)
    said = said_in(name, request)
    talking.at(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    if name == "willsupply":
        talking.requests.handle(request.id, Cancel(), DESK, now=talking.now)
    for place in order:
        talking.now += timedelta(minutes=1)
        talking.say(said[place % len(said)])
        talking.apply()
    if name.startswith("loaned"):
        for step in STEPS:
            talking.do(request, step)
            talking.apply()
    return talking.load(request)


def orders(name: str) -> list[list[int]]:
    """Return the order of the recording, and seeded shuffles in which each message comes twice."""
    count = sum(each["element"] == "supplyingAgencyMessage" for each in conversation(name))
    in_order = list(range(count))
    shuffled = [random.Random(seed).sample(in_order * 2, count * 2) for seed in range(3)]  # noqa: S311 - an order, not a secret
    return [in_order, *shuffled]


@pytest.mark.reference
@pytest.mark.parametrize("name", ENDS)
def test_a_recorded_conversation_ends_alike_in_any_order(talking: Talking, name: str) -> None:
    ends = set()
    for order in orders(name):
        talking.at(START)
        seen = live_through(talking, name, order)
        entry = seen.entry(SZUTL)
        assert entry is not None
        shipped = seen.instants.shipped
        ends.add((seen.status, seen.outcome, shipped, entry.claim.due_date, entry.claim.item_barcode))

    assert 1 == len(ends)
    assert ENDS[name] == next(iter(ends))[:2]
    assert {MessageState.APPLIED} >= {each.state for each in talking.stored()}
