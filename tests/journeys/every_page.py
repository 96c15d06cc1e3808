"""Every page that stays still enough to be looked at: a new page is a line here."""

_CASE = "/desk/readers?query=21251001 > a[href$='/cases/new']"
_REPORT = f"{_CASE} > .large-choices input > main .primary"
#: what it is called in pictures -> its address and the links to follow from there, and who of the
#: demonstration sees it
PAGES = {
    "welcome": ("/", ""),
    "log_in": ("/log-in", ""),
    "register": ("/register", ""),
    "forgotten": ("/forgotten", ""),
    "verify": ("/verify", ""),
    "reset": ("/reset", ""),
    "not_found": ("/nowhere", ""),
    "home": ("/", "patron"),
    "requests": ("/requests", "patron"),
    "wishes": ("/wishes", "patron"),
    "typed_new": ("/typed/new", "patron"),
    "typed_one": ("/requests > a[href^='/typed/typ']", "patron"),
    "desk_typed": ("/desk/typed", "staff"),
    "desk_typed_one": ("/desk/typed > .lines a.title", "staff"),
    "own_cards": ("/loan-cards", "patron"),
    "desk": ("/desk", "staff"),
    "desk_log": ("/desk", "staff"),
    "desk_readers": ("/desk/readers?query=8000", "staff"),
    "desk_reader": ("/desk/readers?query=21251001", "staff"),
    "desk_case_book": (_CASE, "staff"),
    "desk_case_report": (_REPORT, "staff"),
    "desk_case_terms": (f"{_REPORT} > .large-choices input > .modes input > main .primary", "staff"),
    "desk_case": ("/desk/readers?query=21251001 > a.button[href*='/cases/']", "staff"),
    "desk_rights": ("/desk/readers?query=21251001 > a[href$='/rights']", "staff"),
    "desk_permission": (
        "/desk/readers?query=21251001 > a[href$='/rights'] > a[href*='/perm']",
        "staff",
    ),
    "desk_ask": ("/desk/readers?query=21251001 > a[href$='/searches']", "staff"),
    "desk_enrolment": ("/desk/readers/new", "staff"),
    "desk_cards": ("/desk/cards", "staff"),
    "desk_card": ("/desk/cards?barcode=CARD-PKU-1", "staff"),
    "desk_till": ("/desk/till", "staff"),
    "desk_account": ("/desk/readers?query=21251001 > a[href$='/account']", "staff"),
    "desk_payment": ("/desk/readers?query=21251001 > a[href*='/payment']", "staff"),
    "desk_waiver": ("/desk/readers?query=21251001 > a[href$='/account'] > a[href*='/waiver']", "staff"),
    "lending": ("/desk/lending", "staff"),
    "lending_pull_list": ("/desk/lending/pull-list", "staff"),
    "lending_limits": ("/desk/lending/limits", "staff"),
    **{
        f"desk_{name.replace('-', '_')}": (f"/desk/lists/{name}", "staff")
        for name in ("to-arrive", "to-call", "on-shelf", "to-ship-back", "overdue", "to-look-at")
    },
    "desk_astray": ("/desk/astray", "staff"),
    "own_desk": ("/desk/library", "staff"),
    "own_contacts": ("/desk/library/contacts", "staff"),
    **{f"own_days_{what}": (f"/desk/library/days/{what}", "staff") for what in ("week", "close", "open")},
    "own_days_trial": ("/desk/library > form[action$='/library/days'] button", "staff"),
    "office": ("/office", "office"),
    "office_members": ("/office/members", "office"),
    "office_member": ("/office/members/pku", "office"),
    "office_admission": ("/office/admission", "office"),
    "office_member_change": ("/office/members/pku/change", "office"),
    "office_connectors": ("/office/members/pku/connectors", "office"),
    "office_secrets": ("/office/members/pku/webhook-secrets", "office"),
    "office_policies": ("/office/policies", "office"),
    "office_policy": ("/office/policies/szutl", "office"),
    "office_policy_text": ("/office/policies/szutl/text", "office"),
    "office_calendars": ("/office/calendars", "office"),
    "office_amendments": ("/office/amendments", "office"),
    "office_amendment_new": ("/office/amendments/new", "office"),
    "office_card_stock": ("/office/cards", "office"),
    "office_calendar": ("/office/calendars/cn-university-sample", "office"),
    "office_calendar_days": ("/office/calendars/cn-university-sample/days/2026", "office"),
    "office_staff": ("/office/staff", "office"),
    "office_keys": ("/office/keys?library=bjtu", "office"),
    "audit": ("/audit", "office"),
    "audit_desk": ("/audit", "staff"),
    "reports": ("/reports", "office"),
    "reported": ("/reports/requests", "office"),
    "report_cards": ("/reports?report=cards&by=lane", "office"),
    "reported_cards": ("/reports/cards", "office"),
}
#: what is scanned there before one looks: a reader's card, a loan card in stock, what nobody knows
SCANNED = {"desk_log": ("21251001", "CARD-SZUTL-1", "31239999")}
#: pages that only show, lists with a button a row, and a lender's that nobody asks
WITHOUT_PRIMARY = {
    *("office", "office_card_stock", "office_policies", "office_calendars", "reported", "reported_cards"),
    *(name for name, (path, _) in PAGES.items() if path.startswith("/desk/lists/")),
    *("desk_astray", "lending", "lending_pull_list"),
    "own_cards",
} - {"desk_request"}
