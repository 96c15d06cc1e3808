"""Our questions and orders in SIP2, and its answers in our words."""

from __future__ import annotations

import re
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from connectors import forms
from connectors.failures import Garbled, Refused
from connectors.ports import LocalPatron
from connectors.sip2.messages import Code, ItemState, Message
from workflows.errors import NotMoney
from workflows.money import Money
from workflows.policies.forms import record, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

#: By the names in use, the encodings we speak; GBK is a part of GB 18030.
ENCODINGS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp850": "cp850",
    "latin-1": "latin-1",
}


@record
class Login:
    """Who we are to the library's system; *secret* names the password, it is not the password."""

    user: str = told(forms.text(), required=True)
    secret: str = told(forms.secret_name, required=True)
    #: The system's code for where its terminal stands, if it wants one.
    location: str = told(forms.text(), default="")


@record
class Sip2Profile:
    """Where a library's system is, and how it wants to be spoken to.

    :raises ValueError: if nobody can speak to it so
    """

    _: KW_ONLY
    host: str = told(forms.host, required=True)
    port: int = told(forms.port, default=6001)
    #: The system's own code of the library.
    institution: str = told(forms.text(), default="")
    #: None where the system asks nobody who they are.
    login: Login | None = told(forms.record_of(Login), default=None)
    #: The name of the terminal's own password, if the system wants one with each message.
    terminal_secret: str | None = told(forms.secret_name, default=None)
    #: One of ENCODINGS; nothing in the protocol tells it.
    encoding: str = told(forms.one_of(*ENCODINGS), default="utf-8")
    #: Whether our messages carry a number and a checksum; those of answers are looked at when there.
    checksum: bool = told(forms.flag, default=True)
    #: Whether a connection begins by asking what the system can do.
    greets: bool = told(forms.flag, default=True)
    tls: bool = told(forms.flag, default=False)
    #: The most connections at once: systems count terminals, and licenses.
    connections: int = told(forms.whole(1, 16), default=2)
    #: Where the system's clock stands; its times carry no zone.
    zone: str = told(forms.zone, default="Asia/Shanghai")

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS:
            raise ValueError(f"not an encoding of SIP2 systems: {self.encoding}")
        if self.connections < 1:
            raise ValueError("no connection at all")
        if self.zone not in available_timezones():
            raise ValueError(f"no such time zone: {self.zone}")

    @property
    def codec(self) -> str:
        return ENCODINGS[self.encoding]


_VERSION = "2.00"
_ANY_LANGUAGE = "000"
_SUMMARY_OF_NOTHING = " " * 10
_END_OF_DAY = time(23, 59)
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?![0-9])")
_CURRENCY = re.compile(r"[A-Z]{3}")
_YES = "Y"

#: What a Y in the patron's status means, by its place; those that leave borrowing alone are nothing.
_STATUS = (
    "may not borrow",
    "",  # may not renew
    "",  # may not recall
    "",  # may not place holds
    "card reported lost",
    "too many items on loan",
    "too many items overdue",
    "too many renewals",
    "too many items claimed returned",
    "too many items lost",
    "too much owed in fines",
    "too much owed in fees",
    "a recalled item is overdue",
    "too many items billed",
)

#: Where a system says which requests it answers (BX), by their place there.
_OFFERED = {
    Code.PATRON_STATUS: 0, Code.CHECK_OUT: 1, Code.CHECK_IN: 2, Code.LOGIN: 6, Code.PATRON: 7,
    Code.END_SESSION: 8, Code.ITEM: 10, Code.HOLD: 13, Code.RENEW: 14,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terminal:
    """Whom the library's system takes us for, at one moment."""

    now: datetime
    zone: ZoneInfo
    institution: str = ""
    password: str = field(default="", repr=False)

    @property
    def at(self) -> str:
        return _shown(self.now.astimezone(self.zone))

    def end_of(self, day: date) -> str:
        return _shown(datetime.combine(day, _END_OF_DAY, self.zone))

    def patron(self, card_number: str, password: str = "") -> tuple[tuple[str, str], ...]:
        return (
            ("AO", self.institution), ("AA", card_number), ("AC", self.password), ("AD", password),
        )  # fmt: skip

    def item(self, barcode: str) -> tuple[tuple[str, str], ...]:
        return (("AO", self.institution), ("AB", barcode), ("AC", self.password))


def _shown(moment: datetime) -> str:
    """Return *moment* with four blanks for the zone: the library's own."""
    return f"{moment:%Y%m%d}    {moment:%H%M%S}"


# ---------------------------------------------------------------- what we say


def status() -> Message:
    return Message(Code.STATUS, {"status": "0", "width": "080", "version": _VERSION})


def login(user: str, password: str, location: str = "") -> Message:
    place = (("CP", location),) if location else ()
    plain = {"user_algorithm": "0", "password_algorithm": "0"}
    return Message(Code.LOGIN, plain, (("CN", user), ("CO", password), *place))


def patron(terminal: Terminal, card_number: str, password: str | None, *, in_full: bool = True) -> Message:
    """Return the question who holds a card; not every system answers it *in_full*."""
    fixed = {"language": _ANY_LANGUAGE, "at": terminal.at}
    fields = terminal.patron(card_number, password or "")
    if in_full:
        return Message(Code.PATRON, {**fixed, "summary": _SUMMARY_OF_NOTHING}, fields)
    return Message(Code.PATRON_STATUS, fixed, fields)


def item(terminal: Terminal, barcode: str) -> Message:
    return Message(Code.ITEM, {"at": terminal.at}, terminal.item(barcode))


def check_out(terminal: Terminal, *, card_number: str, barcode: str, due: date) -> Message:
    """Return the order to record a loan; a loan of the same patron that is there already is confirmed."""
    fixed = {"may_renew": "Y", "no_block": "N", "at": terminal.at, "due": terminal.end_of(due)}
    return Message(Code.CHECK_OUT, fixed, (*terminal.patron(card_number), ("AB", barcode)))


def check_in(terminal: Terminal, *, barcode: str) -> Message:
    fixed = {"no_block": "N", "at": terminal.at, "returned": terminal.at}
    return Message(Code.CHECK_IN, fixed, (("AP", ""), *terminal.item(barcode)))


def hold(terminal: Terminal, *, card_number: str, barcode: str, pickup_location: str | None) -> Message:
    place = (("BS", pickup_location),) if pickup_location else ()
    # Type 3: this very copy.
    fields = (*place, ("BY", "3"), *terminal.patron(card_number), ("AB", barcode))
    return Message(Code.HOLD, {"mode": "+", "at": terminal.at}, fields)


def renew(terminal: Terminal, *, card_number: str, barcode: str, due: date) -> Message:
    fixed = {"third_party": "N", "no_block": "N", "at": terminal.at, "due": terminal.end_of(due)}
    return Message(Code.RENEW, fixed, (*terminal.patron(card_number), ("AB", barcode)))


# ---------------------------------------------------------------- what we are told


def offers(told: Message, code: Code) -> bool:
    """Say whether the system that described itself in *told* answers *code*; one that does not say does."""
    flags = told.first("BX")
    place = _OFFERED[code]
    return place >= len(flags) or flags[place] != "N"


def local_patron(
    answer: Message, *, library: str, card_number: str, password: str | None
) -> LocalPatron | None:
    """Return the patron in *answer*, None if nobody holds that card.

    :raises Garbled: if the answer does not say even that
    """
    named = answer.first("AE")
    if answer.claims("BL") is False and not named:
        return None
    if answer.claims("BL") is None and not named:
        raise Garbled(library, "neither a name nor whether the patron is known")
    return LocalPatron(
        card_number=answer.first("AA") or card_number,
        name=named,
        email=answer.first("BE") or None,
        phone=answer.first("BF") or None,
        category=answer.first("PC") or None,
        valid_until=day(answer.first("PA")),
        blocks=tuple(_blocks(answer)),
        password_is_right=answer.claims("CQ") if password is not None else None,
    )


def _blocks(answer: Message) -> Iterator[str]:
    """Return what stands against the patron, the library's own words first."""
    marks = zip(answer.fixed["status"].upper(), _STATUS, strict=True)
    found = [meaning for mark, meaning in marks if mark == _YES and meaning]
    if answer.claims("BL") is False:
        found.append("not a valid patron")
    owed = fines(answer)
    if found:
        yield from filter(None, answer.all("AF"))
        yield from found
        if owed:
            yield f"owes {owed}"


def fines(answer: Message) -> Money | None:
    """Return what the patron owes the library, None if it does not say, or in no currency."""
    currency = answer.first("BH").upper()
    if _CURRENCY.fullmatch(currency) is None:
        return None
    try:
        return Money.parse(answer.first("BV").replace(",", ""), currency)
    except NotMoney:
        return None


def item_state(answer: Message) -> ItemState:
    """Return where the copy is; a number that the standard does not know is another state."""
    text = answer.fixed["state"].strip()
    known = text.isascii() and text.isdigit() and int(text) in set(ItemState)
    return ItemState(int(text)) if known else ItemState.OTHER


def approve(answer: Message, *, library: str) -> Message:
    """Return *answer* if its first digit is a yes.

    :raises Refused: with what the library says, if it is not
    """
    if answer.fixed["ok"].upper() in {"1", _YES}:
        return answer
    words = "; ".join(filter(None, (*answer.all("AF"), *answer.all("AG"))))
    raise Refused(library, words or f"{answer.code} without a reason")


def due_day(answer: Message) -> date | None:
    """Return the due date the library set, None where it writes it in a way of its own."""
    return day(answer.first("AH"))


def queue_position(answer: Message) -> int | None:
    text = answer.first("BR")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("9999") else None


def day(text: str) -> date | None:
    """Return the day that *text* begins with, as in 20260401 or 2026-04-01."""
    found = _DAY.match(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
