"""The page behind the link of a letter to a library: what is asked, and buttons to answer it."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from ill_broker.pages.partner_texts import REASONS, TEXTS
from ill_broker.services.partners.mail_answers import Answer, Asked, Correspondence, Said
from ill_broker.services.refusals import BadToken
from ill_broker.settings import Settings
from ill_broker.web.context import now, service
from ill_broker.web.throttle import Limit, Throttle, address
from workflows.languages import TAGS

blueprint = Blueprint("partner", __name__, template_folder="templates")

_LONGEST = 60
_GONE = 404


@blueprint.get("/partner/<token>")
def look(token: str) -> Response:
    """Show what the library was asked; opening the link, as mail scanners do, answers nothing."""
    _count()
    try:
        asked = service(Correspondence).asked(token, now=now())
    except BadToken:
        return _page("partner_gone.html", status=_GONE)
    return _page("partner.html", **_shown(asked))


@blueprint.post("/partner/<token>")
def answer(token: str) -> Any:
    """Take the answer of the button that was pressed; the link itself proves whose it is."""
    _count()
    said = _said()
    if said is None:
        return _page("partner_gone.html", status=400)
    try:
        service(Correspondence).answer(token, said, now=now())
    except BadToken:
        return _page("partner_gone.html", status=_GONE)
    return redirect(url_for("partner.look", token=token, lang=_language()), 303)


def _said() -> Said | None:
    """Return what the form says; None if no button of ours can have sent it."""
    form = request.form
    reason = form.get("reason")
    if form.get("answer") not in set(Answer) or (reason is not None and reason not in REASONS["zh"]):
        return None
    return Said(
        answer=Answer(form["answer"]),
        item_barcode=_entered("item_barcode"),
        tracking=_entered("tracking"),
        reason=reason,
    )


def _entered(name: str) -> str | None:
    text = "".join(letter for letter in request.form.get(name, "") if letter.isprintable()).strip()
    return text[:_LONGEST] or None


def _shown(asked: Asked) -> dict[str, Any]:
    """Return plain values for the page."""
    wanted, lender = asked.request, asked.lender
    held = wanted.copy_at(lender)
    cited = wanted.citation
    entry = wanted.entry(lender)
    desk = asked.desk
    sent_to = (desk.name_zh, desk.desk_zh) if _language() == "zh" else (desk.name, desk.desk)
    facts = {
        "title": cited.title,
        "author": cited.author,
        "edition": cited.edition,
        "volume": cited.volume,
        "publisher": cited.publisher,
        "year": cited.year,
        "isbn": cited.isbn,
        "call_number": held and held.call_number,
        "barcode": held and held.barcode,
        "send_to": ", ".join(dict.fromkeys(part for part in sent_to if part)),
    }
    return {
        "number": wanted.number,
        "facts": {name: value for name, value in facts.items() if value},
        "answers": [answer.value for answer in asked.answers],
        "standing": _standing(asked),
        "is_cancelling": wanted.cancellation_requested is not None and bool(asked.answers),
        "barcode": (held and held.barcode) or (entry and entry.claim.item_barcode) or "",
    }


def _standing(asked: Asked) -> str:
    """Return where the library's part stands, as the texts name it."""
    if asked.request.lender != asked.lender:
        return "elsewhere"
    return asked.request.status.value


def _language() -> str:
    wanted = request.args.get("lang") or request.accept_languages.best_match(["zh", "zh-CN", "en"]) or "zh"
    return "en" if wanted.startswith("en") else "zh"


def _page(template: str, *, status: int = 200, **values: Any) -> Response:
    language = _language()
    said = {"text": TEXTS[language], "reasons": REASONS[language], "lang": language, "tag": TAGS[language]}
    page = render_template(template, **said, **values)
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@cache
def _limit(per_minute: int) -> Limit:
    return Limit.of("partner-page", f"{per_minute} per minute")


def _count() -> None:
    service(Throttle).count(_limit(service(Settings).webhooks_per_minute), address())
