"""What the office's templates are told of moments and of people: words, never records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from ill_broker.pages.forms import Form
from ill_broker.pages.frame import zone
from ill_broker.pages.libraries import choices
from ill_broker.services.people.admittance import Admittance
from ill_broker.storage.libraries import Secret
from ill_broker.storage.sessions import ApiKey
from ill_broker.texts.catalogue import say
from ill_broker.texts.days_and_amounts import said_moment
from ill_broker.web.context import service
from ill_broker.web.fields import Text
from ill_broker.web.language import page_language
from workflows.ids import LibraryCode

#: what stands for the office among libraries' codes, and is none
_OFFICE = "*"


def moment(at: datetime | None) -> str:
    """Return when something was or will be, by the visitor's clock; nothing if it never was."""
    return said_moment(at.astimezone(zone()), page_language()) if at else ""


def begin_of(day: date) -> datetime:
    """Return the instant at which a day begins by the visitor's clock."""
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def names(of: Iterable[str]) -> dict[str, str]:
    """Return what those who did something are called: staff by their names, whatever else by its id."""
    known = {str(one.id): one.name for one in service(Admittance).staff()}
    return {each: known.get(each, each) for each in of}


class WhyRevoked(Form):
    reason = Text(required=True, max_length=2000, lines=True)


def shown_revocations(of: Iterable[Secret | ApiKey]) -> dict[str, dict[str, str]]:
    """Return of what was revoked when that was, by whom and why."""
    revoked = {one.id: one.revoked for one in of if one.revoked is not None}
    called = names(how.by for how in revoked.values() if how.by)
    return {
        name: {"at": moment(how.at), "by": called.get(how.by or "", ""), "because": how.because or ""}
        for name, how in revoked.items()
    }


def workplaces() -> list[tuple[str, str]]:
    """Return where somebody or something may belong: the member libraries, and the office last."""
    return [*choices(), (_OFFICE, say("office_page.heading", page_language()))]


def at_work(chosen: str) -> LibraryCode | None:
    """Return the library that was chosen among :func:`workplaces`, None for the office."""
    return None if chosen == _OFFICE else LibraryCode(chosen)
