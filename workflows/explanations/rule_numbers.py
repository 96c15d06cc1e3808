"""Which numbered rule of the libraries stands behind what the clock does."""

from collections.abc import Mapping

#: period rules by their id in the policy files
PERIODS: Mapping[str, str] = {
    "balis-28-days": "R-BALIS-1",
    "nlc-one-month": "R-NLC-1",
    "shlib-45-days": "R-SHLIB-1",
    "szutl-31-days": "R-SZUTL-6",
    "fjmu-undergraduate": "R-FJMU-2",
    "fjmu-postgraduate": "R-FJMU-2",
    "fjmu-staff": "R-FJMU-2",
    "fjmu-other-school": "R-FJMU-4",
    "jinan-60-days": "R-JN-3",
    "bhu-overnight": "R-BHU-12",
    "bhu-semester": "R-BHU-2",
    "bhu-180": "R-BHU-2",
    "bhu-90": "R-BHU-2",
    "bhu-60": "R-BHU-2",
    "bhu-30": "R-BHU-2",
}

#: what a library's own rule says, by policy and subject
OWN: Mapping[tuple[str, str], str] = {
    ("bjtu", "default_period"): "R-BJTU-5",
    ("pku", "default_period"): "R-PKU-2",
    ("pku", "borrower_period.nlc"): "R-PKU-3",
    ("pku", "borrower_period.shlib"): "R-PKU-4",
    ("nlc", "before_holiday"): "R-NLC-6",
    ("szutl", "holiday_grace"): "R-SZUTL-8",
    ("fjmu", "term_grace"): "R-FJMU-7",
    ("szutl", "renewal"): "R-SZUTL-7",
    ("jinan", "renewal"): "R-JN-5",
    ("jinan", "renewal.too_late"): "R-JN-6",
    ("jinan", "renewal.overdue"): "R-JN-8",
    ("jinan", "renewal.on_hold"): "R-JN-8",
    ("shlib", "renewal.policy_no_renewal"): "R-SHLIB-2",
    ("fjmu", "renewal.policy_no_renewal"): "R-FJMU-3",
    ("nlc", "recall"): "R-NLC-2",
    ("shlib", "recall"): "R-SHLIB-3",
    ("fjmu", "recall"): "R-FJMU-10",
    ("szutl", "recall.recall_not_allowed"): "R-SZUTL-14",
    ("szutl", "fine"): "R-SZUTL-18",
    ("fjmu", "fine"): "R-FJMU-5",
    ("fjmu", "fine.accompanying"): "R-FJMU-6",
    ("jinan", "fine"): "R-JN-16",
    ("bhu", "fine"): "R-BHU-11",
    ("nlc", "fine"): "R-NLC-3",
    ("shlib", "fine"): "R-SHLIB-4",
    ("szutl", "hold_shelf"): "R-SZUTL-13",
    ("fjmu", "hold_shelf"): "R-FJMU-9",
    ("bhu", "refused_same_day"): "R-BHU-14",
    ("szutl", "lost"): "R-SZUTL-19",
}

#: the general reading where no library says anything of its own
GENERAL: Mapping[str, str] = {
    "period": "G-1",
    "default_period": "G-1",
    "borrower_period": "G-1",
    "before_holiday": "G-10",
    "holiday_grace": "G-5",
    "term_grace": "G-5",
    "bulk_extension": "R-BALIS-2",
    "next_open_day": "G-7",
    "renewal": "G-9",
    "renewal.suspended": "G-11",
    "renewal.recalled": "G-10",
    "amendment": "R-BALIS-2",
    "recall": "G-10",
    "fine": "R-BJTU-6",
    "hold_shelf": "C-4",
    "refused_same_day": "G-9",
    "lost": "C-3",
    "counted": "C-1",
    "before_the_clock": "C-2",
    "after_the_end": "C-3",
    "on_the_road": "C-1",
    "desk_closed": "G-7",
    "not_completed": "G-3",
    "forgiven": "G-9",
}


def period_number(rule: str | None, home: str | None) -> str:
    """Return the number of a period rule; a default period is that of the reader's library."""
    if rule == "default_period":
        return number(home or "", "default_period")
    return PERIODS.get(rule or "", GENERAL["period"])


def number(policy: str, subject: str) -> str:
    """Return the rule of *policy* on a subject such as "renewal.too_late", else the general reading of it."""
    broad = subject.partition(".")[0]
    for key in (subject, broad):
        if (policy, key) in OWN:
            return OWN[policy, key]
    return GENERAL.get(subject) or GENERAL[broad]
