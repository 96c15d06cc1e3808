"""The page behind the link of a letter to a library: what is asked, and buttons to answer it."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from ill_broker.pages.forms import Filled
from ill_broker.pages.frame import written
from ill_broker.services.partners.mail_answers import BY_LINK, Asked, Correspondence, Reason, Said
from ill_broker.services.refusals import BadToken
from ill_broker.settings import Settings
from ill_broker.texts.catalogue import say
from ill_broker.texts.flaws import Flaw
from ill_broker.texts.labels import described, said_place
from ill_broker.web.context import now, service
from ill_broker.web.fields import WrongValue
from ill_broker.web.language import browser_language
from ill_broker.web.throttle import Limit, Throttle, address
from workflows.libraries import Library
from workflows.requests.lending import Answer

blueprint = Blueprint("partner", __name__)

_LONGEST = 60
_GONE = 404
_NOTHING_SAID = Filled()


@blueprint.get("/partner/<token>")
def look(token: str) -> Response:
    """Show what the library was asked; opening the link, as mail scanners do, answers nothing."""
    _count()
    try:
        asked = service(Correspondence).asked(token, now=now())
    except BadToken:
        return _page("partner/gone.html", status=_GONE)
    return _page("partner/ask.html", **_shown(asked))


@blueprint.post("/partner/<token>")
def answer(token: str) -> Any:
    """Take the answer of the button that was pressed; the link itself proves whose it is."""
    _count()
    said = _said()
    if said is None:
        return _page("partner/gone.html", status=400)
    try:
        if said.answer is Answer.CANNOT and said.reason is None:
            return _asked_why(token)
        service(Correspondence).answer(token, said, now=now())
    except BadToken:
        return _page("partner/gone.html", status=_GONE)
    return redirect(url_for(".look", token=token, lang=browser_language()), 303)


def _asked_why(token: str) -> Response:
    """Show the page once more: the desk reads why a library cannot lend, and reports count it."""
    why = Filled(errors={"reason": WrongValue(Flaw.REQUIRED).said(browser_language())})
    asked = service(Correspondence).asked(token, now=now())
    return _page("partner/ask.html", status=422, **_shown(asked, why))


def _said() -> Said | None:
    """Return what the form says; None if no button of ours can have sent it."""
    form = request.form
    reason = form.get("reason") or None
    if form.get("answer") not in BY_LINK or (reason is not None and reason not in set(Reason)):
        return None
    return Said(
        answer=Answer(form["answer"]),
        item_barcode=_entered("item_barcode"),
        tracking=_entered("tracking"),
        reason=Reason(reason) if reason else None,
    )


def _entered(name: str) -> str | None:
    text = "".join(letter for letter in request.form.get(name, "") if letter.isprintable()).strip()
    return text[:_LONGEST] or None


def _shown(asked: Asked, form: Filled = _NOTHING_SAID) -> dict[str, Any]:
    """Return plain values for the page."""
    wanted, lender, spoken = asked.request, asked.lender, browser_language()
    held, entry = wanted.copy_at(lender), wanted.entry(lender)
    facts = described(wanted.citation, held, send_to=_sent_to(asked.desk, spoken))
    # Elsewhere is where another library has been asked since.
    standing = wanted.status.value if wanted.lender == lender else "elsewhere"
    return {
        "number": wanted.number,
        "facts": {say(label.message, spoken): fact for label, fact in facts.items()},
        "answers": [answer.value for answer in asked.answers],
        "standing": f"partner_page.standing.{standing}",
        "is_cancelling": wanted.cancellation_requested is not None and bool(asked.answers),
        "barcode": (held and held.barcode) or (entry and entry.claim.item_barcode) or "",
        "form": form,
        "reasons": [(reason.value, say(reason.message, spoken)) for reason in Reason],
    }


def _sent_to(desk: Library, spoken: str) -> str:
    if spoken == "zh":
        return said_place(desk.name_zh, desk.desk_zh, spoken)
    return said_place(desk.name, desk.desk, spoken)


def _page(template: str, *, status: int = 200, **values: Any) -> Response:
    spoken = browser_language()
    answer = written(template, spoken, status=status, **values)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@cache
def _limit(per_minute: int) -> Limit:
    return Limit.of("partner-page", f"{per_minute} per minute")


def _count() -> None:
    service(Throttle).count(_limit(service(Settings).webhooks_per_minute), address())
