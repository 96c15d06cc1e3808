"""What is said with each step of a request, by a program or in a form of a page."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import RAISE, Schema, fields, post_load
from marshmallow.validate import Length

from ill_broker.texts.flaws import Flaw
from ill_broker.web.access import actor
from ill_broker.web.fields import Flag, Identifier, OneOf, Text, Whole, refuse
from workflows.losses.cases import REPORTED_BY, CaseKind
from workflows.policies.conditions import TYPES
from workflows.reasons import Attention
from workflows.requests import commands
from workflows.requests.commands import CallResult, Command
from workflows.requests.lifecycle import Step
from workflows.requests.pieces import MOST_PIECES, PIECE_KINDS

_NOTE = 2000
#: how a book comes back
BACK_BY = ("desk", "book_drop", commands.SELF_MACHINE)


def a_note(*, required: bool = False) -> Text:
    """Return a field for what people write in several lines."""
    return Text(max_length=_NOTE, lines=True, required=required)


def _pieces() -> fields.List[str]:
    return fields.List(OneOf(*PIECE_KINDS), validate=Length(max=MOST_PIECES))


def _numbers() -> fields.List[int]:
    return fields.List(Whole(minimum=1, maximum=MOST_PIECES), validate=Length(max=MOST_PIECES))


class StepIn(Schema):
    """What is said becomes the command of its step; a form has more in it, and says so."""

    class Meta:
        unknown = RAISE

    command: Callable[..., Command]

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return type(self).command(**read)


class CancellationIn(StepIn):
    command = commands.Cancel
    reason = a_note()


class ConditionsIn(StepIn):
    command = commands.AnswerConditions
    accept = Flag(required=True)


class RenewalIn(StepIn):
    command = commands.Renew
    channel = OneOf("telephone", "internet", "self_help_machine", "information_desk", load_default="internet")
    on_hold = Flag(load_default=False)


class ArrivalIn(StepIn):
    command = commands.Arrive
    barcode = Identifier(max_length=60)
    condition = a_note()
    pieces = _pieces()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.Arrive(**read | {"pieces": tuple(read.get("pieces", ()))})


class CallIn(StepIn):
    command = commands.RecordCall
    result = OneOf(*CallResult, required=True)
    note = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.RecordCall(result=CallResult(read["result"]), note=read.get("note"))


class HandoverIn(StepIn):
    command = commands.HandOver
    condition = a_note()
    agent = Text(max_length=200)
    #: the number on the card that was shown
    card = Text(max_length=40)
    #: what is handed over with the book; if not said, what came with it
    pieces = _pieces()
    #: damage was found and stamped (R-JN-15)
    damage_stamp = Flag(load_default=False)

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        pieces = {"pieces": tuple(read["pieces"])} if "pieces" in read else {}
        return commands.HandOver(**read | pieces)


class ReturnIn(StepIn):
    """What a machine took is no return until a desk confirms it (R-SZUTL-15)."""

    condition = a_note()
    #: take back what the lender's rules refuse today, with the reason (R-BHU-14)
    staff_override = Flag(load_default=False)
    reason = a_note()
    #: the numbers of the pieces that did not come with the book
    missing = _numbers()
    #: the number on the card that was shown
    card = Text(max_length=40)
    channel = OneOf(*BACK_BY, load_default=BACK_BY[0])

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command; the place is the desk of whoever takes the book back."""
        missing = tuple(read.pop("missing", ()))
        return commands.TakeBack(**read, missing=missing, place=actor().library)


class ShipmentIn(StepIn):
    command = commands.ShipBack
    tracking = Text(max_length=100)


class LossIn(StepIn):
    command = commands.ReportLoss
    note = a_note()
    channel = OneOf(*REPORTED_BY)


class PiecesIn(StepIn):
    """The numbers of the pieces that came without the book, and of those that cannot be found."""

    returned = _numbers()
    lost = _numbers()
    note = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        named = {name: tuple(read.get(name, ())) for name in ("returned", "lost")}
        if not any(named.values()):
            raise refuse(Flaw.NO_PIECE, at="returned")
        return commands.CheckPieces(**named, note=read.get("note"))


class PickupIn(StepIn):
    command = commands.ChoosePickup
    site = Text(max_length=60, required=True)


class ItemTypeIn(StepIn):
    command = commands.CorrectItem
    item_type = OneOf(*TYPES, required=True)
    restricted_label = Flag(load_default=False)
    reason = a_note(required=True)


class CaseIn(StepIn):
    kind = OneOf(*CaseKind, required=True, data_key="case")
    piece = Whole(minimum=1, maximum=MOST_PIECES)
    channel = OneOf(*REPORTED_BY)
    note = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.OpenCase(**read | {"kind": CaseKind(read["kind"])})


class FoundIn(StepIn):
    command = commands.RecordFound
    note = a_note()


class ParcelLossIn(StepIn):
    command = commands.ReportParcelLost
    note = a_note()


class TransferIn(StepIn):
    command = commands.Transfer
    starts = Flag(required=True)


class SeenToIn(StepIn):
    command = commands.SeeTo
    what = fields.List(OneOf(*Attention), required=True, validate=Length(min=1, max=len(Attention)))
    note = a_note()

    @post_load
    def as_command(self, read: dict[str, Any], **_: Any) -> Command:
        """Return the command."""
        return commands.SeeTo(what=tuple(map(Attention, read["what"])), note=read.get("note"))


class UndoIn(StepIn):
    command = commands.Undo


#: what is said with each step for which a desk's form and a program say the same; what it is for the contract
STEPS: Mapping[Step, tuple[type[StepIn], str]] = MappingProxyType(
    {
        Step.CANCEL: (CancellationIn, "Give the request up"),
        Step.ANSWER_CONDITIONS: (ConditionsIn, "Accept or reject what the lender asks for"),
        Step.RENEW: (RenewalIn, "Keep the book longer, as the lender's rules allow"),
        Step.ARRIVE: (ArrivalIn, "The book is at the desk"),
        Step.CALL: (CallIn, "Record the call to the patron; a successful one starts the hold shelf period"),
        Step.HAND_OVER: (HandoverIn, "Give the book to the patron; the clock starts"),
        Step.TAKE_BACK: (ReturnIn, "Take the book back from the patron; the clock stops"),
        Step.SHIP_BACK: (ShipmentIn, "Send the book back to the lender"),
        Step.REPORT_LOSS: (LossIn, "The patron cannot find the book"),
        Step.REPORT_PARCEL_LOST: (ParcelLossIn, "A parcel will not come any more"),
        Step.TRANSFER: (TransferIn, "The book leaves the patron for a while, or is back"),
        Step.CHECK_PIECES: (PiecesIn, "Pieces of the book came without it, or are lost"),
        Step.CHOOSE_PICKUP: (PickupIn, "Choose where to fetch the book"),
        Step.CORRECT_ITEM: (ItemTypeIn, "Correct what kind of thing the lender's copy is"),
        Step.OPEN_CASE: (CaseIn, "Report a loss, a damage or a theft, to be settled later"),
        Step.FIND: (FoundIn, "A book that was paid for as lost has turned up"),
        Step.UNDO: (UndoIn, "Take the desk's last step back"),
        Step.SEE_TO: (SeenToIn, "What called for somebody was looked at"),
    }
)
