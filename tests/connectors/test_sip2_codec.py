"""SIP2 lines, there and back, and what they mean in our words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.failures import Garbled, Refused
from connectors.ports import LocalPatron
from connectors.sip2 import mapping
from connectors.sip2.codec import NotSip2, Unsayable, WrongChecksum, checksum, decode, encode
from connectors.sip2.mapping import ENCODINGS, Login, Sip2Profile, Terminal
from connectors.sip2.messages import ANSWERS, LAYOUT, UNNUMBERED, Code, ItemState, Message
from tests.support.reference import reference
from workflows.money import Money

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
TERMINAL = Terminal(NOW, ZoneInfo("Asia/Shanghai"), "CN-420001")
CODECS = sorted(set(ENCODINGS.values()))


def exchanges() -> list[dict[str, Any]]:
    told = reference("standards/sip2/exchanges.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(told)["exchanges"]
    return found


def patron_told(*fields: tuple[str, str], status: str = "") -> Message:
    fixed = {"status": status.ljust(14), "language": "000", "at": " " * 18}
    return Message(Code.PATRON_STATUS_TOLD, fixed, fields)


def known(*fields: tuple[str, str], status: str = "") -> LocalPatron:
    answer = patron_told(("AA", "P1"), ("AE", "张三"), ("BL", "Y"), *fields, status=status)
    found = mapping.local_patron(answer, library="bhu", card_number="P1", password=None)
    assert found is not None
    return found


@cache
def alphabet(encoding: str) -> str:
    """Return characters that *encoding* can write: those of ASCII, and some of each script."""
    some = [*map(chr, range(128)), *map(chr, range(128, 0x10000, 23)), "\U00020bb7", "\U0001f4da"]
    return "".join(one for one in some if one not in "\x00\r\n|" and one.encode(encoding, "ignore"))


@st.composite
def messages(draw: st.DrawFn, encoding: str) -> Message:
    code = draw(st.sampled_from(Code))
    plain = st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="|")
    said = st.text(alphabet(encoding))
    fixed = {name: draw(st.text(plain, min_size=width, max_size=width)) for name, width in LAYOUT[code]}
    fields = draw(st.lists(st.tuples(st.from_regex("[A-Z][A-Z0-9]", fullmatch=True), said), max_size=5))
    sequence = None if code in UNNUMBERED else draw(st.integers(0, 9))
    return Message(code, fixed, tuple(fields), sequence)


@given(st.data(), st.sampled_from(CODECS))
def test_a_message_comes_back_as_it_was_sent(data: st.DataObject, encoding: str) -> None:
    message = data.draw(messages(encoding))
    line = encode(message, encoding=encoding)

    assert message == decode(line, encoding=encoding)
    assert line.count(b"\r") == 1


@given(st.data(), st.sampled_from(CODECS), st.integers(0), st.integers(1, 255))
def test_one_damaged_byte_is_never_taken_for_the_message(
    data: st.DataObject, encoding: str, place: int, damage: int
) -> None:
    message = data.draw(messages(encoding))
    line = bytearray(encode(message, encoding=encoding)[:-1])
    line[place % len(line)] = (line[place % len(line)] + damage) % 256
    try:
        heard = decode(bytes(line), encoding=encoding)
    except NotSip2:
        return

    # Where the damage hits the trailer's letters, or writes a checksum's digit in the other case.
    assert heard == message or place % len(line) >= len(line) - 9


@given(st.binary() | st.sampled_from(Code).flatmap(lambda code: st.binary().map(code.encode().__add__)))
def test_nothing_but_our_own_failure_comes_of_garbage(line: bytes) -> None:
    for encoding in CODECS:
        try:
            assert decode(line, encoding=encoding).code in Code
        except NotSip2 as error:
            assert str(error)  # noqa: PT017 - not every input is refused


@given(st.sampled_from(Code), st.text(max_size=200))
def test_any_answer_that_can_be_read_means_something_or_fails_in_our_words(code: Code, text: str) -> None:
    line = (code + text + "|AEx|BLY|").encode(errors="replace")
    try:
        answer = decode(line, encoding="utf-8")
        if code in {Code.PATRON_TOLD, Code.PATRON_STATUS_TOLD}:
            mapping.local_patron(answer, library="bhu", card_number="1", password="")
        if "ok" in answer.fixed:
            mapping.approve(answer, library="bhu")
    except (NotSip2, Refused, Garbled) as error:
        assert str(error)  # noqa: PT017 - not every input is refused


@pytest.mark.reference
def test_recorded_frames_have_the_checksum_they_are_said_to_have() -> None:
    for exchange in exchanges():
        for side in ("request", "answer"):
            line = exchange[side].encode()
            if exchange[f"{side}_checksum"]:
                message = decode(line, encoding="utf-8")
                assert encode(message, encoding="utf-8") == line + b"\r"
            else:
                with pytest.raises(WrongChecksum):
                    decode(line, encoding="utf-8")


@pytest.mark.reference
def test_recorded_answers_mean_what_they_say() -> None:
    told = {
        (answer := decode(exchange["answer"].encode(), encoding="utf-8")).code: answer
        for exchange in reversed(exchanges())
    }
    person = mapping.local_patron(
        told[Code.PATRON_STATUS_TOLD], library="bhu", card_number="P0001", password="1234"
    )
    check_in = mapping.approve(told[Code.CHECK_IN_TOLD], library="bhu")
    check_out = mapping.approve(told[Code.CHECK_OUT_TOLD], library="bhu")

    assert LocalPatron(card_number="P0001", name="张三", password_is_right=True) == person
    assert Money.zero("CNY") == mapping.fines(told[Code.PATRON_STATUS_TOLD])
    assert ItemState.AVAILABLE is mapping.item_state(told[Code.ITEM_TOLD])
    assert date(2026, 12, 6) == mapping.due_day(check_out)
    assert 1 == mapping.queue_position(told[Code.HOLD_TOLD])
    assert ("有预约",) == check_in.all("AF")
    assert mapping.offers(told[Code.STATUS_TOLD], Code.PATRON)


@pytest.mark.reference
def test_our_requests_read_as_the_recorded_ones() -> None:
    recorded = {line[:2]: line for exchange in reversed(exchanges()) if (line := exchange["request"])}

    def ours(message: Message, sequence: int) -> str:
        line = encode(Message(message.code, message.fixed, message.fields, sequence), encoding="utf-8")
        return line.decode().rstrip("\r")

    assert recorded["99"] == ours(mapping.status(), 0)
    assert recorded["23"] == ours(mapping.patron(TERMINAL, "P0001", "1234", in_full=False), 1)
    assert recorded["17"] == ours(mapping.item(TERMINAL, "B0001"), 4)


def test_a_character_whose_second_byte_looks_like_the_mark_splits_nothing() -> None:
    message = patron_told(("AE", "瓅亅"), ("BL", "Y"))
    line = encode(message, encoding="gb18030")

    assert line.count(b"|") > len(message.fields)
    assert decode(line, encoding="gb18030").first("AE") == "瓅亅"


@pytest.mark.parametrize(
    "line", [b"\n941AY1AZFDFC\r", b"941AY1AZFDFC\r\n", b"941AY1AZFDFC\n\r", b"941\r", b"941AZFEF5"]
)
def test_ends_of_lines_and_checksums_come_in_every_form(line: bytes) -> None:
    if b"AZ" in line:
        body = line.strip()
        line = line.replace(body[-4:], b"%04X" % checksum(body[:-4]))

    assert {"ok": "1"} == decode(line, encoding="utf-8").fixed


@pytest.mark.parametrize("line", [b"", b"9", b"00", b"\xff\xff", b"64Y", b"94", b"18\xe4"])
def test_what_is_no_message_is_said_to_be_none(line: bytes) -> None:
    with pytest.raises(NotSip2):
        decode(line, encoding="utf-8")


@pytest.mark.parametrize("card", ["P1|BLY", "P1\r99", "P1\n", "\x00", "张"])
def test_no_value_begins_a_field_or_a_line_of_its_own(card: str) -> None:
    with pytest.raises(Unsayable):
        encode(mapping.item(TERMINAL, card), encoding="cp850")


@pytest.mark.parametrize("value", ["", "0", "2000", "20 ", "20é"])
def test_a_fixed_place_is_filled_exactly(value: str) -> None:
    fixed = {"status": "0", "width": value, "version": "2.00"}
    if len(value) == 3 and value.isascii():
        assert encode(Message(Code.STATUS, fixed), encoding="utf-8", numbered=False) == b"99020 2.00\r"
        return
    with pytest.raises(Unsayable):
        encode(Message(Code.STATUS, fixed), encoding="utf-8")


def test_a_field_cannot_be_named_as_one_likes() -> None:
    with pytest.raises(Unsayable):
        encode(Message(Code.ANSWER_AGAIN, {}, (("a|", ""),)), encoding="utf-8")


def test_no_password_is_shown() -> None:
    message = mapping.login("broker", "s3cret")

    assert "s3cret" not in repr(message)
    assert "s3cret" not in repr(Terminal(NOW, ZoneInfo("UTC"), password="s3cret"))


def test_every_request_has_its_answer() -> None:
    assert set(ANSWERS) | set(ANSWERS.values()) | UNNUMBERED == set(Code)
    assert set(LAYOUT) == set(Code)


# ---------------------------------------------------------------- meaning


def test_a_patron_against_whom_nothing_stands_has_no_blocks() -> None:
    # Renewals, recalls and holds may be denied to one who may still borrow.
    assert () == known(("AF", "Welcome"), status=" YYY").blocks


def test_what_stands_against_a_patron_is_told_in_the_librarys_words_first() -> None:
    blocked = known(("AF", "请到总台"), ("BH", "CNY"), ("BV", "12.50"), status="Y         Y")

    assert ("请到总台", "may not borrow", "too much owed in fines", "owes 12.50 CNY") == blocked.blocks


@pytest.mark.parametrize("place", [0, *range(4, 14)])
def test_every_place_of_the_status_that_bars_borrowing_is_read(place: int) -> None:
    assert 1 == len(known(status=" " * place + "Y").blocks)


def test_a_patron_who_is_named_but_not_valid_is_blocked() -> None:
    answer = patron_told(("AE", "张三"), ("BL", "N"))
    found = mapping.local_patron(answer, library="bhu", card_number="P7", password=None)

    assert LocalPatron(card_number="P7", name="张三", blocks=("not a valid patron",)) == found


def test_a_card_that_nobody_holds_is_nobody() -> None:
    answer = patron_told(("AE", ""), ("BL", "N"))

    assert mapping.local_patron(answer, library="bhu", card_number="P7", password=None) is None


def test_an_answer_that_does_not_say_whether_there_is_a_patron_is_garbled() -> None:
    with pytest.raises(Garbled):
        mapping.local_patron(patron_told(), library="bhu", card_number="P7", password=None)


def test_all_that_a_library_tells_of_a_patron_is_kept() -> None:
    found = known(("BE", "z@bhu.example"), ("BF", "138"), ("PC", "UG"), ("PA", "20270630"), ("CQ", "N"))

    assert (
        LocalPatron(
            card_number="P1",
            name="张三",
            email="z@bhu.example",
            phone="138",
            category="UG",
            valid_until=date(2027, 6, 30),
        )
        == found
    )


@pytest.mark.parametrize(("said", "right"), [("Y", True), ("N", False), ("", None), ("?", None)])
def test_a_password_is_right_wrong_or_not_spoken_of(said: str, *, right: bool | None) -> None:
    answer = patron_told(("AE", "张三"), ("BL", "Y"), ("CQ", said))
    found = mapping.local_patron(answer, library="bhu", card_number="P1", password="x")

    assert found is not None
    assert found.password_is_right is right


@pytest.mark.parametrize(("currency", "amount"), [("", "1.00"), ("元", "1.00"), ("CNY", "much"), ("CNY", "")])
def test_what_is_owed_in_no_currency_or_no_number_is_not_known(currency: str, amount: str) -> None:
    assert mapping.fines(patron_told(("BH", currency), ("BV", amount))) is None


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("03", ItemState.AVAILABLE),
        ("10", ItemState.IN_TRANSIT),
        ("99", ItemState.OTHER),
        ("x ", ItemState.OTHER),
    ],
)
def test_the_state_of_a_copy_is_read_by_its_number(number: str, state: ItemState) -> None:
    assert state is mapping.item_state(Message(Code.ITEM_TOLD, {"state": number}))


@pytest.mark.parametrize(
    ("text", "day"), [("20261399", None), ("2026-12-06 23:59", date(2026, 12, 6)), ("06/12", None)]
)
def test_a_due_date_is_read_where_it_can_be(text: str, day: date | None) -> None:
    assert day == mapping.due_day(Message(Code.CHECK_OUT_TOLD, {}, (("AH", text),)))


@pytest.mark.parametrize(
    ("flags", "offered"), [("YYYNYYYN", False), ("YYYNYYYY", True), ("YYY", True), ("", True)]
)
def test_a_system_answers_what_it_does_not_deny(flags: str, *, offered: bool) -> None:
    told = Message(Code.STATUS_TOLD, {}, (("BX", flags),))

    assert offered is mapping.offers(told, Code.PATRON)


def test_a_refusal_says_what_the_library_said() -> None:
    told = Message(Code.CHECK_OUT_TOLD, {"ok": "0"}, (("AF", "该册已借出"), ("AF", ""), ("AG", "x")))
    with pytest.raises(Refused, match="bhu: 该册已借出; x"):
        mapping.approve(told, library="bhu")
    with pytest.raises(Refused, match="12 without a reason"):
        mapping.approve(Message(Code.CHECK_OUT_TOLD, {"ok": "0"}), library="bhu")


@pytest.mark.parametrize(("text", "place"), [("3", 3), ("", None), ("99999", None), ("-1", None)])
def test_a_place_in_the_queue_is_a_number_or_not_known(text: str, place: int | None) -> None:
    assert place == mapping.queue_position(Message(Code.HOLD_TOLD, {}, (("BR", text),)))


def test_orders_speak_of_the_librarys_own_day() -> None:
    order = mapping.check_out(TERMINAL, card_number="P1", barcode="B1", due=date(2026, 2, 1))

    assert {
        "may_renew": "Y",
        "no_block": "N",
        "at": "20260105    090000",
        "due": "20260201    235900",
    } == order.fixed


@pytest.mark.parametrize("message", [
    mapping.login("u", "p", "main"), mapping.status(), mapping.check_in(TERMINAL, barcode="B"),
    mapping.hold(TERMINAL, card_number="P", barcode="B", pickup_location="main"),
    mapping.renew(TERMINAL, card_number="P", barcode="B", due=date(2026, 2, 1)),
    mapping.patron(TERMINAL, "P", None),
])  # fmt: skip
def test_every_order_can_be_written(message: Message) -> None:
    heard = decode(encode(message, encoding="utf-8"), encoding="utf-8")

    assert [message.code, message.fixed, message.fields] == [heard.code, heard.fixed, heard.fields]


@pytest.mark.parametrize("facts", [{"encoding": "ebcdic"}, {"connections": 0}, {"zone": "Mars/North"}])
def test_a_profile_that_nobody_can_follow_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Sip2Profile(host="localhost", **facts)


def test_a_profile_names_a_secret_and_speaks_gb_18030_for_gbk() -> None:
    profile = Sip2Profile(host="localhost", encoding="gbk", login=Login("broker", "sip2-bhu"))

    assert "gb18030" == profile.codec
