"""What the services refuse beside the rules: who is not let in, and what cannot be found."""

from enum import StrEnum

from workflows.errors import WorkflowError


class Unknown(WorkflowError):
    """It does not exist, or not for whoever asks."""

    code = "not_found"
    title = "There is no such thing here"


class WrongLogin(WorkflowError):
    """Nobody has this name and this password."""

    code = "wrong_login"
    title = "Name or password is wrong"


class TooOften(WorkflowError):
    """This was tried too often; ``facts["retry_after"]`` says in how many seconds it may be again."""

    code = "too_many_requests"
    title = "Too many attempts: wait before the next"


class SignOnFailure(StrEnum):
    """Why a library's sign-on gave no proof of who this is."""

    ACCOUNT_EXISTS = "account_exists"
    CLAIMS = "claims"
    CODE = "code"
    DENIED = "denied"
    ISSUER = "issuer"
    LIBRARY = "library"
    PROOF = "proof"
    PROVIDER = "provider"
    ROLE = "role"
    STATE = "state"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"sign_on.{self.value}"


class SignOnRefused(WorkflowError):
    """The library's sign-on gave no proof of who this is; ``facts["reason"]`` says why."""

    code = "sign_on_refused"
    title = "The sign-on failed"

    def __init__(self, reason: SignOnFailure) -> None:
        super().__init__(reason=reason)


class BadToken(WorkflowError):
    """The link was used, has expired, or was never sent."""

    code = "bad_token"
    title = "This link is not valid any more"


class WeakPassword(WorkflowError):
    """The password is short, common, or little more than its owner's name or numbers."""

    code = "weak_password"
    title = "This password is guessed too easily: choose another without names, numbers and common words"
    pointer = "/password"


class AlreadyRegistered(WorkflowError):
    """Somebody has confirmed this address or this card before."""

    code = "already_registered"
    title = "This address or this card is registered already"


class UnknownHome(WorkflowError):
    """No member library has this code."""

    code = "unknown_library"
    title = "There is no such member library"
    #: what of the input it is about
    pointer = "/home"


class UnknownMember(WorkflowError):
    """No member library has this code."""

    code = "unknown_library"
    title = "There is no such member library"
    pointer = "/library"


class LoginTaken(WorkflowError):
    """Somebody who works at a desk or in the office has this log-in."""

    code = "login_taken"
    title = "This log-in is somebody else's"
    pointer = "/login"


class BadSecret(WorkflowError):
    """A signing secret is ``whsec_`` and 24 to 64 bytes in base 64 (Standard Webhooks)."""

    code = "bad_secret"
    title = "This is no secret to sign with"
    pointer = "/secret"


class UnknownLender(WorkflowError):
    """No member library has this code, so it cannot be asked."""

    code = "unknown_library"
    title = "There is no such member library"
    pointer = "/lender"


class UnknownDesk(WorkflowError):
    """No member library has this code, so nothing can be fetched there."""

    code = "unknown_library"
    title = "There is no such member library"
    pointer = "/desk"


class StillOpen(WorkflowError):
    """Something of the patron's is not finished."""

    code = "still_open"
    title = "You still have requests, loan cards or suspensions that are not finished"


class KeyReused(WorkflowError):
    """The Idempotency-Key came before, with another request."""

    code = "idempotency_key_reused"
    title = "The key was used for another request"


class Outdated(WorkflowError):
    """The caller means an earlier version than the one at hand."""

    code = "stale"
    title = "It has changed since you read it"
