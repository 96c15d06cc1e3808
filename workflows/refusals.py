"""Why a step on a request is refused."""

from workflows.errors import WorkflowError


class WrongState(WorkflowError):
    """The request is not in a state that allows this."""

    code = "wrong_state"
    title = "The request cannot do this now"


class TooEarly(WrongState):
    """A lender speaks of something that has not happened yet as far as we know; it waits."""

    code = "too_early"
    title = "What comes before this has not been heard of yet"


class NotAllowed(WorkflowError):
    """Somebody else may do this."""

    code = "not_allowed"
    title = "You may not take this step"


class NotEligible(WorkflowError):
    """The rules refuse the request; ``facts["reasons"]`` has every reason."""

    code = "not_eligible"
    title = "The rules do not allow this request"


class RenewalRefused(WorkflowError):
    """The lender's policy refuses the renewal; ``facts["reasons"]`` has every reason."""

    code = "renewal_refused"
    title = "The loan cannot be renewed"


class SameDayReturn(WorkflowError):
    """The lender does not take a book back on the day it was handed over (R-BHU-14)."""

    code = "refused_same_day"
    title = "The lender does not accept a return on the day of the loan"


class RecalledBook(WorkflowError):
    """The lender wants the book back before it was handed over."""

    code = "recalled"
    title = "The lender has recalled the book: send it back"


class WrongItem(WorkflowError):
    """The barcode is not the one that the lender sent for this request."""

    code = "wrong_item"
    title = "This is another book than the lender sent"


class NothingToUndo(WorkflowError):
    """The last step was not the desk's, or something has come after it."""

    code = "nothing_to_undo"
    title = "There is nothing that can be undone"


class NoSuchTransfer(WorkflowError):
    """A transfer begins twice, or ends without having begun."""

    code = "no_such_transfer"
    title = "The book is not where this transfer starts or ends"


class ReasonMissing(WorkflowError):
    """Staff go beyond a rule only with a reason (R-BHU-14, R-SZUTL-36)."""

    code = "reason_missing"
    title = "Say why"


class NoSuchPiece(WorkflowError):
    """No piece of this number is out."""

    code = "no_such_piece"
    title = "No such piece of the book is out"


class NoSuchCase(WorkflowError):
    """No case of this number is open."""

    code = "no_such_case"
    title = "There is no such open case"


class UnknownPickupSite(WorkflowError):
    """The desk has no pick-up site of this name."""

    code = "unknown_pickup_site"
    title = "The desk has no such pick-up site"
    #: what of the input it is about
    pointer = "/site"


class LossNotReported(WorkflowError):
    """A loss that nobody reported cannot be settled."""

    code = "loss_not_reported"
    title = "No loss has been reported"
