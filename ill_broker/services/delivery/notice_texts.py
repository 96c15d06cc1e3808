"""What patrons are told, in Chinese and English: a letter, and a text that fits on a telephone."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workflows.cards.card import CardNotice
from workflows.requests.effects import Notice


@dataclass(frozen=True, slots=True)
class Wording:
    """One notice in one language, with gaps; the letter's greeting and end are not in it."""

    subject: str
    letter: str
    sms: str


#: language -> what stands around every letter
FRAMES: Mapping[str, str] = MappingProxyType(
    {
        "en": "Dear {name},\n\n{letter}\n\n{sign}\n{home}\n",
        "zh": "{name}，您好：\n\n{letter}\n\n{sign}\n{home}\n",
    }
)
#: language -> the last line of a letter about a request
REQUEST_SIGN: Mapping[str, str] = MappingProxyType(
    {"en": "Request {number}: {link}", "zh": "申请号 {number}：{link}"}
)
#: whether the desk is open on the date due -> language -> what a letter says of it
OPENING: Mapping[bool, Mapping[str, str]] = MappingProxyType(
    {
        True: {"en": " The desk is open on that day.", "zh": "该日服务台开放。"},
        False: {
            "en": " The desk is closed on that day; it is open for the last time before it on {last}.",
            "zh": "该日服务台不开放，此前最后一个开放日为{last}。",
        },
    }
)
#: language -> what is added while a renewal is left
RENEWAL: Mapping[str, str] = MappingProxyType(
    {"en": " If you need it longer, you can renew it.", "zh": "如需延长，可以续借。"}
)
#: what an English text calls a book whose title would take half of the text's room
YOUR_BOOK = "your book"
CARD_SIGN: Mapping[str, str] = MappingProxyType({"en": "Loan card {number}", "zh": "互借证号 {number}"})

REQUESTS: Mapping[Notice, Mapping[str, Wording]] = MappingProxyType(
    {
        Notice.ARRIVED: {
            "en": Wording(
                "Your book has arrived",
                "“{title}” is at {desk}. The staff will also try to reach you on {mobile}; you may come now "
                "without waiting for the call. Please bring your card.",
                "ILL: {title} is at {desk}. Please bring your card. Request {number}",
            ),
            "zh": Wording(
                "您申请的图书已到馆",
                "您申请的《{title}》已到{desk}。工作人员将拨打{mobile}与您联系，您也可以现在携证件来取。",
                "【馆际互借】《{title}》已到{desk}，请携证件来取。申请号{number}",
            ),
        },
        Notice.CONDITIONS: {
            "en": Wording(
                "The lender asks for your consent",
                "{lender} would lend “{title}” on this condition: {conditions}\n"
                "Please accept or decline it soon; without your answer another library is asked.",
                "ILL: the lender of {title} sets a condition. Please log in and answer. Request {number}",
            ),
            "zh": Wording(
                "出借馆需要您的确认",
                "{lender}出借《{title}》的条件是：{conditions}\n请尽快接受或拒绝；如未答复，我们将询问其他图书馆。",
                "【馆际互借】《{title}》的出借馆提出了条件，请登录系统答复。申请号{number}",
            ),
        },
        Notice.UNFILLED: {
            "en": Wording(
                "No library could lend the book",
                "We are sorry: none of the libraries asked can lend “{title}” now. You may ask again later.",
                "ILL: sorry, no library can lend {title} now. Request {number}",
            ),
            "zh": Wording(
                "没有图书馆能够出借该书",
                "很抱歉，所询问的图书馆目前都不能出借《{title}》。您可以稍后再次申请。",
                "【馆际互借】很抱歉，目前没有图书馆能出借《{title}》。申请号{number}",
            ),
        },
        Notice.HOLD_ENDING: {
            "en": Wording(
                "Please collect your book",
                "“{title}” is kept for you at {desk} until {hold_until}. After that day it goes back to its "
                "library. If you no longer need it, please cancel the request.",
                "ILL: {title} is kept at {desk} until {hold_until} only. Request {number}",
            ),
            "zh": Wording(
                "请尽快领取图书",
                "《{title}》在{desk}为您保留至{hold_until}，逾期将退回出借馆。如不再需要，请取消申请。",
                "【馆际互借】《{title}》在{desk}只保留至{hold_until}，请尽快来取。申请号{number}",
            ),
        },
        Notice.HOLD_EXPIRED: {
            "en": Wording(
                "Your book goes back",
                "“{title}” was kept for you until {hold_until} and now goes back to its library. "
                "Nothing is to be paid. If you still need it, please ask for it again.",
                "ILL: {title} was not collected and goes back. Request {number}",
            ),
            "zh": Wording(
                "您预约的图书将退回",
                "《{title}》为您保留至{hold_until}，现退回出借馆，您无需付费。如仍需要，请重新申请。",
                "【馆际互借】《{title}》保留期已过，现退回出借馆。申请号{number}",
            ),
        },
        Notice.HANDED_OVER: {
            "en": Wording(
                "Your loan",
                "You have borrowed “{title}” from {lender}. Please bring it back to {desk} by {due}."
                "{opening}",
                "ILL: {title} is due at {desk} on {due}. Request {number}",
            ),
            "zh": Wording(
                "借阅成功",
                "您已借到{lender}的《{title}》，请不晚于{due}归还至{desk}。{opening}",
                "【馆际互借】您已借到《{title}》，请不晚于{due}还至{desk}。申请号{number}",
            ),
        },
        Notice.DUE_SOON: {
            "en": Wording(
                "Due soon",
                "“{title}” is due on {due}. Please bring it back to {desk} by then.{opening}{renewal}",
                "ILL: {title} is due on {due}. Please bring it to {desk} by {bring_by}. Request {number}",
            ),
            "zh": Wording(
                "图书即将到期",
                "《{title}》将于{due}到期，请按时归还至{desk}。{opening}{renewal}",
                "【馆际互借】《{title}》{due}到期，请不晚于{bring_by}还至{desk}。申请号{number}",
            ),
        },
        Notice.OVERDUE: {
            "en": Wording(
                "Overdue",
                "“{title}” was due on {due}. Please bring it back to {desk} as soon as you can: "
                "the lender may charge for each day. If it is lost, please tell us.",
                "ILL: {title} was due on {due}. Please bring it back to {desk}. Request {number}",
            ),
            "zh": Wording(
                "图书已逾期",
                "《{title}》已于{due}到期，请尽快归还至{desk}，出借馆可能按天收取逾期费。如已遗失，请告知我们。",
                "【馆际互借】《{title}》已于{due}到期，请尽快还至{desk}。申请号{number}",
            ),
        },
        Notice.DUE_CHANGED: {
            "en": Wording(
                "New due date",
                "“{title}” is now due on {due}. Please bring it back to {desk} by then.",
                "ILL: {title} is now due at {desk} on {due}. Request {number}",
            ),
            "zh": Wording(
                "应还日期变更",
                "《{title}》的应还日期改为{due}，请届时归还至{desk}。",
                "【馆际互借】《{title}》的应还日期改为{due}，请还至{desk}。申请号{number}",
            ),
        },
        Notice.RECALLED: {
            "en": Wording(
                "The lender needs the book back",
                "{lender} needs “{title}” back. Please bring it to {desk} by {due}. We are sorry for the "
                "trouble.",
                "ILL: the lender needs {title} back at {desk} by {due}. Request {number}",
            ),
            "zh": Wording(
                "出借馆催还",
                "{lender}需要收回《{title}》，请不晚于{due}归还至{desk}。给您带来不便，敬请谅解。",
                "【馆际互借】出借馆催还《{title}》，请不晚于{due}还至{desk}。申请号{number}",
            ),
        },
        Notice.ACCOUNT: {
            "en": Wording(
                "A charge in your account",
                "For “{title}”, which was due on {due}, {amount} is to be paid by the rules of {lender}; "
                "please pay it at {desk}. Your request's page shows why.",
                "ILL: {amount} is to be paid for {title}. Please pay at {desk}. Request {number}",
            ),
            "zh": Wording(
                "费用通知",
                "《{title}》应还日期为{due}，按{lender}的规定，您需缴纳{amount}，"
                "请到{desk}缴纳。计算的理由见您的申请页面。",
                "【馆际互借】《{title}》需缴费{amount}，请到{desk}缴纳。申请号{number}",
            ),
        },
    }
)

CARDS: Mapping[CardNotice, Mapping[str, Wording]] = MappingProxyType(
    {
        CardNotice.ISSUED: {
            "en": Wording(
                "Your loan card",
                "The loan card {number} admits you to {library}. Please bring it back to {desk} by {due}.\n"
                "A book that you borrow with it is due by the rules of {library}, even if that is later.",
                "ILL: your loan card {number} for {library} is due at {desk} on {due}.",
            ),
            "zh": Wording(
                "馆际互借证领取成功",
                "您已领取馆际互借证{number}，可凭证到{library}借阅，请不晚于{due}归还至{desk}。\n"
                "凭证所借图书的借期由{library}规定，可能晚于本证的应还日期。",
                "【馆际互借】您已领取互借证{number}，请不晚于{due}还至{desk}。",
            ),
        },
        CardNotice.DUE_SOON: {
            "en": Wording(
                "Loan card due soon",
                "Your loan card {number} for {library} is due at {desk} on {due}. It cannot be renewed.",
                "ILL: your loan card {number} is due at {desk} on {due}.",
            ),
            "zh": Wording(
                "馆际互借证即将到期",
                "您的{library}馆际互借证{number}将于{due}到期，不能续借，请按时归还至{desk}。",
                "【馆际互借】互借证{number}将于{due}到期，请按时还至{desk}。",
            ),
        },
        CardNotice.OVERDUE: {
            "en": Wording(
                "Loan card overdue",
                "Your loan card {number} for {library} was due on {due}. Please bring it back to {desk}; "
                "its fine grows by the day.",
                "ILL: your loan card {number} was due on {due}. Please bring it back to {desk}.",
            ),
            "zh": Wording(
                "馆际互借证已逾期",
                "您的{library}馆际互借证{number}已于{due}到期，请尽快归还至{desk}，逾期费用按天增加。",
                "【馆际互借】互借证{number}已于{due}到期，请尽快还至{desk}。",
            ),
        },
    }
)
