"""What the fields of a policy file are called, and what it means for a reader when they change."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Both = tuple[str, str]
NOTHING: Both = ("", "")


@dataclass(frozen=True, slots=True)
class Field:
    """A field's name and what a change of it means, in both languages."""

    label: Both
    #: it grew, or is later
    up: Both = NOTHING
    #: it shrank, or is earlier
    down: Both = NOTHING
    #: it changed in any other way
    other: Both = NOTHING
    #: what a new value means by itself
    values: Mapping[object, Both] = field(default_factory=dict)
    #: nothing said means no limit, so that saying anything is less
    unlimited: bool = False


LONGER = ("Readers may keep a book longer.", "读者可以借更长时间。")
SHORTER = ("Readers must bring a book back sooner.", "读者须更早归还。")
MORE = ("Readers may have more at once.", "读者可同时借更多。")
FEWER = ("Readers may have fewer at once.", "读者可同时借的册数减少。")
DEARER = ("A late reader pays more.", "逾期读者付费增加。")
CHEAPER = ("A late reader pays less.", "逾期读者付费减少。")
HARDER = ("A suspension may last longer.", "停借时间可能更长。")
MILDER = ("A suspension may be shorter.", "停借时间可能更短。")
HOURS = ("Books are collected and returned at other hours.", "取书与还书的时间改变。")
INFORMATION = ("Information for people; no rule changes.", "仅为告知信息，规则不变。")
JUDGED = ("Requests are judged by it from now on.", "此后的申请按此办理。")

#: by path; "*" stands for a name, and a path that is not here is told under the nearest above it
FIELDS: Mapping[str, Field] = {
    "schema": Field(("Version of the format", "格式版本")),
    "id": Field(
        ("Identifier", "标识"), other=("This is the policy of another library.", "这是另一图书馆的规则。")
    ),
    "name": Field(("Name", "名称"), other=INFORMATION),
    "kind": Field(("Kind", "类别")),
    "inherits": Field(
        ("Inherits from", "继承自"),
        other=("What this file does not say comes from there.", "本文件未写明的内容取自该文件。"),
    ),
    "sources": Field(("Sources", "来源"), other=INFORMATION),
    "assumed": Field(
        ("Assumed, not stated by the sources", "来源未明示、系假定的项"),
        other=("Explanations say so of each of them.", "各项的说明中会注明。"),
    ),
    "timezone": Field(
        ("Time zone", "时区"), other=("Days begin and end at another hour.", "每日起止时刻改变。")
    ),
    "currency": Field(("Currency", "货币"), other=("Amounts are not converted.", "金额不作换算。")),
    "calendar": Field(
        ("Calendar", "日历"),
        other=("Holidays, terms and closures are other ones.", "假期、学期与闭馆日随之改变。"),
    ),
    "opening_hours": Field(("Opening hours", "开放时间"), other=HOURS),
    "contacts": Field(("Contacts", "联系方式"), other=INFORMATION),
    "registration": Field(("Registration", "注册"), other=INFORMATION),
    "notice_channel": Field(("Way of notice", "通知方式"), other=INFORMATION),
    "notices": Field(("Notices", "通知"), other=INFORMATION),
    "members": Field(("Members", "成员"), other=INFORMATION),
    "service_fee": Field(("Service fee", "服务费"), other=INFORMATION, up=INFORMATION, down=INFORMATION),
    "clock": Field(("Loan clock", "借期计算")),
    "clock.starts": Field(
        ("The loan begins with", "借期起算于"),
        values={
            "handover": ("Days count from the hand-over.", "自读者取书之日起计。"),
            "notified": ("Days count from the notice, collected or not.", "自通知之日起计，不论是否取书。"),
            "arrived": ("Days count from the arrival at the desk.", "自图书到达取书台之日起计。"),
        },
    ),
    "clock.logistics": Field(
        ("Days on the road", "运输时间"),
        values={
            "excluded": ("Days on the road are not counted.", "运输时间不计入借期。"),
            "included": (
                "Days on the road are counted: less time with the book.",
                "运输时间计入借期，读者使用时间减少。",
            ),
        },
    ),
    "clock.due_on_closed_day": Field(
        ("Due on a day when the desk is closed", "到期日遇取书台闭馆"),
        values={
            "keep": ("The date stays though the desk is closed.", "到期日不变。"),
            "next_open_day": ("The date moves to the next opening day.", "到期日顺延至下一开放日。"),
        },
    ),
    "clock.outbound_allowance_days": Field(
        ("Days allowed for the way to the desk", "去程运输天数"),
        other=("Only the lender's expected date moves.", "仅借出馆预期日期改变。"),
    ),
    "clock.return_allowance_days": Field(
        ("Days allowed for the way back", "回程运输天数"),
        other=(
            "The lender's date moves; so does a date before a holiday.",
            "借出馆日期改变；假期前归还的日期亦随之改变。",
        ),
    ),
    "categories": Field(("Categories of readers", "读者类别")),
    "categories.*": Field(
        ("Readers of category {0}", "读者类别 {0}"),
        other=("Others may borrow here than before.", "可借阅的读者有变化。"),
    ),
    "categories.*.label": Field(("Name of category {0}", "类别 {0} 的名称"), other=INFORMATION),
    "categories.*.limits.*": Field(
        ("Items at once for category {0} ({1})", "类别 {0} 可借册数（{1}）"),
        up=MORE,
        down=FEWER,
        unlimited=True,
    ),
    "default_category": Field(
        ("Category of readers of other libraries", "外馆读者的类别"),
        other=("Readers of other libraries have that category's terms.", "外馆读者适用该类别的规定。"),
    ),
    "special_collections": Field(
        ("Collections for named categories only", "仅限指定类别的馆藏"),
        other=("Other readers may not borrow from them.", "其他读者不得借阅。"),
    ),
    "lendability": Field(
        ("What is lent", "可借范围"), other=("The first rule that fits decides.", "以第一条符合的规则为准。")
    ),
    "lendability.*": Field(("What is lent, for {0}", "可借范围（{0}）"), other=JUDGED),
    "lendability.*.lend": Field(
        ("Is {0} lent", "{0} 是否外借"),
        values={
            "yes": ("These items can be borrowed.", "此类文献可以外借。"),
            "no": ("These items can no longer be borrowed.", "此类文献不再外借。"),
            "permission": ("These items need permission first.", "此类文献须先获许可。"),
        },
    ),
    "lendability.*.code": Field(("Reason told for {0}", "{0} 的拒绝原因"), other=INFORMATION),
    "loan_rules": Field(
        ("Loan periods", "借期规则"), other=("The first rule that fits decides.", "以第一条符合的规则为准。")
    ),
    "loan_rules.*": Field(
        ("Loan rule {0}", "借期规则 {0}"),
        other=("Loans of such readers and items have another period.", "相应读者与文献的借期改变。"),
    ),
    "loan_rules.*.when": Field(
        ("Loan rule {0} is for", "借期规则 {0} 适用于"),
        other=("The period is for others than before.", "该借期的适用范围改变。"),
    ),
    "loan_rules.*.period": Field(
        ("Loan period {0}", "借期 {0}"),
        up=LONGER,
        down=SHORTER,
        other=("Due dates are counted another way.", "应还日期的计算方式改变。"),
    ),
    "renewal": Field(("Renewal", "续借")),
    "renewal.max_count": Field(
        ("Renewals of a loan", "续借次数"),
        up=("Readers may renew more often.", "读者可续借更多次。"),
        down=("Readers may renew less often.", "读者可续借次数减少。"),
        values={0: ("Nothing is renewed any more.", "不再办理续借。")},
    ),
    "renewal.period": Field(("Period of a renewal", "续借期"), up=LONGER, down=SHORTER),
    "renewal.from": Field(
        ("A renewal counts from", "续借起算于"),
        values={
            "due_date": ("Renewing early costs no days.", "提前续借不损失天数。"),
            "renewal_date": ("Renewing early gives away the days left.", "提前续借则剩余天数作废。"),
        },
    ),
    "renewal.advance_days": Field(
        ("Days before the due date by which to renew", "续借须提前的天数"),
        up=("Readers must ask earlier.", "读者须更早申请。"),
        down=("Readers may ask later.", "读者可更晚申请。"),
    ),
    "renewal.when": Field(
        ("Renewal is for", "可续借的文献"),
        other=("Other items can be renewed than before.", "可续借的文献有变化。"),
    ),
    "renewal.allow_on_hold": Field(
        ("Renewal while another reader waits", "有人预约时可否续借"),
        values={
            True: ("A reservation no longer stops a renewal.", "他人预约不再妨碍续借。"),
            False: ("A reservation stops a renewal.", "有他人预约即不可续借。"),
        },
    ),
    "fine": Field(("Fine", "逾期费")),
    "fine.rate": Field(
        ("Fine per day", "每日逾期费"),
        up=DEARER,
        down=CHEAPER,
        other=("Where no rate is stated, staff decide.", "未规定费率时由馆员决定。"),
    ),
    "fine.day": Field(
        ("A late day counts when", "逾期日的计算"),
        values={
            "started": ("A day begun is charged.", "不足一日按一日计。"),
            "full": ("Only a day completed is charged.", "满一日方计费。"),
        },
    ),
    "fine.grace_days": Field(("Late days forgiven", "免费宽限天数"), up=CHEAPER, down=DEARER),
    "fine.cap_per_item": Field(
        ("Most for one item", "单件逾期费上限"), up=DEARER, down=CHEAPER, unlimited=True
    ),
    "fine.cap_per_card": Field(
        ("Most for one card", "单证逾期费上限"), up=DEARER, down=CHEAPER, unlimited=True
    ),
    "fine.count_closed_days": Field(
        ("Days when the desk is closed are charged", "闭馆日计费"),
        values={True: DEARER, False: ("Days when the desk is closed cost nothing.", "闭馆日不计费。")},
    ),
    "fine.accompanying": Field(
        ("Accompanying pieces are fined by themselves", "附件单独计费"),
        values={
            True: ("Each piece that is late costs as a book does.", "每件逾期附件与图书同样计费。"),
            False: CHEAPER,
        },
    ),
    "recall": Field(("Recall", "召回")),
    "recall.allowed": Field(
        ("Recall by the lender", "借出馆可召回"),
        values={
            True: ("A loan may end earlier than its due date.", "借阅可能早于应还日期结束。"),
            False: ("The due date can be relied upon.", "应还日期不会提前。"),
        },
    ),
    "recall.notice_days": Field(
        ("Days left after a recall", "召回后的归还天数"),
        up=("Readers have more time after a recall.", "召回后读者有更多时间。"),
        down=("Readers have less time after a recall.", "召回后读者时间减少。"),
    ),
    "grace": Field(("Days of grace around holidays and terms", "假期与学期宽限"), other=LONGER),
    "grace.*": Field(
        ("Grace: {0}", "宽限：{0}"),
        other=("Loans that end then have another due date.", "届时到期的借阅应还日期改变。"),
    ),
    "grace.*.days_after": Field(
        ("Days after the holiday ({0})", "假期后宽限天数（{0}）"), up=LONGER, down=SHORTER
    ),
    "grace.*.days_into_next_term": Field(
        ("Days into the next term ({0})", "下学期宽限天数（{0}）"), up=LONGER, down=SHORTER
    ),
    "bulk_extensions": Field(("Extensions for all", "统一延期")),
    "bulk_extensions.*": Field(
        ("Extension for all {0}", "统一延期 {0}"),
        other=("Due dates of the loans it names move.", "所涉借阅的应还日期改变。"),
    ),
    "bulk_extensions.*.new_due": Field(("New due date of {0}", "{0} 的新应还日期"), up=LONGER, down=SHORTER),
    "due_before_holiday": Field(
        ("Back before the holidays", "须在假期前归还"),
        other=("Loans that would reach into them are due earlier.", "跨入假期的借阅须提前归还。"),
    ),
    "processing_stops": Field(
        ("No requests in the holidays", "假期停止受理"),
        other=("Requests then go to other lenders.", "届时申请转向其他图书馆。"),
    ),
    "quota.monthly": Field(
        ("Requests taken in a month", "每月受理册数"),
        up=("More requests are taken.", "可受理更多申请。"),
        down=("Fewer requests are taken.", "可受理申请减少。"),
        unlimited=True,
    ),
    "prefers_language": Field(
        ("Prefers requests for", "优先受理"),
        other=("It is asked last for Chinese titles.", "中文文献最后向其申请。"),
    ),
    "same_day_return": Field(
        ("Return on the day of the loan", "当日归还"),
        values={
            "accept": ("A book may come back the same day.", "可当日归还。"),
            "refuse": ("A book cannot come back the same day.", "不可当日归还。"),
        },
    ),
    "block_when_overdue": Field(
        ("No new loan while one is overdue", "有逾期时停借"),
        values={
            True: ("A late book stops further loans.", "有逾期图书即不能再借。"),
            False: ("A late book no longer stops further loans.", "逾期图书不再妨碍借阅。"),
        },
    ),
    "hold_shelf.days": Field(
        ("Days on the hold shelf", "预约保留天数"),
        up=("Readers have more time to collect.", "读者有更多时间取书。"),
        down=("Readers have less time to collect.", "读者取书时间减少。"),
    ),
    "hold_shelf.count": Field(
        ("Days on the hold shelf are", "预约保留天数按"),
        values={
            "opening_days": ("Only days when the desk is open count.", "仅计开放日。"),
            "calendar_days": ("Every day counts.", "按日历日计。"),
        },
    ),
    "pickup.*": Field(
        ("Delivery to {0}", "送书点 {0}"),
        other=("Books come to the desk at another time.", "图书送达时间改变。"),
    ),
    "compensation": Field(("Compensation", "赔偿")),
    "compensation.*": Field(
        ("Compensation for {0}", "赔偿（{0}）"),
        other=("Readers owe something else for it.", "读者的赔偿责任改变。"),
    ),
    "suspensions": Field(("Suspension", "停借")),
    "suspensions.*": Field(
        ("Suspension for {0}", "停借（{0}）"),
        other=("Readers are suspended by other terms.", "停借的规定改变。"),
    ),
    "suspensions.*.months_min": Field(
        ("Least months of suspension for {0}", "停借最少月数（{0}）"), up=HARDER, down=MILDER
    ),
    "suspensions.*.months_max": Field(
        ("Most months of suspension for {0}", "停借最多月数（{0}）"), up=HARDER, down=MILDER
    ),
    "borrowing": Field(("For readers of this library", "本馆读者"), other=JUDGED),
    "borrowing.max_items": Field(
        ("Items at once for readers of this library", "本馆读者可借册数"), up=MORE, down=FEWER, unlimited=True
    ),
    "borrowing.default_period": Field(
        ("Period where the lender states none", "借出馆未规定时的借期"), up=LONGER, down=SHORTER
    ),
    "borrowing.lender_periods.*": Field(
        ("Shorter period for {0}", "对 {0} 的较短借期"),
        other=("Applies where it is the earlier date.", "较早者适用。"),
    ),
    "borrowing.lender_periods.*.period": Field(
        ("Shorter period for {0}", "对 {0} 的较短借期"), up=LONGER, down=SHORTER
    ),
    "loan_cards": Field(
        ("Loan cards", "借书证"), other=("The terms of loan cards change.", "借书证的规定改变。")
    ),
    "loan_cards.max_per_reader": Field(
        ("Loan cards for one reader", "每位读者的借书证数"), up=MORE, down=FEWER
    ),
    "loan_cards.period": Field(("Period of a loan card", "借书证期限"), up=LONGER, down=SHORTER),
    "loan_cards.fine.rate": Field(
        ("Fine per day of a loan card", "借书证每日逾期费"), up=DEARER, down=CHEAPER
    ),
}
