"""What a library says of itself, as it is shown in one language and edited in each."""

from __future__ import annotations

from typing import Any

from marshmallow import fields
from marshmallow.validate import Length

from ill_broker.api.schemas import Shown, Strict
from ill_broker.web.fields import Code, Day, Email, Flag, Id, OneOf, Pattern, Text, Whole
from workflows.requests.desk_days import DeskDate

#: of one kind
MOST = 60
_WORDS = 2000
_DAY = {"format": "date"}
_HOURS = {"pattern": "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"}


class InBothLanguages(Strict):
    """A text for everybody."""

    zh = Text(required=True, max_length=_WORDS, lines=True)
    en = Text(required=True, max_length=_WORDS, lines=True)


def _listed(inner: Any) -> Any:
    return fields.List(inner, required=True, validate=Length(max=MOST))


def _words(*, allow_none: bool = False) -> Any:
    return fields.Nested(InBothLanguages, required=True, allow_none=allow_none)


def _word() -> Text:
    return Text(required=True, max_length=_WORDS, lines=True)


def _web_address() -> Text:
    return Pattern(r"https?://[^\s<>\"]{1,400}", max_length=410, required=True, allow_none=True)


def _desk_hours() -> Any:
    """Return a field for the hours of a day; the rules of policies and calendars judge them."""
    return fields.List(Text(max_length=11, metadata=_HOURS), required=True, validate=Length(max=MOST))


class HoursOut(Strict):
    """When the desk is open in a usual week; nothing on a day when it is closed."""

    mon = _desk_hours()
    tue = _desk_hours()
    wed = _desk_hours()
    thu = _desk_hours()
    fri = _desk_hours()
    sat = _desk_hours()
    sun = _desk_hours()


class ContactsIn(Strict):
    phone = _listed(Text(max_length=60))
    email = _listed(Email())
    url = _web_address()
    address = _words(allow_none=True)
    floor = _words(allow_none=True)


class HouseNoticesIn(Strict):
    reading_room = _listed(_words())
    not_lent = _listed(_words())
    borrowing = _listed(_words())


class RegistrationIn(Strict):
    hints = _listed(_words())


class ClosureIn(Strict):
    first = Text(required=True, max_length=10, data_key="from", attribute="from", metadata=_DAY)
    last = Text(required=True, max_length=10, data_key="to", attribute="to", metadata=_DAY)
    label = _words(allow_none=True)


class ExtraOpeningIn(Strict):
    """A day with hours of its own; none if it is closed."""

    date = Text(required=True, max_length=10, metadata=_DAY)
    hours = _desk_hours()
    label = _words(allow_none=True)


class StatedOut(Strict):
    """What a library says of itself, as it is edited."""

    contacts = fields.Nested(ContactsIn, required=True)
    notices = fields.Nested(HouseNoticesIn, required=True)
    registration = fields.Nested(RegistrationIn, required=True)
    opening_hours = fields.Nested(HoursOut, required=True)
    closures = _listed(fields.Nested(ClosureIn))
    extra_open = _listed(fields.Nested(ExtraOpeningIn))


class LibraryIn(StatedOut):
    """What a library says of itself from now on, and why that changes."""

    reason = Text(required=True, max_length=_WORDS, lines=True)


class MovedDateOut(Shown):
    request = Id("req", required=True)
    number = Text(required=True)
    title = Text(required=True, min_length=0, max_length=_WORDS)
    what = OneOf(*DeskDate, required=True)
    #: the day as it is
    was = Day(required=True)
    #: the day as it would be; null where none is left
    becomes = Day(required=True, allow_none=True)


class LibraryTrialOut(Shown):
    """What would change of the desk's days, and which dates of its requests would move."""

    #: in the language of whoever asks, a line for each change
    changes = fields.List(Text(max_length=_WORDS), required=True)
    #: how many dates would move
    total = Whole(required=True)
    #: loans that their lender's policy cannot judge; their dates stay
    unjudged = Whole(required=True)
    #: those of the soonest days
    moves = fields.List(fields.Nested(MovedDateOut), required=True)


class ContactsOut(Shown):
    phone = fields.List(Text(max_length=60), required=True)
    email = fields.List(Text(max_length=254), required=True)
    url = _web_address()
    address = Text(required=True, allow_none=True, max_length=_WORDS)
    floor = Text(required=True, allow_none=True, max_length=_WORDS)


class HouseNoticesOut(Shown):
    reading_room = fields.List(_word(), required=True)
    #: first by its policy, then in its own words
    not_lent = fields.List(_word(), required=True)
    borrowing = fields.List(_word(), required=True)


class RegistrationOut(Shown):
    hints = fields.List(_word(), required=True)


class ClosureOut(Shown):
    first = Text(required=True, data_key="from", attribute="from", metadata=_DAY)
    last = Text(required=True, data_key="to", attribute="to", metadata=_DAY)
    label = Text(required=True, allow_none=True, max_length=_WORDS)


class ExtraOpeningOut(Shown):
    """A day with hours of its own; none if it is closed."""

    date = Text(required=True, metadata=_DAY)
    hours = _desk_hours()
    label = Text(required=True, allow_none=True, max_length=_WORDS)


class LibraryOut(Shown):
    """A member library and what it says of itself, in the language of whoever asks."""

    code = Code(required=True)
    name = Text(required=True, max_length=500)
    #: takes part as a lender at present
    lends = Flag(required=True)
    #: where its patrons pick up and hand in
    desk = Text(required=True, min_length=0, max_length=500)
    contacts = fields.Nested(ContactsOut, required=True)
    notices = fields.Nested(HouseNoticesOut, required=True)
    registration = fields.Nested(RegistrationOut, required=True)
    opening_hours = fields.Nested(HoursOut, required=True, allow_none=True)
    #: that are not over
    closures = fields.List(fields.Nested(ClosureOut), required=True)
    #: that are not over
    extra_open = fields.List(fields.Nested(ExtraOpeningOut), required=True)
    #: null to whoever may not change it
    stated = fields.Nested(StatedOut, required=True, allow_none=True)


class LibrariesOut(Shown):
    items = fields.List(fields.Nested(LibraryOut), required=True)
