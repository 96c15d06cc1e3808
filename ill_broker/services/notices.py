"""What patrons are written, in Chinese and English; which notices still make sense when they are sent."""

from dataclasses import dataclass

from workflows.effects import Notice
from workflows.libraries import Library
from workflows.lifecycle import Status
from workflows.patrons import Patron
from workflows.requests import Request

#: notice -> the statuses in which it is still worth sending
_TIMELY = {
    Notice.ARRIVED: {Status.ARRIVED, Status.NOTIFIED},
    Notice.CONDITIONS: {Status.CONDITIONAL},
    Notice.UNFILLED: {Status.CLOSED},
    Notice.HOLD_EXPIRED: {Status.RETURNED, Status.RETURNING, Status.CLOSED},
    Notice.HANDED_OVER: {Status.ON_LOAN},
    Notice.DUE_SOON: {Status.ON_LOAN},
    Notice.OVERDUE: {Status.ON_LOAN},
    Notice.DUE_CHANGED: {Status.ON_LOAN},
    Notice.RECALLED: {Status.ON_LOAN},
}

_TEXTS = {
    Notice.ARRIVED: {
        "en": (
            "Your book has arrived",
            "“{title}” is at {desk}. Staff will call you on {mobile}; you may also come now.",
        ),
        "zh": (
            "您申请的图书已到馆",
            "《{title}》已到{desk}。工作人员将拨打{mobile}与您联系，您也可以现在来取。",
        ),
    },
    Notice.CONDITIONS: {
        "en": (
            "The lender asks for your consent",
            "The lender of “{title}” says: {conditions}. Please accept or decline.",
        ),
        "zh": ("出借馆需要您的确认", "《{title}》的出借馆提出：{conditions}。请接受或拒绝。"),
    },
    Notice.UNFILLED: {
        "en": ("No library could lend the book", "None of the libraries asked can lend “{title}” now."),
        "zh": ("没有图书馆能够出借该书", "所询问的图书馆目前都不能出借《{title}》。"),
    },
    Notice.HOLD_EXPIRED: {
        "en": (
            "Your book goes back",
            "“{title}” was kept for you until {hold_until} and now goes back to its library.",
        ),
        "zh": ("您预约的图书将退回", "《{title}》为您保留至{hold_until}，现退回出借馆。"),
    },
    Notice.HANDED_OVER: {
        "en": ("Your loan", "You have borrowed “{title}”. Please bring it back to {desk} by {due}."),
        "zh": ("借阅成功", "您已借到《{title}》，请于{due}前归还至{desk}。"),
    },
    Notice.DUE_SOON: {
        "en": ("Due soon", "“{title}” is due on {due}. Please bring it back to {desk}."),
        "zh": ("图书即将到期", "《{title}》将于{due}到期，请归还至{desk}。"),
    },
    Notice.OVERDUE: {
        "en": (
            "Overdue",
            "“{title}” was due on {due}. Please bring it back to {desk}; the lender's fine is growing.",
        ),
        "zh": ("图书已逾期", "《{title}》已于{due}到期，请尽快归还至{desk}，逾期费用正在增加。"),
    },
    Notice.DUE_CHANGED: {
        "en": ("New due date", "“{title}” is now due on {due}."),
        "zh": ("应还日期变更", "《{title}》的应还日期改为{due}。"),
    },
    Notice.RECALLED: {
        "en": (
            "The lender needs the book back",
            "“{title}” was recalled. Please bring it back to {desk} by {due}.",
        ),
        "zh": ("出借馆催还", "《{title}》被出借馆催还，请于{due}前归还至{desk}。"),
    },
}


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in the patron's language."""

    subject: str
    body: str


def is_timely(notice: Notice, request: Request) -> bool:
    """Tell whether the notice still tells the patron something true: none after the book is back."""
    return request.status in _TIMELY[notice]


def text(notice: Notice, request: Request, patron: Patron, desk: Library) -> Text:
    """Return what the patron is written."""
    subject, body = _TEXTS[notice][patron.language]
    return Text(
        subject=subject,
        body=body.format(
            title=request.citation.title,
            desk=(desk.desk_zh if patron.language == "zh" else desk.desk) or desk.name,
            mobile=patron.mobile,
            conditions=request.conditions,
            hold_until=request.hold_until,
            due=request.due,
        )
        + f"\n\n{request.number}\n",
    )
