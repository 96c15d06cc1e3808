"""Every page that stays still enough to be looked at: a new page is a line here."""

_READER = "/desk/readers/{reader}"
_CASE = f"{_READER}/cases/new"
_REPORT = "/desk/requests/{late_on_loan}/case"
_REQUEST = "/requests/{%s}"
_DESK_REQUEST = "/desk/requests/{%s}"
_LENT = "/desk/lending/{%s}"
#: what it is called in pictures -> its address, with {names} that tests/journeys/standing.py knows, and the
#: links to follow from there; and who of the demonstration sees it (tests/support/browsing.py)
PAGES = {
    # ---- Everybody, and who stays outside.
    "welcome": ("/", ""),
    "log_in": ("/log-in", ""),
    "register": ("/register", ""),
    "forgotten": ("/forgotten", ""),
    "verify": ("/verify", ""),
    "reset": ("/reset", ""),
    "not_found": ("/nowhere", ""),
    "demonstration": ("/demonstration", ""),
    "letter": ("/partner/{letter}", ""),
    # ---- A reader.
    "home": ("/", "patron"),
    "search": ("/searches/{search} > .members-of summary", "patron"),
    "search_narrowed": ("/searches/{search} > .facets a", "patron"),
    "search_nothing": ("/searches/{no_search}", "patron"),
    "work": ("/searches/{search}/works/{work}", "patron"),
    "requests": ("/requests", "patron"),
    **{
        f"request_{state}": (_REQUEST % state, "patron")
        for state in (
            *("submitted", "conditional", "in_transit", "notified", "on_loan", "returned"),
            "completed",
        )
    },
    "request_overdue": (_REQUEST % "late_on_loan", "late"),
    "request_lost": (_REQUEST % "late_lost", "late"),
    "request_unfilled": (_REQUEST % "late_unfilled", "late"),
    "typed_new": ("/typed/new", "patron"),
    "typed_one": ("/typed/{typed_waiting}", "patron"),
    "typed_asked": ("/typed/{typed_asked}", "patron"),
    "wishes": ("/wishes", "patron"),
    "wish": ("/wishes/{wish}", "patron"),
    "account": ("/account", "patron"),
    "dispute": ("/account/charges/{fine}/dispute", "patron"),
    "own_cards": ("/loan-cards", "patron"),
    "own_data": ("/me", "patron"),
    "own_password": ("/me/password", "patron"),
    "erasure": ("/me/erasure", "patron"),
    "first_use": ("/requests", "suspended"),
    "no_wishes": ("/wishes", "suspended"),
    # ---- A desk.
    "desk": ("/desk", "staff"),
    "desk_log": ("/desk", "staff"),
    **{
        f"desk_{name.replace('-', '_')}": (f"/desk/lists/{name}", "staff")
        for name in ("to-arrive", "to-call", "on-shelf", "to-ship-back", "overdue", "to-look-at")
    },
    **{
        f"desk_request_{state}": (_DESK_REQUEST % f"desk_{state}", "staff")
        for state in (
            *("submitted", "conditional", "in_transit", "arrived", "notified", "on_loan", "returned"),
            "lost",
        )
    },
    "desk_typed": ("/desk/typed", "staff"),
    "desk_typed_one": ("/desk/typed/{typed_waiting}", "staff"),
    "desk_typed_found": ("/desk/typed/{typed_waiting}/searches/{desk_search}", "staff"),
    "desk_astray": ("/desk/astray", "staff"),
    "desk_readers": ("/desk/readers?query=8000", "staff"),
    "desk_elsewhere": ("/desk/readers/elsewhere", "staff"),
    "desk_reader": (_READER, "staff"),
    "desk_case_book": (_CASE, "staff"),
    "desk_case_report": (_REPORT, "staff"),
    "desk_case_terms": (f"{_REPORT} > .large-choices input > .modes input > main .primary", "staff"),
    "desk_case": ("/desk/requests/{on_loan}/cases/1", "staff"),
    "desk_rights": ("/desk/readers/{suspended}/rights", "staff"),
    "desk_permission": (f"{_READER}/rights/permission", "staff"),
    "desk_suspension": (f"{_READER}/rights/suspension", "staff"),
    "desk_category": (f"{_READER}/rights/category", "staff"),
    "desk_right_end": ("/desk/readers/{suspended}/rights/{permission}/end", "staff"),
    "desk_ask": (f"{_READER}/searches", "staff"),
    "desk_ask_found": (f"{_READER}/searches/{{desk_search}}", "staff"),
    "desk_ask_work": (f"{_READER}/searches/{{desk_search}}/works/{{desk_work}}", "staff"),
    "desk_enrolment": ("/desk/readers/new", "staff"),
    "desk_cards": ("/desk/cards", "staff"),
    "desk_card": ("/desk/cards/{card}", "staff"),
    "desk_till": ("/desk/till", "staff"),
    "desk_account": (f"{_READER}/account", "staff"),
    "desk_payment": (f"{_READER}/payment", "staff"),
    "desk_receipt": (f"{_READER}/receipts/{{payment}}", "staff"),
    "desk_waiver": (f"{_READER}/postings/{{fine}}/waiver", "staff"),
    "desk_no_dues": (f"{_READER}/no-dues", "staff"),
    "desk_no_dues_paper": ("/desk/readers/{free}/no-dues", "staff"),
    "desk_reversal": (f"{_READER}/postings/{{payment}}/reversal", "staff"),
    "lending": ("/desk/lending", "staff"),
    "lending_pull_list": ("/desk/lending/pull-list", "staff"),
    "lending_limits": ("/desk/lending/limits", "staff"),
    **{
        f"lending_{state}": (_LENT % f"lent_{state}", "staff")
        for state in ("submitted", "accepted", "conditional", "in_transit", "returning")
    },
    "paper": ("/desk/requests/{desk_notified}/paper/hold-slip", "staff"),
    "papers": ("/desk/paper/pull-slip?request={lent_accepted}", "staff"),
    "own_desk": ("/desk/library", "staff"),
    "own_contacts": ("/desk/library/contacts", "staff"),
    "own_names": ("/desk/library/names", "staff"),
    **{f"own_days_{what}": (f"/desk/library/days/{what}", "staff") for what in ("week", "close", "open")},
    "own_days_trial": ("/desk/library > form[action$='/library/days'] button", "staff"),
    # ---- The office.
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
    "office_amendment": ("/office/amendments/{amendment}", "office"),
    "office_card_stock": ("/office/cards", "office"),
    "office_calendar": ("/office/calendars/cn-university-sample", "office"),
    "office_calendar_days": ("/office/calendars/cn-university-sample/days/2026", "office"),
    "office_staff": ("/office/staff", "office"),
    "office_keys": ("/office/keys?library=bjtu", "office"),
    "announcements": ("/announcements", "office"),
    "announcements_desk": ("/announcements", "staff"),
    "audit": ("/audit", "office"),
    "audit_desk": ("/audit", "staff"),
    "reports": ("/reports", "office"),
    "reported": ("/reports/requests", "office"),
    "report_cards": ("/reports?report=cards&by=lane", "office"),
    "report_limits": ("/reports?report=limits&by=lane", "office"),
    "reported_cards": ("/reports/cards", "office"),
}
#: what is no page to be looked at, and why
NO_PAGE = {
    "pages.static": "a file",
    "pages.manifest.show": "JSON for a telephone",
    "pages.own_data.download": "JSON to keep",
    "pages.announcements.edit": "the form of announcements once more; the demonstration leaves none",
}
#: the kind of id that a {name} stands for; of all others a request's
KINDS = {
    **dict.fromkeys(("reader", "suspended", "free"), "pat"),
    **dict.fromkeys(("search", "no_search", "desk_search"), "srch"),
    **dict.fromkeys(("work", "desk_work"), "wrk"),
    **dict.fromkeys(("fine", "payment"), "pst"),
    **dict.fromkeys(("typed_waiting", "typed_asked"), "typ"),
    "wish": "wsh",
    "card": "card",
    "permission": "prm",
    "suspension": "sus",
    "amendment": "amd",
}
#: what is scanned there before one looks: a reader's card, a loan card in stock, what nobody knows
SCANNED = {"desk_log": ("21251001", "CARD-SZUTL-1", "31239999")}
#: pages that only show, lists with a button a row, and a lender's that nobody asks
WITHOUT_PRIMARY = {
    *("office", "office_card_stock", "office_policies", "office_calendars", "reported", "reported_cards"),
    *(name for name, (path, _) in PAGES.items() if path.startswith("/desk/lists/")),
    *("desk_astray", "desk_no_dues"),
    *(name for name in PAGES if name.startswith("request_")),
    *("own_cards", "demonstration", "office_amendment", "account", "erasure", "typed_one"),
    *("desk_request_submitted", "desk_request_lost", "lending_in_transit"),
} - {"request_conditional", "request_unfilled"}
#: the pages that stand in README, and how they are looked at there
BEST = {
    "search": ("en", 1280),
    "request_on_loan": ("zh", 390),
    "desk_log": ("en", 1280),
    "desk_to_call": ("zh", 390),
    "lending": ("en", 1280),
    "reports": ("en", 1280),
}
