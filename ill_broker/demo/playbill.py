"""Who plays in the demonstration, what can be tried as whom, and what each step of its story is called."""

from dataclasses import dataclass

from ill_broker.demo.consortium import MEMBERS


@dataclass(frozen=True, slots=True)
class Text:
    """What people read, in both languages."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        """Return it in one of them."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Part:
    """An account, and what can be tried with it."""

    login: str
    name: Text
    tries: Text


READERS = (
    Part(
        "li.hua@bjtu.example",
        Text("李华，北京交通大学的读者", "Li Hua, a reader of Beijing Jiaotong University"),
        Text(
            "有七种状态的申请：看图书到了哪里，接受借出馆的条件，续借。",
            "Her requests stand in seven states: follow a book, accept a condition, renew.",
        ),
    ),
    Part(
        "emma@bjtu.example",
        Text("Emma Clarke，读英文的读者", "Emma Clarke, who reads English"),
        Text(
            "一本书逾期，一本报失，一份申请无馆可借：看费用怎么算出来。",
            "One book is overdue, one lost, one request failed: see how a fine is worked out.",
        ),
    ),
    Part(
        "wu.qiang@bjtu.example",
        Text("吴强，被停借的读者", "Wu Qiang, a reader who is suspended"),
        Text(
            "看停借时页面怎么说，手工申请还能不能提。",
            "See what pages say of a suspension, and of a request typed by hand.",
        ),
    ),
    Part(
        "zhou.ming@pku.example",
        Text("周明，北京大学的读者", "Zhou Ming, a reader of Peking University"),
        Text("他要的书由另一馆手工答复。", "Another library answers by hand what he asked for."),
    ),
)
_TRIES = {
    "bjtu": Text(
        "每个列表里都有事：扫条码 21251001，打电话通知读者，登记到馆与归还，或替人借出。",
        "Something waits in each list: scan 21251001, call readers, take books in and back, lend to others.",
    ),
    "pku": Text(
        "同一天在另一馆：自己的读者，和别馆要借的书。",
        "The same day elsewhere: its own readers, and what others ask of it.",
    ),
}
_LENDS = Text(
    "看借出馆的列表：答复、寄出、收回。", "See a lender's lists: to answer, to send, to receive back."
)
DESKS = tuple(
    Part(
        f"desk@{member.code}",
        Text(f"{member.name_zh}服务台", f"Desk of {member.name}"),
        _TRIES.get(member.code, _LENDS),
    )
    for member in MEMBERS
)
OFFICE = Part(
    "office",
    Text("联盟办公室", "The consortium's office"),
    Text(
        "看成员馆、规则、日历与统计，试算一次规则修改。",
        "See members, rules, calendars and reports; try an amendment without effect.",
    ),
)
#: who sees a request of the story, and where
SEEN_BY = (
    ("", "/requests/{id}", Text("读者所见", "As the reader sees it")),
    ("desk@bjtu", "/desk/requests/{id}", Text("服务台所见", "As the desk sees it")),
    ("desk@szutl", "/desk/lending/{id}", Text("借出馆所见", "As the lender sees it")),
    ("office", "/reports/requests", Text("办公室所见", "As the office sees it")),
)
#: the steps of the story: who does something, and what
STEPS = {
    "register": (
        Text("两位读者", "Two readers"),
        Text(
            "李华与 Emma Clarke 注册，并点开信中的链接确认邮箱。",
            "register, and confirm their addresses by the link in a letter.",
        ),
    ),
    "search": (Text("两位读者", "Two readers"), Text("同时检索所有成员馆。", "search all members at once.")),
    "submit": (
        Text("两位读者", "Two readers"),
        Text(
            "各提交一份申请；第一家婉拒，随即询问下一家。",
            "ask for a book each; the first library declines, the next is asked.",
        ),
    ),
    "in_transit": (Text("借出馆", "The lender"), Text("同意出借，并寄出。", "agrees, and sends the books.")),
    "arrived": (
        Text("服务台", "The desk"),
        Text("扫条码，登记到馆；读者收到通知。", "scans them in; the readers get a letter."),
    ),
    "notified": (
        Text("服务台", "The desk"),
        Text("打电话：第一次无人接听，第二次接通。", "calls: nobody answers at first, then both do."),
    ),
    "handed_over": (
        Text("服务台", "The desk"),
        Text("把书交给读者，借期从今天起算。", "hands the books over; the loan begins."),
    ),
    "returned": (
        Text("两位读者", "Two readers"),
        Text("续借之后仍然迟还，产生逾期费。", "renew, and still bring them late; a fine is charged."),
    ),
    "closed": (
        Text("借出馆", "The lender"),
        Text("收回图书，申请完结。", "has them back; the requests are closed."),
    ),
}
#: what else stands on the page
PAGE = {
    "heading": Text("演示", "The demonstration"),
    "lead": Text(
        "按一下，您就是其中一位。页面上方可换语言，也可退出。",
        "Press a button and you are one of them. Language and log-out stand at the top.",
    ),
    "story": Text("两本书的旅程", "Two books' journey"),
    "over": Text(
        "旅程结束，各服务台的列表里都有事可做。",
        "The journey is over, and something waits in each desk's lists.",
    ),
    "next": Text("下一步", "Next step"),
    "goes_on": Text("正在进行。", "It goes on."),
    "look_again": Text("再看一次", "Look again"),
    "readers": Text("读者", "Readers"),
    "desks": Text("服务台", "Desks"),
    "office": Text("办公室", "The office"),
    "letter": Text("一封信", "A letter"),
    "letter_link": Text("打开信中的链接", "Open the link in the letter"),
    "letter_tries": Text(
        "没有系统的借出馆收到邮件，凭链接答复，无需登录。",
        "A library without a system gets a letter, and answers by its link, without logging in.",
    ),
}
