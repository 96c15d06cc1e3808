"""The words of policy files as people say them, and the sentences that they are put into."""

from collections.abc import Mapping

Both = tuple[str, str]

#: the frame of a sentence, by kind of change
SENTENCES: Mapping[str, Both] = {
    "changed": ("{label}: {old} -> {new}.", "{label}：{old} → {new}。"),
    "added": ("{label}: new: {new}.", "{label}：新增：{new}。"),
    "removed": ("{label}: no longer: {old}.", "{label}：取消：{old}。"),
    "reordered": ("{label}: another order: {new}.", "{label}：顺序改为：{new}。"),
    "stated": ("{label}: {new}, as before; now written out.", "{label}：{new}，与以前相同，现予写明。"),
    "unstated": (
        "{label}: {old}, as before; no longer written out.",
        "{label}：{old}，与以前相同，不再写明。",
    ),
}
#: single words of the files, where they stand as names or values
WORDS: Mapping[str, Both] = {
    "none": ("not stated", "未规定"),
    "nothing": ("none", "无"),
    "everything": ("everything", "一切情况"),
    "true": ("yes", "是"),
    "false": ("no", "否"),
    "days": ("{} days", "{} 天"),
    "months": ("{} months", "{} 个月"),
    "semesters": ("{} semesters", "{} 个学期"),
    "overnight": ("{} opening days, overnight", "{} 个开放日（隔夜）"),
    "no_change": ("Nothing changes.", "没有变化。"),
    "begun": ("Loans that have begun keep the terms they began under.", "已开始的借阅沿用借出时的规定。"),
}
#: English alone has a singular
ONE: Mapping[str, str] = {
    "days": "1 day",
    "months": "1 month",
    "semesters": "1 semester",
    "overnight": "1 opening day, overnight",
}
TERMS: Mapping[str, Both] = {
    "everything": WORDS["everything"], "true": WORDS["true"],
    "false": WORDS["false"], "yes": ("yes", "可外借"),
    "no": ("no", "不外借"), "permission": ("with permission", "须获许可"),
    "accept": ("accepted", "接受"), "refuse": ("refused", "拒绝"),
    "keep": ("the date stays", "不变"), "next_open_day": ("the next opening day", "下一开放日"),
    "excluded": ("not counted", "不计"), "included": ("counted", "计入"),
    "handover": ("the hand-over", "取书"), "notified": ("the notice", "通知"),
    "arrived": ("the arrival", "到达"), "due_date": ("the due date", "应还日期"),
    "renewal_date": ("the day of renewal", "续借之日"), "started": ("begun", "不足一日"),
    "full": ("completed", "满一日"), "opening_days": ("opening days", "开放日"),
    "calendar_days": ("calendar days", "日历日"), "holiday": ("holiday", "假期"),
    "end_of_term": ("end of term", "学期末"), "winter": ("winter", "寒假"),
    "summer": ("summer", "暑假"), "mon": ("on Mondays", "周一"),
    "tue": ("on Tuesdays", "周二"), "wed": ("on Wednesdays", "周三"),
    "thu": ("on Thursdays", "周四"), "fri": ("on Fridays", "周五"),
    "sat": ("on Saturdays", "周六"), "sun": ("on Sundays", "周日"),
    "loss": ("loss", "丢失"), "stain": ("stain", "污损"),
    "unreadable": ("a book made unreadable", "无法阅读"), "cut": ("cutting", "撕割"),
    "theft": ("theft", "盗窃"), "total": ("in all", "合计"),
    "general": ("general", "普通"), "when": ("if", "条件"),
    "lend": ("lent:", "外借"), "code": ("reason:", "原因"),
    "label": ("called", "名称"), "limits": ("limits:", "限额"),
    "period": ("for", "期限"), "kind": ("kind:", "类别"),
    "holidays": ("holidays:", "假期"), "categories": ("categories:", "类别"),
    "days_after": ("days after:", "其后天数"), "new_due": ("new due date:", "新应还日期"),
    "category": ("category", "读者类别"), "type": ("type", "文献类型"),
    "language": ("language", "语种"), "collection": ("collection", "馆藏"),
    "origin": ("origin", "来源"), "new_book": ("new book", "新书"),
    "part_of_set": ("part of a set", "成套"), "restricted_label": ("restricted label", "限制标签"),
    "chinese": ("Chinese", "中文"), "foreign": ("foreign", "外文"),
    "domestic": ("domestic", "国内"), "book": ("book", "图书"),
    "current_periodical": ("current periodical", "现刊"),
    "bound_periodical": ("bound periodical", "合订本期刊"),
    "newspaper": ("newspaper", "报纸"), "reference": ("reference work", "工具书"),
    "local_literature": ("local literature", "地方文献"),
    "feature_literature": ("special literature", "特色文献"),
    "thesis": ("thesis", "学位论文"), "dissertation": ("dissertation", "博士论文"),
    "standard": ("standard", "标准"), "rare_book": ("rare book", "古籍善本"),
    "swap_book": ("swap book", "交换图书"), "other_item": ("other item", "其他文献"),
    "cd": ("CD", "光盘"), "video": ("video", "录像带"), "dvd": ("DVD", "DVD 光盘"),
    "everything_else": ("everything else", "其他一切文献"),
    "library": ("library", "图书馆"), "consortium": ("consortium", "联盟"),
}  # fmt: skip
