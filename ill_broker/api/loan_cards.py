"""Loan cards: into stock, out to a patron, back; whoever has one sees what it admits to and what it costs."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, fields, post_load
from sqlalchemy import Connection

from ill_broker.api.idempotency import once, receipt
from ill_broker.api.request_schemas import PatronOut
from ill_broker.api.resource import Resource
from ill_broker.api.schemas import Amount, Shown, Strict
from ill_broker.api.versions import ETAG, IF_MATCH, etag, expect
from ill_broker.services.cards.loan_cards import LoanCards, NewCard
from ill_broker.services.cards.overview import CardOverview, SeenCard
from ill_broker.storage.cards import StockCount
from ill_broker.web.access import actor, needs
from ill_broker.web.context import now, service
from ill_broker.web.fields import Code, Day, Flag, Id, Identifier, Instant, OneOf, Text, Whole
from workflows.actors import Role
from workflows.cards import card as loan_cards
from workflows.cards.card import CardCommand, CardStatus, CardStep, LoanCard, card_actions
from workflows.ids import CardId

blueprint = Resource(
    "loan-cards", description="The consortium's cards that admit their bearers to a member library"
)
_PATH = "/loan-cards"
_DESKS = (Role.STAFF, Role.OFFICE)
_EVERYBODY = (Role.PATRON, *_DESKS)


class CardFineOut(Shown):
    """What the card costs if it came back now, and why."""

    overdue_days = Whole(required=True)
    #: null where the consortium states no rate
    amount = fields.Nested(Amount, required=True, allow_none=True)
    per_day = fields.Nested(Amount, required=True, allow_none=True)
    #: days after this one are counted
    due = Day(required=True)
    #: up to and with this one
    until = Day(required=True)
    rule = Text(required=True)


class CardBookOut(Shown):
    """When a book borrowed on the card now is due: its library's rule decides, not the card's."""

    lender = Code(required=True)
    #: null where that library states no period
    due = Day(required=True, allow_none=True)
    #: the book is due after the card; both dates stand
    outlasts_card = Flag(required=True)
    rule = Text(required=True)


class CardOut(Shown):
    id = Id("card", required=True)
    barcode = Text(required=True)
    library = Code(required=True)
    desk = Code(required=True)
    status = OneOf(*CardStatus, required=True)
    #: what the bearer may do at the library
    rights = fields.List(Text(), required=True)
    issued_at = Instant(required=True, allow_none=True)
    due = Day(required=True, allow_none=True)
    lost_at = Instant(required=True, allow_none=True)
    fine = fields.Nested(CardFineOut, required=True, allow_none=True)
    book = fields.Nested(CardBookOut, required=True, allow_none=True)
    #: what whoever asks may do now
    actions = fields.List(OneOf(*CardStep), required=True)
    #: the desk and the office see who has it
    patron = fields.Nested(PatronOut, allow_none=True)
    version = Whole(required=True, maximum=2**31 - 1)


class CardPageOut(Shown):
    items = fields.List(fields.Nested(CardOut), required=True)
    #: give it as ``after`` for the next page; null on the last one
    next = Id("card", required=True, allow_none=True)


class CardListIn(Strict):
    status = OneOf(*CardStatus)
    after = Id("card")
    limit = Whole(minimum=1, maximum=100, load_default=25)
    #: staff: as the desk that keeps the cards, or as the library that they belong to
    role = OneOf("desk", "owner", load_default="desk")
    barcode = Identifier(max_length=60)
    #: staff and office: the cards that this reader has
    patron = Id("pat")
    #: those that are out and due on this day or before, the longest due first; without pages
    due_by = Day()


class NewCardIn(Strict):
    """A card that comes into the stock of a desk."""

    barcode = Identifier(required=True, max_length=60)
    library = Code(required=True)
    desk = Code(required=True)

    @post_load
    def as_card(self, read: dict[str, Any], **_: Any) -> NewCard:
        """Return the record."""
        return NewCard(**read)


class IssueIn(Strict):
    """A loan card, and the home card that its patron shows."""

    barcode = Identifier(required=True, max_length=60)
    card_number = Identifier(required=True, max_length=60)


class CardStepIn(Strict):
    """The body of a step becomes its command."""

    command: Callable[..., CardCommand]

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> CardCommand:
        """Return the command."""
        return type(self).command(**read)


class CardReturnIn(CardStepIn):
    command = loan_cards.TakeCardBack


class CardLossIn(CardStepIn):
    command = loan_cards.ReportCardLost
    note = Text(max_length=2000, lines=True)


class CardFoundIn(CardStepIn):
    command = loan_cards.RecordCardFound


class CardWithdrawalIn(CardStepIn):
    command = loan_cards.WithdrawCard
    note = Text(max_length=2000, lines=True)


class StockCountOut(Shown):
    desk = Code(required=True)
    library = Code(required=True)
    status = OneOf(*CardStatus, required=True)
    cards = Whole(required=True)


class StockOut(Shown):
    items = fields.List(fields.Nested(StockCountOut), required=True)


_OUT = CardOut()


@blueprint.route(_PATH, methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(NewCardIn)
@blueprint.response(201, CardOut, headers=ETAG)
def add_loan_card(new: NewCard) -> Any:
    """Take a card into the stock of a desk: by that desk, by the card's library or by the office."""
    card = service(LoanCards).stock_in(new, actor(), now=now(), also=_receipt(201))
    return _answer(card, 201)


@blueprint.route(f"{_PATH}/issues", methods=["POST"])
@needs(*_DESKS)
@once()
@blueprint.arguments(IssueIn)
@blueprint.response(201, CardOut, headers=ETAG)
def issue_loan_card(shown: dict[str, Any]) -> Any:
    """Hand a card out to a reader of the desk's library; a refusal names every reason."""
    card = service(LoanCards).issue(
        shown["barcode"], shown["card_number"], actor(), now=now(), also=_receipt(201)
    )
    return _answer(card, 201)


@blueprint.route(_PATH, methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.arguments(CardListIn, location="query")
@blueprint.response(200, CardPageOut)
def list_loan_cards(wanted: dict[str, Any]) -> Any:
    """List cards, newest first: those the patron has, the desk's, the library's, or all for the office."""
    page = service(CardOverview).page(actor(), now=now(), **wanted)
    return {"items": [shown_card(seen) for seen in page.items], "next": page.next}


@blueprint.route(f"{_PATH}/stock", methods=["GET"])
@needs(*_DESKS)
@blueprint.response(200, StockOut)
def count_loan_cards() -> Any:
    """Count the cards that the library keeps or owns, by desk, library and status."""
    items: list[StockCount] = service(CardOverview).stock(actor())
    return {"items": items}


@blueprint.route(f"{_PATH}/<id('card'):card_id>", methods=["GET"])
@needs(*_EVERYBODY)
@blueprint.response(200, CardOut, headers=ETAG)
def show_loan_card(card_id: str) -> Any:
    """Show a card: what it admits to, when it is due, and what it costs so far."""
    seen = service(CardOverview).one(CardId(card_id), actor(), now=now())
    return shown_card(seen), 200, etag(seen.card.version)


#: path, what comes in, who, what it is for the contract
_STEPS: tuple[tuple[str, type[Schema], tuple[Role, ...], str], ...] = (
    ("return", CardReturnIn, _DESKS, "Take the card back; the fine stands"),
    ("loss", CardLossIn, _EVERYBODY, "The card cannot be found; the count of days stands still"),
    ("found", CardFoundIn, _DESKS, "A lost card is back at the desk; its holder had it until now"),
    ("withdrawal", CardWithdrawalIn, _DESKS, "The card will not be lent any more"),
)


def _register(path: str, schema: type[Schema], roles: tuple[Role, ...], summary: str) -> None:
    @blueprint.route(f"{_PATH}/<id('card'):card_id>/{path}", methods=["POST"], endpoint=f"loan_card_{path}")
    @needs(*roles)
    @once()
    @blueprint.doc(summary=summary, parameters=[IF_MATCH])
    @blueprint.arguments(schema)
    @blueprint.response(200, CardOut, headers=ETAG)
    def step(command: CardCommand, card_id: str) -> Any:
        card = service(LoanCards).handle(
            CardId(card_id), command, actor(), now=now(), also=_receipt(200), expected=expect
        )
        return _answer(card, 200)


for each in _STEPS:
    _register(*each)


def shown_card(seen: SeenCard) -> dict[str, Any]:
    """Return the card as whoever asks may see it."""
    card, loan = seen.card, seen.card.loan
    shown: dict[str, Any] = {
        name: getattr(card, name)
        for name in ("id", "barcode", "library", "desk", "status", "lost_at", "version")
    }
    shown |= {
        "rights": seen.rights,
        "issued_at": loan and loan.issued,
        "due": loan and loan.due,
        "fine": seen.fine,
        "book": loan and _book(seen, loan),
        "actions": card_actions(actor(), card),
    }
    if seen.patron is not None:
        shown["patron"] = seen.patron
    return shown


def _book(seen: SeenCard, loan: loan_cards.CardLoan) -> Mapping[str, Any]:
    due = seen.book_due
    return {
        "lender": seen.card.library,
        "due": due,
        "outlasts_card": due is not None and due > loan.due,
        "rule": "R-BULC-8",
    }


def _receipt(status: int) -> Callable[[Connection, LoanCard], None]:
    keep = receipt(_OUT, status, headers=lambda shown: etag(shown["version"]))
    return lambda conn, card: keep(conn, _shown(card, conn))


def _shown(card: LoanCard, conn: Connection | None = None) -> dict[str, Any]:
    return shown_card(service(CardOverview).shown(card, actor(), now=now(), conn=conn))


def _answer(card: LoanCard, status: int) -> Any:
    return _shown(card), status, etag(card.version)
