"""Libraries that are asked by e-mail: the link in the letter, and what their staff answer by it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer

from ill_broker.services.members.directory import Directory
from ill_broker.services.partners.inbound import partner
from ill_broker.services.refusals import BadToken
from ill_broker.services.requests.door import Requests
from ill_broker.settings import Settings
from ill_broker.storage import requests as request_rows
from ill_broker.storage.store import Store
from workflows.ids import LibraryCode, RequestId
from workflows.libraries import Library
from workflows.requests.commands import Report, ReportedStatus
from workflows.requests.lending import Answer, answers
from workflows.requests.request import Request

#: keeps these links apart from all else that the secret key signs
_PURPOSE = "partner-answer"


#: what the library may say by its link
BY_LINK = (Answer.WILL_SEND, Answer.SENT, Answer.CANNOT, Answer.NOT_SENT, Answer.IS_BACK)


class Reason(StrEnum):
    """Why the library cannot, in the words of ISO 18626."""

    ON_LOAN = "OnLoan"
    NOT_ON_SHELF = "NotOnShelf"
    NOT_HELD = "NotHeld"
    POLICY_PROBLEM = "PolicyProblem"
    POOR_CONDITION = "PoorCondition"
    OTHER = "Other"

    @property
    def message(self) -> str:
        """The name of the words that say it to people."""
        return f"partner_page.reason.{self.name.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer with what goes with it."""

    answer: Answer
    item_barcode: str | None = None
    tracking: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the library that was asked sees it: nothing of the patron is in it."""

    request: Request
    lender: LibraryCode
    desk: Library
    #: what it may say now; empty once its part is over
    answers: tuple[Answer, ...]


class Links:
    """Addresses that prove, to whoever opens one, which library was asked for what."""

    def __init__(self, settings: Settings) -> None:
        self._base_url = settings.base_url
        self._signer = URLSafeSerializer(settings.secret_key, salt=_PURPOSE)

    def address(self, request_id: str, lender: str) -> str:
        """Return where *lender* answers the request; the same for as long as the secret key stays."""
        return f"{self._base_url}/partner/{self._signer.dumps([request_id, lender])}"

    def read(self, token: str) -> tuple[RequestId, LibraryCode]:
        """Return what the token stands for.

        :raises BadToken: if we have not signed it for this purpose
        """
        try:
            request_id, lender = self._signer.loads(token)
        except BadData as error:
            raise BadToken from error
        return RequestId(request_id), LibraryCode(lender)


class Correspondence:
    """Shows libraries what they were asked by letter, and takes their answers."""

    def __init__(self, store: Store, directory: Directory, requests: Requests, links: Links) -> None:
        self._store = store
        self._directory = directory
        self._requests = requests
        self._links = links

    def asked(self, token: str, *, now: datetime) -> Asked:
        """Return what the link is about.

        :raises BadToken: if the link is none of ours
        """
        request_id, lender = self._links.read(token)
        with self._store.reading() as conn:
            request = request_rows.load(conn, request_id)
        if request is None or request.entry(lender) is None:
            raise BadToken
        return Asked(request, lender, self._directory.library(request.desk, now), _answers(request, lender))

    def answer(self, token: str, said: Said, *, now: datetime) -> None:
        """Take the answer; one that is not possible any more, as after a second click, changes nothing.

        :raises BadToken: if the link is none of ours
        """
        asked = self.asked(token, now=now)
        if said.answer not in asked.answers:
            return
        report = Report(
            lender=asked.lender,
            status=ReportedStatus(said.answer.value),
            occurred_at=now,
            item_barcode=said.item_barcode,
            tracking=said.tracking,
            reason=said.reason,
        )
        self._requests.handle(asked.request.id, report, partner(asked.lender), now=now)


def _answers(request: Request, lender: LibraryCode) -> tuple[Answer, ...]:
    return tuple(answer for answer in answers(request, lender) if answer in BY_LINK)
