"""The closed lists of why: why something is refused, a lender passed over, or a request to be looked at.

A member's value is its code on the wire; its ``message`` names the sentence that says it to people, which
stands in the service's catalogues in every language.
"""

from enum import StrEnum
from typing import Literal, NewType


class Refusal(StrEnum):
    """Why a request, a renewal, a hand-over or a loan card is refused."""

    # of a request
    BORROWER_LIMIT = "borrower_limit"
    CARD_WITHOUT_LOAN_FUNCTION = "card_without_loan_function"
    CATEGORY_NOT_ENTITLED = "category_not_entitled"
    DAILY_LIMIT = "daily_limit"
    DOES_NOT_LEND_NOW = "does_not_lend_now"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    LANGUAGE_NOT_LENT = "language_not_lent"
    LENDER_LIMIT = "lender_limit"
    NO_HOLDING = "no_holding"
    NOT_AVAILABLE = "not_available"
    NOT_HELD = "not_held"
    NOT_LENDABLE = "not_lendable"
    NO_POLICY = "no_policy"
    OVERDUE_BLOCK = "overdue_block"
    OWN_LIBRARY = "own_library"
    PERMISSION_REQUIRED = "permission_required"
    PROCESSING_STOPPED = "processing_stopped"
    QUOTA_EXHAUSTED = "quota_exhausted"
    READING_ROOM_ONLY = "reading_room_only"
    SUSPENDED = "suspended"
    TITLE_WITHHELD = "title_withheld"
    # of a card of the patron's own library
    HOME_CARD_UNKNOWN = "home_card_unknown"
    HOME_CARD_EXPIRED = "home_card_expired"
    HOME_CARD_BLOCKED = "home_card_blocked"
    HOME_CARD_WRONG_PASSWORD = "home_card_wrong_password"  # noqa: S105 - a code, no secret
    # of a hand-over
    AGENT_NOT_NAMED = "agent_not_named"
    NOT_THE_PATRONS_CARD = "not_the_patrons_card"
    # of a loan card
    CARD_LIMIT = "card_limit"
    CARD_NOT_IN_STOCK = "card_not_in_stock"
    UNKNOWN_HOME_CARD = "unknown_home_card"
    # of a renewal
    POLICY_NO_RENEWAL = "policy_no_renewal"
    ITEM_NOT_RENEWABLE = "item_not_renewable"
    RECALLED = "recalled"
    LIMIT_REACHED = "limit_reached"
    LOST = "lost"
    OVERDUE = "overdue"
    TOO_LATE = "too_late"
    ON_HOLD = "on_hold"
    NO_GAIN = "no_gain"
    # of a message whose sender is not proven
    UNUSABLE_MESSAGE_ID = "unusable_message_id"
    UNUSABLE_TIMESTAMP = "unusable_timestamp"
    TIMESTAMP_OFF = "timestamp_off"
    NO_SIGNATURE_FITS = "no_signature_fits"
    NOT_UTF8 = "not_utf8"
    SENDER_NOT_PROVEN = "sender_not_proven"
    # of a step that comes too early, too late, or to nothing
    BOOK_IS_BACK = "book_is_back"
    NO_LENDER_ASKED = "no_lender_asked"
    NOT_HAD = "not_had"
    NOT_ON_ITS_WAY = "not_on_its_way"
    NOT_TO_BE_FETCHED = "not_to_be_fetched"
    NOTHING_MISSING = "nothing_missing"
    NOTHING_OWED = "nothing_owed"
    NOT_LATE = "not_late"
    # of a password
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105 - a code, no secret

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"refusal.{self.value}"


#: the refusals that say that something is used up, or kept back until it is settled
LIMITS = frozenset(
    {
        Refusal.BORROWER_LIMIT,
        Refusal.DAILY_LIMIT,
        Refusal.LENDER_LIMIT,
        Refusal.OVERDUE_BLOCK,
        Refusal.QUOTA_EXHAUSTED,
        Refusal.SUSPENDED,
    }
)
#: a code that a policy's rules of lending give a refusal of their own
PolicyCode = NewType("PolicyCode", str)
#: the refusals for which a lender is not asked; when all are for such, they are the request's own
LenderRefusal = Literal[
    Refusal.BORROWER_LIMIT,
    Refusal.CATEGORY_NOT_ENTITLED,
    Refusal.DAILY_LIMIT,
    Refusal.DOES_NOT_LEND_NOW,
    Refusal.LANGUAGE_NOT_LENT,
    Refusal.LENDER_LIMIT,
    Refusal.NO_POLICY,
    Refusal.NOT_AVAILABLE,
    Refusal.NOT_HELD,
    Refusal.NOT_LENDABLE,
    Refusal.OVERDUE_BLOCK,
    Refusal.OWN_LIBRARY,
    Refusal.PERMISSION_REQUIRED,
    Refusal.PROCESSING_STOPPED,
    Refusal.QUOTA_EXHAUSTED,
    Refusal.READING_ROOM_ONLY,
    Refusal.SUSPENDED,
    Refusal.TITLE_WITHHELD,
]
NotAsked = LenderRefusal | PolicyCode
#: the refusals of a renewal
RenewalRefusal = Literal[
    Refusal.POLICY_NO_RENEWAL,
    Refusal.ITEM_NOT_RENEWABLE,
    Refusal.SUSPENDED,
    Refusal.RECALLED,
    Refusal.LIMIT_REACHED,
    Refusal.OVERDUE,
    Refusal.TOO_LATE,
    Refusal.ON_HOLD,
    Refusal.NO_GAIN,
]


class PassedOver(StrEnum):
    """Why a lender that was asked does not supply."""

    CANCELLED = "cancelled"
    CONDITIONS_REJECTED = "conditions_rejected"
    CONDITIONS_UNANSWERED = "conditions_unanswered"
    NOT_NOW = "not_now"
    NOT_SHIPPED = "not_shipped"
    SILENT = "silent"
    SUPERSEDED = "superseded"
    UNDELIVERABLE = "undeliverable"
    UNFILLED = "unfilled"
    WITHDREW = "withdrew"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"passed_over.{self.value}"


class Placed(StrEnum):
    """Why a lender stands where it does on the rota."""

    AVAILABLE = "available"
    AVAILABILITY_UNKNOWN = "availability_unknown"
    PREFERS_FOREIGN = "prefers_foreign"
    CHOSEN = "chosen"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"placed.{self.value}"


class Attention(StrEnum):
    """Why somebody should look at a request."""

    CANCELLATION_REFUSED = "cancellation_refused"
    CANCELLATION_UNDELIVERED = "cancellation_undelivered"
    CASE_OPEN = "case_open"
    DAMAGED = "damaged"
    FOUND_AFTER_SETTLEMENT = "found_after_settlement"
    LOCAL_SYSTEM = "local_system"
    LONG_OVERDUE = "long_overdue"
    LOST = "lost"
    LOST_ON_THE_WAY_BACK = "lost_on_the_way_back"
    LOST_PARCEL = "lost_parcel"
    NOT_SENT_BACK = "not_sent_back"
    PARTNER_MESSAGE = "partner_message"
    PATRON_NOT_CALLED = "patron_not_called"
    PIECES_OUT = "pieces_out"
    RECALL_NOT_ALLOWED = "recall_not_allowed"
    RECALLED = "recalled"
    RETURN_UNCONFIRMED = "return_unconfirmed"
    SECOND_COPY_ON_ITS_WAY = "second_copy_on_its_way"
    SHIPPED_AFTER_CLOSING = "shipped_after_closing"
    SHIPPED_ALL_THE_SAME = "shipped_all_the_same"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"attention.{self.value}"

    @property
    def is_held(self) -> bool:
        """Whether it calls for somebody for as long as something is open, whoever has looked at it."""
        return self in {Attention.CASE_OPEN, Attention.RETURN_UNCONFIRMED}

    @property
    def next_message(self) -> str:
        """The name of the sentence that says what to do about it."""
        return f"{self.message}.next"
