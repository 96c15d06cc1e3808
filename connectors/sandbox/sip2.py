"""The SIP2 system of a sandbox library: readers, loans and holds, a line for a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sandbox.sockets import SocketDoor
from connectors.sip2 import codec
from connectors.sip2.messages import ANSWERS, Code, ItemState, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.sandbox.library import MemberLibrary
    from connectors.sandbox.readers import LocalSystem, Reader
    from connectors.sandbox.sockets import Caller

    Fields = tuple[tuple[str, str], ...]

_ENCODING = "utf-8"
_LONGEST = 64 * 1024
_BLOCKED = "YYYY" + " " * 10
_FREE = " " * 14
_COUNTS = dict.fromkeys(("holds", "overdue", "charged", "fined", "recalled", "unavailable"), "0000")
_LENT = {"renewal": "N", "magnetic": "N", "desensitize": "N"}
#: What is answered to a line that cannot be read: say it again.
_SAY_AGAIN = Message(Code.SAY_AGAIN)


def open_door(library: MemberLibrary) -> SocketDoor:
    """Listen where the configuration says."""
    return SocketDoor(library, library.config.sip2_port, lambda caller: Talk(caller).run())


class Talk:
    """One connection from the login to the end."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._library = caller.library
        self._is_known = not caller.library.config.user
        self._last = b""

    def run(self) -> None:
        pending = b""
        while piece := self._caller.heard():
            pending += piece
            while codec.END in pending:
                line, _, pending = pending.partition(codec.END)
                if line.strip() and not self._answer(line):
                    return
            if len(pending) > _LONGEST:
                return

    def _answer(self, line: bytes) -> bool:
        """Answer one line, and say whether the talk goes on."""
        try:
            asked = codec.decode(line, encoding=_ENCODING)
        except codec.NotSip2:
            self._caller.say(codec.encode(_SAY_AGAIN, encoding=_ENCODING))
            return True
        if asked.code is not Code.ANSWER_AGAIN:
            answer = self._told(asked)
            if answer is None:
                return False
            self._last = codec.encode(answer, encoding=_ENCODING, numbered=asked.sequence is not None)
        self._caller.say(
            self._last[: len(self._last) // 2] + codec.END if self._caller.garbles else self._last
        )
        return True

    def _told(self, asked: Message) -> Message | None:
        """Return the answer; None hangs up, as systems do on whoever has not logged in."""
        if asked.code is Code.STATUS:
            return self._shown(asked, self._status(), (("AO", self._institution), ("BX", "Y" * 16)))
        if asked.code is Code.LOGIN:
            config = self._library.config
            claimed = (asked.first("CN"), asked.first("CO"))
            self._is_known = not config.user or claimed == (config.user, config.password)
            return self._shown(asked, {"ok": "1" if self._is_known else "0"}, ())
        answer = _ANSWERS.get(asked.code)
        if answer is None or not self._is_known or self._caller.is_broken:
            return None
        fixed, fields = answer(asked, self._library.local)
        return self._shown(asked, {**fixed, "at": self._at}, (("AO", self._institution), *fields))

    def _status(self) -> dict[str, str]:
        online = "N" if self._caller.is_broken else "Y"
        yes = dict.fromkeys(("check_in", "check_out", "renewal", "status_update"), "Y")
        rest = {"offline": "N", "time_out": "010", "retries": "003", "version": "2.00", "at": self._at}
        return {"online": online, **yes, **rest}

    @property
    def _institution(self) -> str:
        return self._library.config.agency

    @property
    def _at(self) -> str:
        return f"{self._library.clock.now():%Y%m%d    %H%M%S}"

    @staticmethod
    def _shown(asked: Message, fixed: Mapping[str, str], fields: Fields) -> Message:
        return Message(ANSWERS[asked.code], fixed, fields, asked.sequence)


# ---------------------------------------------------------------- answers


def _patron(asked: Message, system: LocalSystem) -> tuple[dict[str, str], Fields]:
    card = _raw(asked, "AA")
    reader = system.reader(card)
    counts = _COUNTS if asked.code is Code.PATRON else {}
    fixed = {"status": _BLOCKED if reader is None or reader.block else _FREE, "language": "000", **counts}
    if reader is None:
        return fixed, (("AA", card), ("AE", ""), ("BL", "N"), ("AF", "no such card"))
    return fixed, (("AA", reader.card), *_facts(reader, asked))


def _facts(reader: Reader, asked: Message) -> Fields:
    pin = _raw(asked, "AD")
    right = (("CQ", "Y" if pin == reader.pin else "N"),) if pin else ()
    block = (("AF", reader.block),) if reader.block else ()
    return (
        ("AE", reader.name), ("BL", "Y"), *right, ("BE", reader.email), ("BF", reader.phone),
        ("PC", reader.category), ("PA", reader.valid_until.replace("-", "")), *block,
    )  # fmt: skip


def _item(asked: Message, system: LocalSystem) -> tuple[dict[str, str], Fields]:
    barcode = _raw(asked, "AB")
    book = system.book(barcode)
    state = ItemState.OTHER
    if book is not None:
        shelf = ItemState.ON_HOLD_SHELF if book.held_for else ItemState.AVAILABLE
        state = ItemState.CHARGED if book.holder else shelf
    fixed = {"state": f"{state:02}", "security": "00", "fee_type": "01"}
    return fixed, (("AB", barcode), ("AJ", book.title if book else ""))


def _check_out(asked: Message, system: LocalSystem) -> tuple[dict[str, str], Fields]:
    card, barcode = _raw(asked, "AA"), _raw(asked, "AB")
    reader, due = system.reader(card), asked.fixed["due"][:8]
    if reader is None or reader.block:
        return _lent(asked, "no such card" if reader is None else reader.block)
    if not system.lend(barcode, card, due):
        return _lent(asked, "not here to be lent")
    return _lent(asked, "", due)


def _lent(asked: Message, against: str, due: str = "") -> tuple[dict[str, str], Fields]:
    said = (("AF", against),) if against else ()
    named = (("AA", _raw(asked, "AA")), ("AB", _raw(asked, "AB")), ("AJ", ""), ("AH", due))
    return {"ok": "0" if against else "1", **_LENT}, (*named, *said)


def _check_in(asked: Message, system: LocalSystem) -> tuple[dict[str, str], Fields]:
    barcode = _raw(asked, "AB")
    was_out = system.take_back(barcode)
    fixed = {"ok": "1" if was_out else "0", "resensitize": "N", "magnetic": "N", "alert": "N"}
    return fixed, (("AB", barcode), ("AQ", "Main"), *(() if was_out else (("AF", "was not out"),)))


def _hold(asked: Message, system: LocalSystem) -> tuple[dict[str, str], Fields]:
    card, barcode = _raw(asked, "AA"), _raw(asked, "AB")
    book = system.book(barcode)
    holds = system.reader(card) is not None and book is not None
    if holds:
        system.accept(barcode, "", card)
    return {"ok": "1" if holds else "0", "available": "N"}, (("AA", card), ("AB", barcode), ("BR", "1"))


def _end(_asked: Message, _system: LocalSystem) -> tuple[dict[str, str], Fields]:
    return {"end": "Y"}, ()


_ANSWERS: Mapping[Code, Callable[[Message, LocalSystem], tuple[dict[str, str], Fields]]] = {
    Code.PATRON_STATUS: _patron,
    Code.PATRON: _patron,
    Code.ITEM: _item,
    Code.CHECK_OUT: _check_out,
    Code.RENEW: _check_out,
    Code.CHECK_IN: _check_in,
    Code.HOLD: _hold,
    Code.END_SESSION: _end,
}


def _raw(asked: Message, name: str) -> str:
    """Return a field as it came: a number with a blank behind it is another one."""
    return next((value for known, value in asked.fields if known == name), "")
