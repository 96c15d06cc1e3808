"""NCIP as the service sees it: patrons, hold shelf and loans in a library's own system."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from lxml import etree

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ncip.client import NcipSystem
from connectors.ncip.codec import NAMESPACE
from connectors.ncip.mapping import NcipProfile
from connectors.ports import ArrivedItem, LocalPatron
from connectors.transport import Target

NOW = datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
USER = "<UserId><UserIdentifierValue>P1</UserIdentifierValue></UserId>"
ITEM = ArrivedItem(message_id="msg_1", request_id="req_1", card_number="P1", barcode="B1", title="三体")


class Responder:
    """A library's system: gives its answers in turn, the last one for ever, and keeps what it was told."""

    def __init__(self, *answers: str | httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.told: list[etree._Element] = []
        self.headers: httpx.Headers | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.told.append(etree.fromstring(request.content)[0])
        self.headers = request.headers
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(
            200, content=f'<NCIPMessage xmlns="{NAMESPACE}">{answer}</NCIPMessage>'.encode()
        )

    @property
    def services(self) -> list[str]:
        return [etree.QName(each).localname for each in self.told]


def system(responder: Responder, **facts: Any) -> NcipSystem:
    usual = {"url": "http://bjtu.example/ncip", "our_agency": "BROKER", "their_agency": "BJTU"}
    target = Target("bjtu", transport=httpx.MockTransport(responder))
    return NcipSystem(target, NcipProfile(**{**usual, **facts}), lambda: NOW)


def problem(kind: str, detail: str = "") -> str:
    return f"<Problem><ProblemType>{kind}</ProblemType><ProblemDetail>{detail}</ProblemDetail></Problem>"


def response(service: str, inner: str = "") -> str:
    return f"<{service}Response>{inner}</{service}Response>"


def user(fields: str = "") -> str:
    return response("LookupUser", f"{USER}<UserOptionalFields>{fields}</UserOptionalFields>")


def privilege(kind: str, status: str = "", until: str = "") -> str:
    end = f"<ValidToDate>{until}</ValidToDate>" if until else ""
    state = f"<UserPrivilegeStatusType>{status}</UserPrivilegeStatusType>"
    return (
        f"<UserPrivilege><AgencyUserPrivilegeType>{kind}</AgencyUserPrivilegeType>{end}"
        f"<UserPrivilegeStatus>{state}</UserPrivilegeStatus></UserPrivilege>"
    )


def block(kind: str, since: str = "", until: str = "") -> str:
    span = f"<ValidFromDate>{since}</ValidFromDate><ValidToDate>{until}</ValidToDate>"
    return f"<BlockOrTrap><BlockOrTrapType>{kind}</BlockOrTrapType>{span}</BlockOrTrap>"


def address(kind: str, data: str) -> str:
    return (
        f"<UserAddressInformation><ElectronicAddress><ElectronicAddressType>{kind}</ElectronicAddressType>"
        f"<ElectronicAddressData>{data}</ElectronicAddressData></ElectronicAddress></UserAddressInformation>"
    )


def look_up(fields: str, **facts: Any) -> LocalPatron:
    found = system(Responder(user(fields)), **facts).look_up("P1")
    assert found is not None
    return found


# ---------------------------------------------------------------- patrons


def test_a_patron_is_found_with_all_that_the_library_says() -> None:
    name = (
        "<NameInformation><PersonalNameInformation><UnstructuredPersonalUserName>李华"
        "</UnstructuredPersonalUserName></PersonalNameInformation></NameInformation>"
    )
    ways = address("mailto", "li@bjtu.example") + address("tel", "+8613800000000")
    standing = privilege("本科生", "Active", "2027-06-30T00:00:00Z")

    assert LocalPatron(
        card_number="P1",
        name="李华",
        email="li@bjtu.example",
        phone="+8613800000000",
        category="本科生",
        valid_until=date(2027, 6, 30),
    ) == look_up(name + ways + standing)


def test_a_patron_of_whom_little_is_said_is_found_too() -> None:
    assert LocalPatron(card_number="P1") == system(Responder(response("LookupUser", USER))).look_up("P1")


def test_a_patron_whom_the_library_does_not_know_is_none() -> None:
    assert system(Responder(response("LookupUser", problem("Unknown User") + USER))).look_up("P1") is None


@pytest.mark.parametrize(("detail", "expected"), [("owes 5.00", ("owes 5.00",)), ("", ("User Blocked",))])
def test_a_blocked_patron_is_known_with_the_block(detail: str, expected: tuple[str, ...]) -> None:
    found = system(Responder(response("LookupUser", problem("User Blocked", detail)))).look_up("P1")

    assert LocalPatron(card_number="P1", blocks=expected) == found


def test_only_blocks_that_hold_now_stand_against_a_patron() -> None:
    over = block("old", "", "2026-03-01T00:00:00Z")
    ahead = block("future", "2026-03-03T00:00:00Z", "")
    now = block("fines", "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z")

    assert ("fines", "blocked") == look_up(over + ahead + now + now + block("")).blocks


@pytest.mark.parametrize(("status", "expected"), [("BLOCKED", ("BLOCKED",)), ("Active", ()), ("", ())])
def test_a_state_filed_as_a_privilege_may_be_a_block(status: str, expected: tuple[str, ...]) -> None:
    assert expected == look_up(privilege("STATUS", status)).blocks


@pytest.mark.parametrize(
    ("privileges", "expected"),
    [
        (privilege("STATUS", "ACTIVE") + privilege("PROFILE", "undergraduate"), "undergraduate"),
        (privilege("LIBRARY", "Main") + privilege("教师"), "教师"),
        (privilege("PROFILE") + privilege(""), None),
    ],
)
def test_the_class_of_a_patron_is_found_among_the_privileges(privileges: str, expected: str | None) -> None:
    assert expected == look_up(privileges).category


@pytest.mark.parametrize(
    ("until", "zone", "expected"),
    [
        ("2026-06-30T00:00:00Z", "America/New_York", date(2026, 6, 30)),
        ("2026-06-29T16:00:00Z", "Asia/Shanghai", date(2026, 6, 30)),
        ("9999-12-31T23:59:59Z", "Asia/Shanghai", date(9999, 12, 31)),
    ],
)
def test_a_card_is_good_until_a_day_at_the_library(until: str, zone: str, expected: date) -> None:
    assert expected == look_up(privilege("x", "", until), zone=zone).valid_until


def test_a_right_pin_is_said_to_be_right() -> None:
    responder = Responder(user())
    found = system(responder).look_up("P1", password="1234")

    assert LocalPatron(card_number="P1", password_is_right=True) == found
    assert ["LookupUser"] == responder.services


@pytest.mark.parametrize("kind", ["User Authentication Failed", "Unknown User"])
def test_a_wrong_pin_is_told_from_an_unknown_card(kind: str) -> None:
    responder = Responder(response("LookupUser", problem(kind)), user())

    assert LocalPatron(card_number="P1", password_is_right=False) == system(responder).look_up(
        "P1", password="no"
    )


def test_nobody_has_a_pin_for_an_unknown_card() -> None:
    responder = Responder(response("LookupUser", problem("Unknown User")))

    assert system(responder).look_up("P1", password="no") is None


def test_a_pin_stays_here_where_the_system_is_not_to_see_it() -> None:
    responder = Responder(user())
    found = system(responder, checks_pins=False).look_up("P1", password="1234")

    assert LocalPatron(card_number="P1") == found
    assert b"1234" not in etree.tostring(responder.told[0])


def test_an_answer_that_says_nothing_of_a_patron_is_garbled() -> None:
    with pytest.raises(Garbled):
        system(Responder(response("LookupUser"))).look_up("P1")


# ---------------------------------------------------------------- books


@pytest.mark.parametrize(
    ("said", "expected"),
    [("<ItemId><ItemIdentifierValue>T9</ItemIdentifierValue></ItemId>", "T9"), ("", "B1")],
)
def test_a_book_on_the_hold_shelf_has_the_barcode_the_system_gave_it(said: str, expected: str) -> None:
    assert expected == system(Responder(response("AcceptItem", said))).accept(ITEM)


def test_a_loan_that_is_answered_without_a_due_date_is_a_loan() -> None:
    responder = Responder(response("CheckOutItem", USER))
    system(responder).check_out("msg_2", card_number="P1", barcode="B1", due=date(2026, 4, 20))

    assert ["CheckOutItem"] == responder.services


def test_a_return_and_the_end_of_a_borrowed_book_are_told() -> None:
    responder = Responder(response("CheckInItem"), response("DeleteItem"))
    ours = system(responder)
    ours.check_in("msg_3", barcode="B1")
    ours.forget("msg_4", barcode="B1")

    assert ["CheckInItem", "DeleteItem"] == responder.services


@pytest.mark.parametrize(
    ("said", "expected"),
    [("<DateDue>2026-05-20T15:59:59Z</DateDue>", date(2026, 5, 20)), ("", None)],
)
def test_a_renewal_brings_the_systems_due_date(said: str, expected: date | None) -> None:
    ours = system(Responder(response("RenewItem", said)))

    assert expected == ours.renew(card_number="P1", barcode="B1")


def test_a_request_is_placed_on_a_copy_or_on_any_and_taken_back() -> None:
    theirs = "<RequestId><RequestIdentifierValue>R9</RequestIdentifierValue></RequestId>"
    responder = Responder(
        response("RequestItem", theirs), response("RequestItem"), response("CancelRequestItem")
    )
    ours = system(responder)

    assert "R9" == ours.request_copy("req_1", card_number="P1", barcode="B1")
    assert "req_1" == ours.request_any_copy("req_1", card_number="P1", record_id="7")
    ours.cancel_request("R9", card_number="P1")
    assert ["RequestItem", "RequestItem", "CancelRequestItem"] == responder.services


@pytest.mark.parametrize("kind", ["Item Not Checked Out", "NOT ON  LOAN"])
def test_what_was_taken_back_before_is_taken_back(kind: str) -> None:
    responder = Responder(response("CheckInItem", problem(kind)))
    system(responder).check_in("msg_3", barcode="B1")

    assert ["CheckInItem"] == responder.services


def test_a_book_that_was_put_there_before_is_there() -> None:
    assert "B1" == system(Responder(response("AcceptItem", problem("Duplicate Request")))).accept(ITEM)


def test_one_problem_more_than_that_is_a_refusal() -> None:
    both = problem("Item Not Checked Out") + problem("Unknown Item")
    with pytest.raises(Refused):
        system(Responder(response("CheckInItem", both))).check_in("msg_3", barcode="B1")


# ---------------------------------------------------------------- what goes wrong


def test_a_refusal_says_why() -> None:
    refusing = system(Responder(response("CheckOutItem", problem("User Blocked", "owes 5.00"))))
    with pytest.raises(Refused, match=r"User Blocked - owes 5\.00") as caught:
        refusing.check_out("msg_2", card_number="P1", barcode="B1", due=date(2026, 4, 20))

    assert not caught.value.again


def test_a_problem_that_passes_is_worth_another_try() -> None:
    with pytest.raises(Refused) as caught:
        system(Responder(problem("Temporary Processing Failure"))).check_in("msg_3", barcode="B1")

    assert caught.value.again


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.ConnectError("no"), Unreachable),
        (httpx.Response(503), Unreachable),
        (httpx.Response(415), Refused),
        (httpx.Response(200, content=b"<html/>"), Garbled),
        (response("LookupItem"), Garbled),
    ],
)
def test_what_goes_wrong_is_a_failure_of_ours(
    answer: str | httpx.Response | Exception, failure: type[PartnerFailure]
) -> None:
    with pytest.raises(failure):
        system(Responder(answer)).look_up("P1")


def test_messages_go_as_plain_xml() -> None:
    responder = Responder(user())
    system(responder).look_up("P1")

    assert responder.headers is not None
    assert "application/xml; charset=utf-8" == responder.headers["content-type"]
