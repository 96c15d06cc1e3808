"""Our words in NCIP's, and a system's answer in ours."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

from connectors import forms
from connectors.failures import Garbled, Refused
from connectors.ncip import messages
from connectors.ncip.messages import Credential, Identifier, Response, Term, Work
from connectors.ports import LocalPatron
from workflows.policies.forms import record, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.ncip.messages import Message, Span, UserFacts
    from connectors.ports import ArrivedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The words of one vendor's lists, with their schemes where it minds."""

    item_kind: Term | None
    user_kind: Term | None
    hold: Term
    request_type: Term
    item_scope: Term
    record_scope: Term
    #: What a card number and a PIN are called where a patron is to be believed.
    card: Term
    pin: Term
    text_form: Term
    #: Wants the PIN beside the UserId, which the schema does not allow, instead of two credentials.
    pin_beside_user: bool
    #: What a look-up asks for.
    wanted: tuple[Term, ...]


STANDARD = Dialect(
    item_kind=Term("Item Barcode"),
    user_kind=None,
    hold=Term("Hold For Pickup"),
    request_type=Term("Loan"),
    item_scope=Term("Item"),
    record_scope=Term("Bibliographic Item"),
    card=Term("Barcode Id"),
    pin=Term("PIN"),
    text_form=Term("text/plain"),
    pin_beside_user=False,
    wanted=(
        Term("Name Information"),
        Term("User Address Information"),
        Term("User Privilege"),
        Term("Block Or Trap"),
    ),
)
_SCHEMES = "http://www.niso.org/ncip/v1_0/imp1/schemes"

#: By the name that a profile gives.
DIALECTS: Mapping[str, Dialect] = {
    "standard": STANDARD,
    "folio": replace(STANDARD, item_kind=None, request_type=Term("Page"), pin_beside_user=True),
    "xcncip2": replace(
        STANDARD,
        item_kind=Term("Item Barcode", f"{_SCHEMES}/visibleitemidentifiertype/visibleitemidentifiertype.scm"),
        request_type=Term("Hold", f"{_SCHEMES}/requesttype/requesttype.scm"),
        card=Term("User Id"),
        pin=Term("Password"),
    ),
}


@record
class NcipProfile:
    """Where a library's responder is, and what it is to be told.

    :raises ValueError: if nobody knows such a vendor's system, or such a zone
    """

    _: KW_ONLY
    url: str = told(forms.url, required=True)
    #: Who we are to it, and who it is to itself.
    our_agency: str = told(forms.text(), required=True)
    their_agency: str = told(forms.text(), required=True)
    application_profile: str | None = told(forms.text(), default=None)
    #: One of `DIALECTS`.
    vendor: str = told(forms.one_of(*DIALECTS), default="standard")
    #: Where the system's days begin and end.
    zone: str = told(forms.zone, default="Asia/Shanghai")
    #: Whether PINs are passed on to it.
    checks_pins: bool = told(forms.flag, default=True)
    dialect: Dialect = field(init=False)

    def __post_init__(self) -> None:
        if self.vendor not in DIALECTS:
            raise ValueError(f"no such vendor: {self.vendor}")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no such zone: {self.zone}") from error
        object.__setattr__(self, "dialect", DIALECTS[self.vendor])


#: Problem types by which a system says that it did this before: a message sent twice.
_DONE_BEFORE: Mapping[type[Message], frozenset[str]]
_DONE_BEFORE = {
    messages.AcceptItem: frozenset({"duplicate item", "duplicate request"}),
    messages.CheckInItem: frozenset({"item not checked out", "not on loan"}),
    messages.DeleteItem: frozenset({"unknown item"}),
    messages.CancelRequestItem: frozenset({"unknown request"}),
}
_TEMPORARY = frozenset({"temporary processing failure", "temporarily unavailable", "system unavailable"})
_UNKNOWN_USER = "unknown user"
_BLOCKED_USER = "user blocked"
_WRONG_PIN = frozenset({"user authentication failed", "invalid password", "invalid pin"})
#: States of a patron that stand against a loan.
_BARRED = frozenset({"blocked", "barred", "inactive", "expired", "suspended"})
#: Not classes of patrons, but what else a system files under privileges.
_CLASS = "profile"
_NO_CLASSES = frozenset({"status", "library"})
_MAIL = frozenset({"mailto", "email", "e-mail", "electronic mail address"})
_TELEPHONE = frozenset({"tel", "phone", "telephone", "mobile", "sms"})


class _Header(TypedDict):
    from_agency: Term
    to_agency: Term
    application_profile: Term | None


# ---------------------------------------------------------------- what we ask


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts our words into messages to one library."""

    profile: NcipProfile

    def look_up(self, card_number: str, *, pin: str | None = None) -> Message:
        ways = self.profile.dialect
        if pin is None:
            return messages.LookupUser(**self._header(), user=self._user(card_number), wanted=ways.wanted)
        secret = Credential(pin, ways.pin, ways.text_form)
        if ways.pin_beside_user:
            return messages.LookupUser(
                **self._header(), user=self._user(card_number), credentials=(secret,), wanted=ways.wanted
            )
        shown = (Credential(card_number, ways.card, ways.text_form), secret)
        return messages.LookupUser(**self._header(), credentials=shown, wanted=ways.wanted)

    def accept(self, item: ArrivedItem) -> Message:
        return messages.AcceptItem(
            **self._header(),
            request=self._request(item.request_id),
            action=self.profile.dialect.hold,
            user=self._user(item.card_number),
            item=self._item(item.barcode),
            work=Work(item.title, item.author, item.isbn),
            pickup_location=item.pickup_location,
        )

    def check_out(self, *, card_number: str, barcode: str, due: date) -> Message:
        return messages.CheckOutItem(
            **self._header(),
            user=self._user(card_number),
            item=self._item(barcode),
            due=self._end_of(due),
        )

    def check_in(self, barcode: str) -> Message:
        return messages.CheckInItem(**self._header(), item=self._item(barcode))

    def renew(self, *, card_number: str, barcode: str, until: date | None) -> Message:
        return messages.RenewItem(
            **self._header(),
            user=self._user(card_number),
            item=self._item(barcode),
            due=None if until is None else self._end_of(until),
        )

    def delete(self, barcode: str) -> Message:
        return messages.DeleteItem(**self._header(), item=self._item(barcode))

    def request_copy(
        self, request_id: str, *, card_number: str, barcode: str, pickup_location: str | None = None
    ) -> Message:
        ways = self.profile.dialect
        return messages.RequestItem(
            **self._header(),
            user=self._user(card_number),
            request=self._request(request_id),
            item=self._item(barcode),
            request_type=ways.request_type,
            scope=ways.item_scope,
            pickup_location=pickup_location,
        )

    def request_any_copy(
        self, request_id: str, *, card_number: str, record_id: str, pickup_location: str | None = None
    ) -> Message:
        ways = self.profile.dialect
        return messages.RequestItem(
            **self._header(),
            user=self._user(card_number),
            request=self._request(request_id),
            record=Identifier(record_id, self.profile.their_agency),
            request_type=ways.request_type,
            scope=ways.record_scope,
            pickup_location=pickup_location,
        )

    def cancel(self, request_id: str, *, card_number: str) -> Message:
        return messages.CancelRequestItem(
            **self._header(),
            user=self._user(card_number),
            request=self._request(request_id),
            request_type=self.profile.dialect.request_type,
        )

    def _header(self) -> _Header:
        own = self.profile.application_profile
        return {
            "from_agency": Term(self.profile.our_agency),
            "to_agency": Term(self.profile.their_agency),
            "application_profile": None if own is None else Term(own),
        }

    def _user(self, card_number: str) -> Identifier:
        return Identifier(card_number, self.profile.their_agency, self.profile.dialect.user_kind)

    def _item(self, barcode: str) -> Identifier:
        return Identifier(barcode, self.profile.their_agency, self.profile.dialect.item_kind)

    def _request(self, request_id: str) -> Identifier:
        return Identifier(request_id, self.profile.our_agency)

    def _end_of(self, day: date) -> datetime:
        """Return the last second of *day* at the library, with its offset."""
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(self.profile.zone))


# ---------------------------------------------------------------- what is answered


def done(response: Response, message: Message, *, library: str) -> Response:
    """Return *response* if it says that *message* was obeyed, now or before.

    :raises Refused: if it names a problem; *again* if that passes by itself
    :raises Garbled: if it answers another question
    """
    kinds = {_folded(problem.kind) for problem in response.problems}
    if kinds:
        if kinds <= _DONE_BEFORE.get(type(message), frozenset()):
            return response
        raise Refused(library, "; ".join(map(str, response.problems)), again=kinds <= _TEMPORARY)
    if response.service != f"{type(message).__name__}Response":
        raise Garbled(library, f"answered with {response.service}")
    return response


def pin_is_wrong(response: Response) -> bool:
    """Say whether the system may know the patron and only does not believe them.

    Some say that they know nobody with such credentials.
    """
    kinds = {_folded(problem.kind) for problem in response.problems}
    return bool(kinds) and kinds <= {*_WRONG_PIN, _UNKNOWN_USER}


def local_patron(
    response: Response, message: Message, card_number: str, *, library: str, zone: str, now: datetime
) -> LocalPatron | None:
    """Return whom *response* speaks of as of *now*, None if the library knows no such patron.

    A patron whom the library would not let borrow is known, with what stands against them.

    :raises Refused: for any other problem
    :raises Garbled: if it answers another question, or says nothing of a patron
    """
    kinds = {_folded(problem.kind) for problem in response.problems}
    if _UNKNOWN_USER in kinds:
        return None
    blocked = tuple(problem.detail or problem.kind for problem in response.problems)
    if kinds != {_BLOCKED_USER}:
        done(response, message, library=library)
        blocked = ()
        if response.user is None and not response.facts.name:
            raise Garbled(library, "says nothing of a patron")
    facts = response.facts
    return LocalPatron(
        card_number=card_number,
        name=facts.name,
        email=_reached(facts, _MAIL),
        phone=_reached(facts, _TELEPHONE),
        category=_category(facts),
        valid_until=_valid_until(facts, zone),
        blocks=tuple(dict.fromkeys((*blocked, *_blocks(facts, now)))),
    )


def _blocks(facts: UserFacts, now: datetime) -> Iterable[str]:
    yield from (block.kind or "blocked" for block in facts.blocks if _holds(block.span, now))
    for privilege in facts.privileges:
        if _folded(privilege.status) in _BARRED:
            yield privilege.status


def _holds(span: Span, now: datetime) -> bool:
    return (span.since is None or span.since <= now) and (span.until is None or now < span.until)


def _category(facts: UserFacts) -> str | None:
    """Return the class of the patron; one system files it as a privilege of the kind PROFILE."""
    for privilege in facts.privileges:
        if _folded(privilege.kind) == _CLASS and privilege.status:
            return privilege.status
    kinds = (privilege.kind for privilege in facts.privileges)
    return next((kind for kind in kinds if kind and _folded(kind) not in {_CLASS, *_NO_CLASSES}), None)


def _valid_until(facts: UserFacts, zone: str) -> date | None:
    ends = [day_at(end, zone) for privilege in facts.privileges if (end := privilege.span.until)]
    return max(ends, default=None)


def day_at(end: datetime, zone: str) -> date:
    """Return the day that *end* lies on at the library; a midnight is how systems write a mere day."""
    if end.time() == time.min:
        return end.date()
    try:
        return end.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return end.date()


def _reached(facts: UserFacts, ways: frozenset[str]) -> str | None:
    return next((found.data for found in facts.addresses if _folded(found.kind) in ways), None)


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())
