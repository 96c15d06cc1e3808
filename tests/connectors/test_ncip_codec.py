"""NCIP on the wire: what we write is valid, and what anybody writes is read or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.ncip.codec import NAMESPACE, NotNcip, decode, encode
from connectors.ncip.mapping import DIALECTS, NcipProfile, Speaker
from connectors.ncip.messages import Address, Message, Problem, Response
from connectors.ports import ArrivedItem
from tests.support.reference import reference, references

SAMPLES = references("standards/ncip/samples/*.xml")
EXCHANGES = references("standards/ncip/exchanges/*.response.xml")
NCIP = {"n": NAMESPACE}


def exchanged(name: str) -> bytes:
    return reference(f"standards/ncip/exchanges/{name}").read_bytes()


def speaker(**facts: Any) -> Speaker:
    usual = {"url": "http://bjtu.example/ncip", "our_agency": "CN-110001", "their_agency": "CN-420001"}
    return Speaker(NcipProfile(**{**usual, **facts}))


def arrived(**facts: Any) -> ArrivedItem:
    usual = {
        "message_id": "msg_1",
        "request_id": "ILL-1",
        "card_number": "P0001",
        "barcode": "B0001",
        "title": "诗经",
        "author": "佚名",
        "isbn": "9787536692930",
        "pickup_location": "总馆",
    }
    return ArrivedItem(**{**usual, **facts})


def every_message(told: Speaker) -> dict[str, Message]:
    due = date(2026, 4, 20)
    return {
        "look up": told.look_up("P0001"),
        "look up with a PIN": told.look_up("P0001", pin="1234"),
        "accept": told.accept(arrived()),
        "accept the least": told.accept(arrived(author=None, isbn=None, pickup_location=None)),
        "check out": told.check_out(card_number="P0001", barcode="B0001", due=due),
        "check in": told.check_in("B0001"),
        "renew": told.renew(card_number="P0001", barcode="B0001", until=due),
        "renew at will": told.renew(card_number="P0001", barcode="B0001", until=None),
        "delete": told.delete("B0001"),
        "request a copy": told.request_copy(
            "ILL-2", card_number="P0001", barcode="B0001", pickup_location="总馆"
        ),
        "request any copy": told.request_any_copy("ILL-2", card_number="P0001", record_id="000123"),
        "cancel": told.cancel("ILL-2", card_number="P0001"),
    }


def written(message: Message) -> etree._Element:
    return etree.fromstring(encode(message))


def texts(message: Message, path: str) -> list[str]:
    """Return what stands at *path*, whose names are NCIP's."""
    steps = "/".join(f"n:{name}" for name in path.split("/"))
    found: Any = written(message).xpath(f".//{steps}/text()", namespaces=NCIP)
    return [str(text) for text in found]


def message(body: str, *, namespace: str = f' xmlns="{NAMESPACE}"') -> bytes:
    return f"<NCIPMessage{namespace}>{body}</NCIPMessage>".encode()


def plain(element: etree._Element) -> Any:
    """Return names and texts alone, in their order."""
    inner = [plain(child) for child in element]
    return (etree.QName(element).localname, inner or (element.text or "").strip())


# ---------------------------------------------------------------- writing


@pytest.mark.reference
@pytest.mark.parametrize("vendor", sorted(DIALECTS))
@pytest.mark.parametrize("what", sorted(every_message(speaker())))
def test_what_we_say_is_valid_by_the_schema(what: str, vendor: str) -> None:
    schema = etree.XMLSchema(etree.parse(reference("standards/ncip/ncip_v2_02.xsd")))
    told = speaker(vendor=vendor, application_profile="ILL")
    body = encode(every_message(told)[what])
    outside = vendor == "folio" and what == "look up with a PIN"  # as that vendor wants it

    schema.validate(etree.fromstring(body))

    assert outside == bool(schema.error_log), schema.error_log


@pytest.mark.reference
@pytest.mark.parametrize(
    ("exchange", "what"),
    [
        ("acceptitem-ok", "accept"),
        ("checkinitem-ok", "check in"),
        ("lookupuser-unknown", "look up"),
        ("requestitem-ok", "request any copy"),
        ("unsupported-renewitem", "renew at will"),
    ],
)
def test_an_exchange_says_what_we_would_say(exchange: str, what: str) -> None:
    theirs = plain(etree.fromstring(exchanged(f"{exchange}.request.xml")))
    ours = plain(written(every_message(speaker())[what]))
    # Whose card it is, how the book is described and what a look-up asks for beside differ.
    free = {"UserElementType", "UserIdentifierValue", "ItemOptionalFields"}

    assert _without(theirs, free) == _without(ours, free)


def _without(part: Any, names: set[str]) -> Any:
    name, inner = part
    if isinstance(inner, str):
        return part
    return (name, [_without(each, names) for each in inner if each[0] not in names])


def test_a_message_says_from_whom_to_whom_and_in_which_version() -> None:
    told = speaker(application_profile="ILL").check_in("B1")
    root = written(told)

    assert root.get(f"{{{NAMESPACE}}}version", "").endswith("ncip_v2_02.xsd")
    assert ["CN-110001"] == texts(told, "InitiationHeader/FromAgencyId/AgencyId")
    assert ["CN-420001"] == texts(told, "InitiationHeader/ToAgencyId/AgencyId")
    assert ["ILL"] == texts(told, "InitiationHeader/ApplicationProfileType")


def test_a_due_date_ends_with_the_day_at_the_library() -> None:
    told = speaker().check_out(card_number="P1", barcode="B1", due=date(2026, 4, 20))

    assert ["2026-04-20T23:59:59+08:00"] == texts(told, "DesiredDateDue")


def test_an_arrived_book_is_described_and_held_for_its_patron() -> None:
    told = speaker().accept(arrived())

    assert ["Hold For Pickup"] == texts(told, "RequestedActionType")
    assert ["P0001"] == texts(told, "UserId/UserIdentifierValue")
    assert ["诗经"] == texts(told, "BibliographicDescription/Title")
    assert ["9787536692930"] == texts(told, "BibliographicItemIdentifier")
    assert ["总馆"] == texts(told, "PickupLocation")


def test_a_pin_goes_as_a_credential_beside_the_card() -> None:
    told = speaker().look_up("P1", pin="1234")

    assert ["P1", "1234"] == texts(told, "AuthenticationInput/AuthenticationInputData")
    assert ["Barcode Id", "PIN"] == texts(told, "AuthenticationInput/AuthenticationInputType")
    assert [] == texts(told, "UserId/UserIdentifierValue")


def test_a_vendor_may_want_the_pin_beside_the_user() -> None:
    told = speaker(vendor="folio").look_up("P1", pin="1234")

    assert ["P1"] == texts(told, "LookupUser/UserId/UserIdentifierValue")
    assert ["1234"] == texts(told, "AuthenticationInput/AuthenticationInputData")


def test_a_vendors_words_name_their_list() -> None:
    root = written(speaker(vendor="xcncip2").cancel("R1", card_number="P1"))
    kind = root.find(".//n:RequestType", NCIP)

    assert kind is not None
    assert "Hold" == kind.text
    assert kind.get(f"{{{NAMESPACE}}}Scheme", "").endswith("requesttype.scm")


@pytest.mark.parametrize(
    "said", [{"vendor": "unheard-of"}, {"zone": "Mars/Olympus"}, {"zone": "../etc"}, {"zone": "Asia"}]
)
def test_a_profile_that_nobody_can_follow_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no such"):
        speaker(**said)


@given(st.text())
def test_no_title_breaks_out_of_the_message(title: str) -> None:
    root = written(speaker().accept(arrived(title=title)))

    assert 1 == len(root.findall(".//n:Title", NCIP))
    assert [
        "InitiationHeader",
        "RequestId",
        "RequestedActionType",
        "UserId",
        "ItemId",
        "ItemOptionalFields",
    ] == [etree.QName(part).localname for part in root[0]][:6]


# ---------------------------------------------------------------- reading


@pytest.mark.reference
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_read_but_those_with_a_document_type(sample: Path) -> None:
    body = sample.read_bytes()
    if b"<!DOCTYPE" in body:
        with pytest.raises(NotNcip):
            decode(body)
        return
    read = decode(body)

    assert read.service or read.problems


@pytest.mark.reference
@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        ("acceptitem-ok", Response(service="AcceptItemResponse", request="ILL-1", item="B0001")),
        ("checkinitem-ok", Response(service="CheckInItemResponse", item="B0001")),
        ("checkoutitem-ok", Response(service="CheckOutItemResponse", item="B0001", user="P0001")),
        ("lookupuser-ok", Response(service="LookupUserResponse", user="P0001")),
        (
            "lookupuser-unknown",
            Response(
                service="LookupUserResponse", user="f-404", problems=(Problem("Unknown User", "f-404"),)
            ),
        ),
        ("missing-version", Response(problems=(Problem("Missing Version"),))),
        (
            "requestitem-ok",
            Response(service="RequestItemResponse", item="000123", request="ILL-2", user="P0001"),
        ),
        ("unsupported-renewitem", Response(problems=(Problem("Unsupported Service"),))),
    ],
)
def test_the_answer_of_an_exchange_is_read(exchange: str, expected: Response) -> None:
    assert expected == decode(exchanged(f"{exchange}.response.xml"))


@pytest.mark.reference
def test_no_exchange_is_left_out() -> None:
    assert 8 == len(EXCHANGES)


@pytest.mark.parametrize("namespace", [f' xmlns="{NAMESPACE}"', "", ' xmlns="http://ncip.example"'])
@pytest.mark.parametrize("version", ["", ' version="http://www.niso.org/schemas/ncip/v2_0/ncip_v2_0.xsd"'])
def test_an_answer_is_read_whatever_its_namespace_and_version(namespace: str, version: str) -> None:
    item = "<ItemId><ItemIdentifierValue> B1 </ItemIdentifierValue></ItemId>"
    body = f"<CheckInItemResponse>{item}</CheckInItemResponse>"

    read = decode(message(body, namespace=namespace + version))

    assert Response(service="CheckInItemResponse", item="B1") == read


@pytest.mark.parametrize(
    "body",
    [
        "{0}<CheckInItemResponse/>",
        "<CheckInItemResponse/>{0}",
        "<CheckInItemResponse>{0}<DateDue/></CheckInItemResponse>",
        "<CheckInItemResponse><DateDue/>{0}</CheckInItemResponse>",
    ],
)
def test_a_problem_is_found_wherever_it_stands(body: str) -> None:
    read = decode(message(body.format("<Problem><ProblemType>Unknown Item</ProblemType></Problem>")))

    assert Response(service="CheckInItemResponse", problems=(Problem("Unknown Item"),)) == read


def test_a_problem_says_all_that_is_known_of_it() -> None:
    whole = Problem("Needed Data Missing", "No title", "Title", "-")

    assert "Needed Data Missing - No title - Title: -" == str(whole)
    assert "no reason given" == str(Problem())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-20T23:59:59+08:00", datetime(2026, 4, 20, 23, 59, 59, tzinfo=timezone(timedelta(hours=8)))),
        ("2026-04-20T23:59:59.123456789Z", datetime(2026, 4, 20, 23, 59, 59, tzinfo=UTC)),
        (
            "2026-04-20T23:59:59-0330",
            datetime(2026, 4, 20, 23, 59, 59, tzinfo=timezone(-timedelta(hours=3.5))),
        ),
        ("2026-04-20", datetime(2026, 4, 20, tzinfo=UTC)),
        ("2026-02-30T00:00:00Z", None),
        ("2026-04-20T00:00:00+99:00", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_due_date_is_an_instant_or_none(text: str, expected: datetime | None) -> None:
    body = f"<CheckOutItemResponse><DateDue>{text}</DateDue></CheckOutItemResponse>"

    assert expected == decode(message(body)).due


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<UnstructuredPersonalUserName>李华</UnstructuredPersonalUserName>", "李华"),
        (
            "<StructuredPersonalUserName><GivenName>Hua</GivenName><Surname>Li</Surname>{end}",
            "Hua Li",
        ),
        ("<StructuredPersonalUserName><Surname>Li</Surname>{end}", "Li"),
        ("", ""),
    ],
)
def test_a_name_is_read_whole_or_in_parts(inner: str, expected: str) -> None:
    end = "</StructuredPersonalUserName><UnstructuredPersonalUserName/>"
    parts = inner.format(end=end)
    named = f"<NameInformation><PersonalNameInformation>{parts}</PersonalNameInformation></NameInformation>"
    body = f"<LookupUserResponse><UserOptionalFields>{named}</UserOptionalFields></LookupUserResponse>"

    assert expected == decode(message(body)).facts.name


def test_only_addresses_by_wire_are_read() -> None:
    wire = (
        "<UserAddressInformation><ElectronicAddress><ElectronicAddressType>mailto</ElectronicAddressType>"
        "<ElectronicAddressData>li@example.org</ElectronicAddressData></ElectronicAddress></UserAddressInformation>"
    )
    post = "<UserAddressInformation><PhysicalAddress/></UserAddressInformation>"
    body = f"<LookupUserResponse><UserOptionalFields>{post}{wire}</UserOptionalFields></LookupUserResponse>"

    assert (Address("mailto", "li@example.org"),) == decode(message(body)).facts.addresses


def test_what_comes_in_masses_is_cut_short() -> None:
    block = "<BlockOrTrap><BlockOrTrapType>" + "x" * 5000 + "</BlockOrTrapType></BlockOrTrap>"
    body = f"<LookupUserResponse><UserOptionalFields>{block * 60}</UserOptionalFields></LookupUserResponse>"

    blocks = decode(message(body)).facts.blocks

    assert (50, 1000) == (len(blocks), len(blocks[0].kind))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<html/>",
        b"<NCIPMessage/>",
        b"<NCIPMessage><Ext/></NCIPMessage>",
        b'<!DOCTYPE x [<!ENTITY e "e">]><NCIPMessage><CheckInItemResponse/></NCIPMessage>',
        b"<NCIPMessage>" + b"<a>" * 300 + b"</a>" * 300 + b"</NCIPMessage>",
        b"<NCIPMessage><CheckInItemResponse/></NCIPMessage>" + b" " * 1024 * 1024,
    ],
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(NotNcip):
        decode(body)


@given(st.binary())
def test_no_bytes_break_the_reader(body: bytes) -> None:
    try:
        decode(body)
    except NotNcip:
        return


NAMES = st.sampled_from(
    ["Problem", "ProblemType", "LookupUserResponse", "UserOptionalFields", "UserId", "UserIdentifierValue",
     "DateDue", "BlockOrTrap", "UserPrivilege", "ValidToDate", "NameInformation", "ElectronicAddress", "Ext"]
)  # fmt: skip
TREES = st.recursive(
    st.tuples(NAMES, st.text("2026-04T:Z+x ", max_size=12)),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=3)),
    max_leaves=12,
)


def _tree(part: tuple[str, Any]) -> str:
    name, inner = part
    return f"<{name}>{inner if isinstance(inner, str) else ''.join(map(_tree, inner))}</{name}>"


@given(st.lists(TREES, max_size=3))
def test_no_arrangement_of_known_parts_breaks_the_reader(parts: list[tuple[str, Any]]) -> None:
    try:
        read = decode(message("".join(map(_tree, parts))))
    except NotNcip:
        assert not [part for part in parts if part[0] != "Ext"]
        return

    assert read.service or read.problems
