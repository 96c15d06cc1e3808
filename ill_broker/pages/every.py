"""All pages, hung together: a file of pages that is not named here is nowhere."""

from types import ModuleType

from flask import Blueprint

from ill_broker.pages.desk import (
    asking,
    cards,
    cases,
    enrolment,
    lending,
    lending_limits,
    money,
    no_dues,
    own_days,
    own_desk,
    paper,
    privileges,
    readers,
    till,
)
from ill_broker.pages.desk import astray as desk_astray
from ill_broker.pages.desk import home as desk_home
from ill_broker.pages.desk import lists as desk_lists
from ill_broker.pages.desk import requests as desk_requests
from ill_broker.pages.desk import typed as desk_typed
from ill_broker.pages.errors import speak_to_browsers
from ill_broker.pages.everybody import kept, language, letters, log_in, manifest
from ill_broker.pages.frame import LogInFirst, StaleForm
from ill_broker.pages.office import (
    admission,
    amendments,
    announcements,
    audit,
    calendars,
    card_stock,
    connectors,
    keys,
    members,
    reports,
    rule_files,
    staff,
    webhook_secrets,
)
from ill_broker.pages.office import home as office_home
from ill_broker.pages.partner import answers
from ill_broker.pages.patron import (
    account,
    home,
    loan_cards,
    own_data,
    registration,
    requests,
    search,
    typed,
    wishes,
)

_FILES: tuple[ModuleType, ...] = (
    *(log_in, kept, language, letters, manifest, answers),
    *(home, registration, search, wishes, requests, account, loan_cards, own_data),
    *(typed, desk_typed),
    *(desk_home,),
    *(readers, money, no_dues, till, privileges, asking, cards, cases, enrolment),
    *(paper, lending, lending_limits),
    *(own_desk, own_days),
    *(desk_lists, desk_requests, desk_astray),
    *(office_home,),
    *(members, admission, connectors, webhook_secrets, staff, keys),
    *(reports, audit, announcements),
    *(rule_files, calendars, amendments, card_stock),
)


def hang_pages() -> Blueprint:
    """Return the blueprint of all pages, with their templates and static files."""
    pages = Blueprint(
        "pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    speak_to_browsers(pages)
    for error in (LogInFirst, StaleForm):
        pages.register_error_handler(error, kept.keep)
    for file in _FILES:
        pages.register_blueprint(file.blueprint)
    return pages
