"""What libraries that are asked by e-mail are told, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from connectors import ports
from workflows.languages import said_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.ports import AskToSupply, Envelope, Telling


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    text: str


_ASK = MappingProxyType(
    {
        "zh": Wording(
            "馆际互借申请 {number}：《{title}》",
            "{desk}的一位读者希望借阅贵馆的下列图书：",
        ),
        "en": Wording(
            "Inter-library loan request {number}: {title}",
            "A reader of {desk} would like to borrow this book of yours:",
        ),
    }
)
#: language -> fact -> how it is introduced
_FACTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh": {
            "title": "题名",
            "author": "责任者",
            "edition": "版本",
            "volume": "卷册",
            "publisher": "出版者",
            "year": "出版年",
            "isbn": "ISBN",
            "issn": "ISSN",
            "call_number": "索书号",
            "barcode": "条码",
            "needed_by": "需要日期",
            "send_to": "寄往",
        },
        "en": {
            "title": "Title",
            "author": "Author",
            "edition": "Edition",
            "volume": "Volume",
            "publisher": "Publisher",
            "year": "Year",
            "isbn": "ISBN",
            "issn": "ISSN",
            "call_number": "Call number",
            "barcode": "Barcode",
            "needed_by": "Needed by",
            "send_to": "Send it to",
        },
    }
)
_TELL: Mapping[type[Envelope], Mapping[str, Wording]] = MappingProxyType(
    {
        ports.CancelAsk: {
            "zh": Wording(
                "请勿寄出：申请 {number}", "本申请已取消。尚未寄出的请勿再寄；已经寄出的请告诉我们。"
            ),
            "en": Wording(
                "Please do not send: request {number}",
                "This request is cancelled. Please keep the book; if it has left already, please tell us.",
            ),
        },
        ports.AcceptConditions: {
            "zh": Wording("接受条件：申请 {number}", "读者接受贵馆的条件，请寄出图书。"),
            "en": Wording(
                "Conditions accepted: request {number}",
                "Your conditions are accepted. Please send the book.",
            ),
        },
        ports.RejectConditions: {
            "zh": Wording("不接受条件：申请 {number}", "读者不接受贵馆的条件，请勿寄出图书。"),
            "en": Wording(
                "Conditions not accepted: request {number}",
                "The reader does not accept your conditions. Please do not send the book.",
            ),
        },
        ports.TellReceived: {
            "zh": Wording("图书已收到：申请 {number}", "贵馆的图书已平安到达，谢谢。"),
            "en": Wording("Your book has arrived: request {number}", "It has arrived safely. Thank you."),
        },
        ports.TellReturned: {
            "zh": Wording("图书已寄还：申请 {number}", "图书已寄还，运单号：{tracking}。收到后请告诉我们。"),
            "en": Wording(
                "Your book is on its way back: request {number}",
                "Your book was sent back, tracking number: {tracking}. Please tell us when you have it.",
            ),
        },
        ports.TellDueDate: {
            "zh": Wording("预计归还日期：申请 {number}", "贵馆的图书预计于{lender_due}前还到贵馆。"),
            "en": Wording(
                "When to expect your book: request {number}", "You may expect your book back by {lender_due}."
            ),
        },
        ports.TellRenew: {
            "zh": Wording("续借：申请 {number}", "读者续借至{until}。"),
            "en": Wording("Renewal: request {number}", "The reader keeps the book until {until}."),
        },
        ports.TellLost: {
            "zh": Wording("图书遗失：申请 {number}", "读者报告图书遗失，我们将按贵馆规定办理赔偿。"),
            "en": Wording(
                "Your book is lost: request {number}",
                "The reader has lost your book. We see to the compensation by your rules.",
            ),
        },
        ports.TellDamaged: {
            "zh": Wording("图书损坏：申请 {number}", "图书有损坏，我们将按贵馆规定办理。"),
            "en": Wording(
                "Your book is damaged: request {number}", "Your book is damaged. We see to it by your rules."
            ),
        },
        ports.StatusQuestion: {
            "zh": Wording("请告知进展：申请 {number}", "请告诉我们这一申请的进展。"),
            "en": Wording("How does it stand: request {number}", "Please tell us how this request stands."),
        },
    }
)
_END: Mapping[str, str] = MappingProxyType(
    {
        "zh": "请在此答复（无需登录）：\n{link}\n\n请在包裹上注明申请号 {number}。",
        "en": "Please answer here, without logging in:\n{link}\n\nPlease write {number} on the parcel.",
    }
)
#: what a letter may tell of beside the request
_TOLD = ("tracking", "lender_due", "until")
_NOT_KNOWN: Mapping[str, str] = MappingProxyType({"zh": "未知", "en": "not known"})


def asking(message: AskToSupply, language: str) -> Wording:
    """Return the letter that asks for a book, without its ending."""
    words = _ASK[language]
    between = "：" if language == "zh" else ": "
    facts = [
        f"{_FACTS[language][name]}{between}{value}" for name, value in _facts(message, language) if value
    ]
    opening = words.text.format(desk=message.desk.said(language)[0])
    subject = words.subject.format(number=_number(message), title=_one_line(message.citation.title))
    return Wording(subject, "\n".join([opening, "", *facts, *_noted(message)]))


def telling(message: Telling, language: str) -> Wording:
    """Return the letter that tells something of a request the library knows, without its ending."""
    words = _TELL[type(message)][language]
    told = {name: _said(getattr(message, name, None), language) for name in _TOLD}
    text = words.text.format(**told)
    return Wording(words.subject.format(number=_number(message)), "\n".join([text, *_noted(message)]))


def ending(message: Envelope, language: str, link: str) -> str:
    """Return where to answer, and what to write on the parcel."""
    return _END[language].format(link=link, number=_number(message))


def _said(fact: date | str | None, language: str) -> str:
    if isinstance(fact, date):
        return said_day(fact, language)
    return fact or _NOT_KNOWN[language]


def _facts(message: AskToSupply, language: str) -> Iterable[tuple[str, object]]:
    cited, held = message.citation, message.holding
    for name in ("title", "author", "edition", "volume", "publisher", "year", "isbn", "issn"):
        yield name, getattr(cited, name)
    yield "call_number", held and held.call_number
    yield "barcode", held and held.barcode
    yield "needed_by", message.needed_by and said_day(message.needed_by, language)
    between = "，" if language == "zh" else ", "
    yield "send_to", between.join(part for part in message.desk.said(language) if part)


def _noted(message: Envelope) -> list[str]:
    return ["", message.note] if message.note else []


def _number(message: Envelope) -> str:
    return message.number or message.request_id


def _one_line(text: str) -> str:
    return " ".join(text.split())
