"""A patron's privileges on the wire."""

from typing import Any

from marshmallow import fields

from ill_broker.api.request_schemas import CitationIn
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.services.privileges.borrowing import SeenCategory, SeenEntry
from ill_broker.services.privileges.no_dues import DUES, OpenMatters
from ill_broker.storage.privileges import RecordedPrivilege
from ill_broker.web.fields import Code, Day, Flag, Id, Identifier, Instant, OneOf, Text, Whole
from workflows.actors import Role

_REASON = 2000


def _reason() -> Text:
    return Text(max_length=_REASON, lines=True, required=True)


class CardQuery(Strict):
    home = Code(required=True)
    card_number = Identifier(required=True, max_length=40)


class FoundOut(Shown):
    id = Id("pat", required=True)
    home = Code(required=True)
    #: a lender is not told it
    name = Text(required=True, allow_none=True)


class WhoOut(Shown):
    role = OneOf(*Role, required=True)
    library = Code(required=True, allow_none=True)
    #: how staff are called; null for patrons and what happens by itself
    name = Text(required=True, allow_none=True)


class EndingOut(Shown):
    at = Instant(required=True)
    by = fields.Nested(WhoOut, required=True)
    reason = Text(required=True, max_length=_REASON)


class SuspensionIn(Strict):
    library = Code(required=True)
    #: one of those in the library's policy
    case = Text(required=True, max_length=40)
    #: where the policy leaves them to staff, within its range
    months = Whole(minimum=0, maximum=1200)
    reason = _reason()


class EndIn(Strict):
    reason = _reason()


class SuspensionOut(Shown):
    id = Id("sus", required=True)
    library = Code(required=True)
    case = Text(required=True)
    reason = Text(required=True, max_length=_REASON)
    since = Day(required=True)
    #: the first free day; null until it is lifted or the loss is settled
    until = Day(required=True, allow_none=True)
    card_cancelled = Flag(required=True)
    #: the request whose loss it comes of
    request = Id("req", required=True, allow_none=True)
    at = Instant(required=True)
    by = fields.Nested(WhoOut, required=True)
    #: whether it stops a loan today
    holds = Flag(required=True)
    lifted = fields.Nested(EndingOut, required=True, allow_none=True)


class SuspensionsOut(Shown):
    items = fields.List(fields.Nested(SuspensionOut), required=True)


class PermissionIn(Strict):
    library = Code(required=True)
    #: the work that it is for
    citation = fields.Nested(CitationIn, required=True)
    #: who has agreed
    authority = Text(required=True, max_length=200)
    reason = _reason()


class PermissionOut(Shown):
    id = Id("prm", required=True)
    library = Code(required=True)
    title = Text(required=True, max_length=500)
    authority = Text(required=True)
    reason = Text(required=True, max_length=_REASON)
    at = Instant(required=True)
    by = fields.Nested(WhoOut, required=True)
    holds = Flag(required=True)
    withdrawn = fields.Nested(EndingOut, required=True, allow_none=True)


class PermissionsOut(Shown):
    items = fields.List(fields.Nested(PermissionOut), required=True)


class CategoryIn(Strict):
    library = Code(required=True)
    category = Text(required=True, max_length=40)
    reason = _reason()


class RecordedOut(Shown):
    at = Instant(required=True)
    by = fields.Nested(WhoOut, required=True)
    reason = Text(required=True, max_length=_REASON)


class CategoryOut(Shown):
    library = Code(required=True)
    category = Text(required=True)
    label = Text(required=True)
    #: items at once, in total or by collection; what is not named has no limit
    limits = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    #: null where it is what the policy says of readers from elsewhere
    recorded = fields.Nested(RecordedOut, required=True, allow_none=True)


class CategoriesOut(Shown):
    items = fields.List(fields.Nested(CategoryOut), required=True)


class CategoryRecordedOut(RecordedOut):
    library = Code(required=True)
    category = Text(required=True)


class CardIn(Strict):
    #: the card has loan functions
    lends = Flag(required=True)
    reason = _reason()


class CardNotedOut(RecordedOut):
    library = Code(required=True)
    lends = Flag(required=True)


class AgentIn(Strict):
    #: who may fetch the book; null for nobody
    agent = Text(required=True, allow_none=True, max_length=200)


class AgentOut(Shown):
    request = Id("req", required=True)
    agent = Text(required=True, allow_none=True)
    at = Instant(required=True)
    by = fields.Nested(WhoOut, required=True)


class NoDuesIn(Strict):
    #: if not said, all that is open with any library
    library = Code()


class DueOut(Shown):
    kind = OneOf(*DUES, required=True)
    #: null as long as none is asked
    library = Code(required=True, allow_none=True)
    request = Id("req", required=True, allow_none=True)
    number = Text(required=True, allow_none=True)
    title = Text(required=True, allow_none=True, max_length=2000)
    card = Id("card", required=True, allow_none=True)
    typed_request = Id("typ", required=True, allow_none=True)
    #: what is owed; of a loan its fine so far
    amount = fields.Nested(Amount, required=True, allow_none=True)


class NoDuesOut(Shown):
    #: null for any library
    library = Code(required=True, allow_none=True)
    as_of = Instant(required=True)
    #: the name of whoever of a desk or of the office says so
    by = Text(required=True, allow_none=True)
    #: the library has nothing open with the patron
    clear = Flag(required=True)
    open = fields.List(fields.Nested(DueOut), required=True)


def shown(seen: SeenEntry) -> dict[str, Any]:
    """Return an entry with who made it and what has ended it, under the name that its kind has for that."""
    ended = None if seen.ended is None else _entered(seen.ended)
    plain = {name: getattr(seen.made.event, name) for name in _FACTS if hasattr(seen.made.event, name)}
    return plain | _entered(seen.made) | {"holds": seen.holds, "lifted": ended, "withdrawn": ended}


def shown_category(seen: SeenCategory) -> dict[str, Any]:
    """Return a category with the entry that it rests on."""
    return {
        "library": seen.library,
        "category": seen.category,
        "label": seen.label,
        "limits": seen.limits,
        "recorded": None if seen.entry is None else _entered(seen.entry.made),
    }


def shown_dues(answer: OpenMatters) -> dict[str, Any]:
    """Return the answer with what is open."""
    names = ("library", "as_of", "by", "clear", "open")
    return {name: getattr(answer, name) for name in names}


_FACTS = (
    "id", "library", "case", "since", "until", "card_cancelled", "request", "title", "authority", "category",
    "lends", "agent",
)  # fmt: skip


def _entered(made: RecordedPrivilege) -> dict[str, Any]:
    by = {"role": made.actor.role, "library": made.actor.library, "name": made.name}
    return {"at": made.event.at, "by": by, "reason": made.event.reason}
