"""What an explanation says, in both languages; braces are filled with its facts."""

from collections.abc import Mapping
from datetime import date

from workflows.languages import Language, said_amount, said_day, said_days
from workflows.money import Money

TEXTS: Mapping[str, tuple[str, str]] = {
    # where the book was
    "place.shelf": ("At the lending library", "在借出馆"),
    "place.outbound": ("On its way to the desk", "运往取书台途中"),
    "place.desk": ("At the desk, patron not told yet", "已到取书台，尚未通知读者"),
    "place.hold_shelf": ("On the hold shelf", "在预约架上等待取书"),
    "place.use": ("With the patron", "在读者手中"),
    "place.transfer": ("Taken back into transport", "借期中再次运输"),
    "place.return": ("On its way back to the lending library", "归还途中"),
    # which days counted
    "day.counted": ("Counts", "计入借期"),
    "day.before_the_clock": ("Does not count: the clock had not started", "不计：借期尚未开始"),
    "day.on_the_road": ("Does not count: the book was on the road", "不计：图书在运输途中"),
    "day.after_the_end": ("Does not count: the loan had ended", "不计：借阅已结束"),
    # how the due date came about
    "step.period": (
        "{period} from {began} on {start}: due {due}",
        "自{start}{began}起 {period}：应于{due}归还",
    ),
    "step.borrower_period": (
        "The reader's own library sets a shorter term for this lender: due {due}",
        "读者所属图书馆对该馆藏书规定了更短的借期：应于{due}归还",
    ),
    "step.before_holiday": (
        "Must be back at the lender before the holiday: due {due}",
        "须在假期前归还借出馆：应于{due}归还",
    ),
    "step.holiday_grace": (
        "The loan ends in a holiday and may be returned after it: due {due}",
        "借期在假期内届满，可于假期后归还：应于{due}归还",
    ),
    "step.term_grace": (
        "Borrowed at the end of term, to be returned in the next: due {due}",
        "期末所借图书可于下学期初归还：应于{due}归还",
    ),
    "step.bulk_extension": ("Extended for all by notice: due {due}", "按通知统一延期：应于{due}归还"),
    "step.next_open_day": ("The desk is closed that day: due {due}", "当日取书台不开放：应于{due}归还"),
    # renewals, amendments and recalls
    "renewal.accepted": ("Renewed: due {due}", "已续借：应于{due}归还"),
    "renewal.policy_no_renewal": ("Not renewed: the lender renews nothing", "未续借：借出馆不办理续借"),
    "renewal.item_not_renewable": ("Not renewed: not this kind of item", "未续借：此类文献不可续借"),
    "renewal.suspended": ("Not renewed: the reader is suspended there", "未续借：读者在该馆的借阅权限已暂停"),
    "renewal.recalled": ("Not renewed: the book has been recalled", "未续借：图书已被召回"),
    "renewal.limit_reached": ("Not renewed: no renewal is left", "未续借：续借次数已用完"),
    "renewal.overdue": ("Not renewed: the book was overdue", "未续借：图书已逾期"),
    "renewal.too_late": ("Not renewed: asked too late", "未续借：申请过迟"),
    "renewal.on_hold": ("Not renewed: another reader waits for it", "未续借：有其他读者预约"),
    "renewal.no_gain": (
        "Not renewed: the due date would not be later; the renewal is not used up",
        "未续借：应还日期不会推后；本次续借机会保留",
    ),
    "amendment.accepted": ("By notice of the office: due {due}", "按中心通知：应于{due}归还"),
    "recall.accepted": ("Recalled by the lender: due {due}", "借出馆召回：应于{due}归还"),
    "recall.recall_not_allowed": ("Recall refused: the lender recalls nothing", "召回无效：该馆不召回图书"),
    # lateness
    "late.counted": ("{amount} for this day", "当日 {amount}"),
    "late.on_the_road": ("Not charged: on the road", "不计费：运输途中"),
    "late.desk_closed": ("Not charged: the desk was closed", "不计费：取书台不开放"),
    "late.not_completed": ("Not charged: the day was not completed", "不计费：未满一日"),
    "late.forgiven": ("Not charged: within the days of grace", "不计费：在宽限日内"),
    "late.capped": ("{amount} for this day: the limit per item is reached", "当日 {amount}：已达单件上限"),
    # the fine as a whole
    "fine.none": ("No fine", "无逾期费"),
    "fine.amount": ("{days} late: {amount}", "逾期 {days}：{amount}"),
    "fine.capped": ("{days} late: {amount}, the limit per item", "逾期 {days}：{amount}（单件上限）"),
    "fine.not_stated": (
        "{days} late; the lender states no rate: staff decide",
        "逾期 {days}；借出馆未公布费率，由馆员决定",
    ),
    # warnings
    "warning.outside_coverage": (
        "Holidays and terms of {day} are not known: calendar {calendar} does not reach that far",
        "{day}的假期与学期未知：校历 {calendar} 未涵盖该日期",
    ),
    "warning.sample_calendar": (
        "Calendar {calendar} is a sample and not the library's published one",
        "校历 {calendar} 为示例数据，并非图书馆公布的校历",
    ),
}  # fmt: skip

#: what starts a lender's clock
_BEGAN: Mapping[str, tuple[str, str]] = {
    "shipped": ("shipping", "寄出"),
    "arrived": ("arrival", "到馆"),
    "notified": ("the notice", "通知"),
    "handover": ("hand-over", "借出"),
}


def text(code: str, language: Language, facts: Mapping[str, object]) -> str:
    """Return the sentence for *code* in a language, with its facts filled in."""
    said = {name: _said(name, str(fact), language) for name, fact in facts.items()}
    return TEXTS[code][language == "zh"].format_map(said)


def _said(name: str, fact: str, language: Language) -> str:
    """Return a fact as people write it: days, amounts, numbers of days."""
    match name:
        case "due" | "day":
            return said_day(date.fromisoformat(fact), language)
        case "start":
            return said_day(date.fromisoformat(fact), language, short=True)
        case "began":
            return _BEGAN[fact][language == "zh"]
        case "days" | "period":
            return said_days(int(fact), language)
        case "amount" if " " in fact:
            amount, currency = fact.split()
            return said_amount(Money.parse(amount, currency), language)
        case _:
            return fact
