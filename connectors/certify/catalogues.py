"""A library's catalogue: a Z39.50 target that is searched, a repository that is harvested."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.addresses import ANYWHERE
from connectors.certify.examiner import PARTNER, Deviation, Untried, accepted, needs, require
from connectors.failures import Refused
from connectors.oaipmh import codec
from connectors.transport import Limits
from connectors.z3950.client import Z3950Finder
from connectors.z3950.mapping import Habits, Z3950Profile
from connectors.z3950.messages import Credentials, Syntax
from workflows.citation import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.certify.examiner import Examiner, Exchange
    from connectors.oaipmh.messages import Page
    from connectors.ports import FoundRecords

_SECONDS = 15.0
_Z3950_PORT = 210
_NOBODYS_WORD = "xyzzyplugh"
#: A use attribute that Bib-1 does not have.
_NO_USE = 9999
_FEW_PAGES = 3
_LATER = datetime(2999, 1, 1, tzinfo=UTC)


#: What is wrong, the complaint that belongs to it, and how it is asked.
_COMPLAINTS = (
    ("a verb it does not know", "badVerb", {"verb": "Dance"}),
    ("a list without a format", "badArgument", {"verb": "ListRecords"}),
    ("a format it does not have", "cannotDisseminateFormat",
     {"verb": "ListRecords", "metadataPrefix": "nosuch"}),
    ("a token it never gave", "badResumptionToken", {"verb": "ListRecords", "resumptionToken": "nosuch"}),
    ("a record it does not have", "idDoesNotExist",
     {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:nosuch:0"}),
)  # fmt: skip


class Z3950Target:
    """One examination of a target; every claim has a conversation of its own."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._endpoint = examiner.endpoint

    def examine(self) -> None:
        check = self._examiner.check
        check("greets, and finds nothing where nothing is", "Z39.50, 3.2.1 and 3.2.2", self._nothing,
              is_needed=True)  # fmt: skip
        check("finds what is there by a word of the title", "Bib-1, use 4", self._by_title)
        check("finds by any word", "Bib-1, use 1016", self._by_any)
        check("sends records that can be read", "Z39.50, 3.2.3 Present", self._records)
        check("complains of an attribute it does not know", "Bib-1 diagnostic 114", self._attribute)
        check("complains of a form it does not have", "Bib-1 diagnostic 238, 239", self._form)

    def _nothing(self, exchange: Exchange) -> None:
        found = self._find(exchange, Query(text=_NOBODYS_WORD))
        require(holds=found.total == 0, otherwise=f"finds {found.total}")

    def _by_title(self, exchange: Exchange) -> None:
        found = self._find(exchange, Query(title=self._word))
        require(holds=found.total > 0, otherwise="finds nothing")

    def _by_any(self, exchange: Exchange) -> None:
        found = self._find(exchange, Query(text=self._word))
        require(holds=found.total > 0, otherwise="finds nothing")

    def _records(self, exchange: Exchange) -> None:
        found = self._find(exchange, Query(title=self._word))
        require(holds=bool(found.hits), otherwise="; ".join(found.complaints) or "no record can be read")

    def _attribute(self, exchange: Exchange) -> None:
        self._complains(exchange, habits=Habits(title=_NO_USE))

    def _form(self, exchange: Exchange) -> None:
        # Chinese and other libraries' targets have one of the two
        forms = (Syntax.UNIMARC, Syntax.MARC21)
        told = [self._failure(exchange, syntaxes=(form,)) for form in forms]
        if not any(told):
            raise Untried("has its records in both forms")
        require(holds=not all(told), otherwise=f"has its records in neither form: {told[0]}")

    @property
    def _word(self) -> str:
        return needs(self._endpoint.word, "a word")

    def _complains(self, exchange: Exchange, **facts: object) -> None:
        require(holds=bool(self._failure(exchange, **facts)), otherwise="answers as if it were right")

    def _failure(self, exchange: Exchange, **facts: object) -> str:
        """Return what the target says against a search; nothing if it has no objection."""
        try:
            self._find(exchange, Query(title=self._word), **facts)
        except Refused as refusal:
            exchange.came = refusal.detail
            return refusal.detail
        return ""

    def _find(self, exchange: Exchange, query: Query, **facts: object) -> FoundRecords:
        place, endpoint = urlsplit(self._endpoint.url), self._endpoint
        login = Credentials(user=endpoint.user, password=endpoint.password) if endpoint.user else None
        told = {"syntaxes": (Syntax.MARC21, Syntax.UNIMARC, Syntax.XML), "credentials": login, **facts}
        profile = Z3950Profile(
            host=place.hostname or "", port=place.port or _Z3950_PORT,
            database=place.path.strip("/") or endpoint.database, **told,  # type: ignore[arg-type]  # fields of it
        )  # fmt: skip
        exchange.sent = f"init, search {query}, present"
        finder = Z3950Finder(PARTNER, profile, Limits(connect=5.0, total=_SECONDS), ANYWHERE)
        found = asyncio.run(finder.find(query, deadline=_SECONDS))
        exchange.came = f"{found.total} found, {len(found.hits)} read {'; '.join(found.complaints)}".strip()
        return found


class Repository:
    """One examination of a repository."""

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._first: Page | None = None

    def examine(self) -> None:
        check = self._examiner.check
        check("says what it is", "OAI-PMH 2.0, 4.2 Identify", self._identify, is_needed=True)
        check("lists its records in MARCXML", "OAI-PMH 2.0, 4.5 ListRecords", self._records)
        check(
            "goes on where a page ended, with other records", "OAI-PMH 2.0, 3.5 resumptionToken", self._pages
        )
        check("names the same records without their content", "OAI-PMH 2.0, 4.3", self._identifiers)
        check("keeps quiet about what changed when nothing did", "OAI-PMH 2.0, noRecordsMatch", self._later)
        for what, code, said in _COMPLAINTS:
            check(f"complains of {what}", f"OAI-PMH 2.0, {code}", self._complaint(code, said))

    def _identify(self, exchange: Exchange) -> None:
        reply = self._body(exchange, codec.identify())
        try:
            told = codec.decode_identity(reply)
        except codec.NotOai as error:
            raise Deviation(str(error)) from error
        require(holds=codec.instant(told.earliest) is not None, otherwise="no earliestDatestamp")

    def _records(self, exchange: Exchange) -> None:
        self._first = self._page(exchange, codec.list_from("marc21"))
        words = "; ".join(map(str, self._first.complaints))
        require(holds=bool(self._first.records), otherwise=words or "no record")
        bare = [each for each in self._first.records if each.metadata is None and not each.header.is_deleted]
        require(holds=not bare, otherwise="a record without its content")

    def _pages(self, exchange: Exchange) -> None:
        page = self._first
        seen = {header.identifier for header in page.headers} if page else set()
        token = page.token if page else None
        if token is None:
            raise Untried("one page holds it all")
        for _ in range(_FEW_PAGES):
            if token is None:
                return
            page = self._page(exchange, codec.list_on(token))
            token = page.token
            names = {header.identifier for header in page.headers}
            require(
                holds=bool(names) and not names & seen, otherwise="an empty page, or the same records again"
            )
            seen |= names

    def _identifiers(self, exchange: Exchange) -> None:
        page = self._page(exchange, codec.list_from("marc21", verb="ListIdentifiers"))
        wanted = {header.identifier for header in self._first.headers} if self._first else set()
        names = {header.identifier for header in page.headers}
        require(holds=bool(names) and (names <= wanted or wanted <= names), otherwise="names other records")

    def _later(self, exchange: Exchange) -> None:
        page = self._page(exchange, codec.list_from("marc21", since=codec.stamp(_LATER, seconds=False)))
        codes = {complaint.code for complaint in page.complaints}
        require(holds=not page.records, otherwise=f"{len(page.records)} records changed in the year 2999")
        require(holds="noRecordsMatch" in codes, otherwise=f"complains of {', '.join(codes) or 'nothing'}")

    def _complaint(self, code: str, said: dict[str, str]) -> Callable[[Exchange], None]:
        def attempt(exchange: Exchange) -> None:
            codes = [complaint.code for complaint in self._page(exchange, said).complaints]
            require(holds=code in codes, otherwise=f"complains of {', '.join(codes) or 'nothing'}")

        return attempt

    def _page(self, exchange: Exchange, said: dict[str, str]) -> Page:
        try:
            return codec.decode(self._body(exchange, said))
        except codec.NotOai as error:
            raise Deviation(str(error)) from error

    def _body(self, exchange: Exchange, said: dict[str, str]) -> bytes:
        return accepted(self._examiner.call(exchange, "GET", self._examiner.endpoint.url, params=said)).body
