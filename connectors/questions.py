"""Questions that change nothing, by which connectors are tried, and their answers in words."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.failures import Garbled, PartnerFailure, Refused, Unreachable
from connectors.ports import FoundRecords, StatusQuestion
from connectors.trials import Answer, RefusedField
from workflows.citation import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from connectors.ports import PatronDirectory
    from workflows.citation import Citation

    #: Puts a query to a catalogue, within so many seconds.
    Ask = Callable[[Query, float], Awaitable[FoundRecords]]

#: How long a trial may wait for an answer, and for all of a catalogue's together.
SECONDS, _ALL_SECONDS = 10.0, 40.0
#: No more records than these are looked at of an answer.
MOST_SEEN = 5
#: No more questions than these are put to one catalogue.
_MOST = 24
#: Words that stand in titles of most libraries; the first that finds something is asked for further on.
_WORDS = ("中国", "history", "introduction", "law")
#: An ISBN that no book has: prefix 978-0-00 belongs to a publisher, the rest to nothing it ever printed.
_NO_BOOK = "9780000000002"
_NO_JOURNAL = "00000000"
_A_YEAR = "2000"
_NOBODY = "ill-broker-test"
#: What a catalogue is asked by, as queries name it.
CATALOGUE_INDEXES = ("title", "text", "author", "isbn", "issn", "subject", "publisher", "year")
#: What is asked for by words that may stand in any title.
_WORDED = ("title", "text")
#: What stands in for a letter that could not be read.
_UNREAD = "\ufffd"


def named_in(section: str, told: object) -> dict[str, str]:
    """Return the indexes that a section of a profile names, by their paths: indexes.title -> title."""
    named = (name for name in CATALOGUE_INDEXES if getattr(told, name) is not None)
    return {f"{section}.{name}": name for name in named}


def looks_up(directory: PatronDirectory) -> str:
    found = directory.look_up(_NOBODY)
    return "looks up patrons" if found is None else f"knows a patron with the card {_NOBODY}"


def of_no_request(now: datetime) -> StatusQuestion:
    """Return the question where a request stands that there is not."""
    name = f"ill-broker-test-{now:%Y%m%d%H%M%S%f}"
    return StatusQuestion(message_id=name, request_id=name, at=now)


@dataclass(slots=True)
class CatalogueTrial:
    """Asks a catalogue a real question by each index and in each form of records that a profile names."""

    #: Asks as a search does.
    ask: Ask
    #: Asks and takes the records in whatever form they come, so that an index is tried by itself.
    ask_plainly: Ask
    #: By what the profile calls an index, how a query names it: indexes.title -> title.
    indexes: Mapping[str, str]
    #: By what the profile calls a form of records, how they are asked for in it.
    forms: Mapping[str, Ask]
    #: What the profile calls the encoding of records; None where they tell it themselves.
    encoding: str | None = None
    _refused: list[RefusedField] = field(default_factory=list)
    #: What has been asked for, and was answered.
    _tried: set[str] = field(default_factory=set)
    _over: float = 0.0
    _put: int = 0
    _answered: bool = False
    _failure: PartnerFailure | None = None
    #: The first query that has found something, and the work that it has found, where that could be read.
    _hit: Query | None = None
    _sample: Citation | None = None

    async def answer(self) -> Answer:
        """Return what came; once it has answered at all, whoever hangs at one question refuses that.

        :raises PartnerFailure: if it cannot be reached, or refuses whatever it is asked
        """
        self._over = time.monotonic() + _ALL_SECONDS
        for path, name in self.indexes.items():
            for query in self._queries(name):
                if not await self._index(path, query) or self._hit is not None:
                    break
        if self._failure is not None and not self._tried:
            raise self._failure
        for path, ask in self.forms.items():
            if self._hit is not None:
                await self._form(path, ask, self._hit)
        return Answer(self._words(), tuple(self._refused))

    def _queries(self, name: str) -> list[Query]:
        """Return what to ask one index for, one after the other until something is found."""
        if name in _WORDED and self._hit is None:
            return [_by(name, word) for word in _WORDS]
        nothing = {"isbn": _NO_BOOK, "issn": _NO_JOURNAL, "year": _A_YEAR}.get(name, _WORDS[0])
        known = getattr(self._sample, "title" if name in _WORDED else name, None)
        return [_by(name, str(known or nothing))]

    async def _index(self, path: str, query: Query) -> bool:
        """Try one index; false if it is refused, or was not asked."""
        found = await self._put_to(self.ask, query)
        if isinstance(found, Refused | Garbled):
            # Is it the index that is refused, or the form in which records were to come?
            found = await self._put_to(self.ask_plainly, query)
        if isinstance(found, Refused | Unreachable):
            self._refused.append(RefusedField(path, found.detail))
        elif found is not None:
            self._tried.add(path)
        # What came and cannot be read was found all the same.
        if isinstance(found, Garbled) or (isinstance(found, FoundRecords) and found.total):
            self._hit = self._hit or query
        if isinstance(found, FoundRecords) and found.hits:
            self._sample = self._sample or found.hits[0].citation
        return isinstance(found, FoundRecords | Garbled)

    async def _form(self, path: str, ask: Ask, query: Query) -> None:
        found = await self._put_to(ask, query)
        if isinstance(found, PartnerFailure):
            self._refused.append(RefusedField(path, found.detail))
            return
        if found is not None:
            self._tried.add(path)
        if found and self.encoding and any(_UNREAD in hit.citation.title for hit in found.hits):
            self._refused.append(RefusedField(self.encoding, f"{path}: letters cannot be read"))

    async def _put_to(self, ask: Ask, query: Query) -> FoundRecords | PartnerFailure | None:
        """Return the answer, or why there is none; None if too much was asked already."""
        left = self._over - time.monotonic()
        if left <= 0 or self._put >= _MOST:
            return None
        self._put += 1
        try:
            found = await ask(query, min(SECONDS, left))
        except Unreachable as failure:
            if not self._answered:
                raise
            return failure
        except (Refused, Garbled) as failure:
            self._answered, self._failure = True, failure
            return failure
        self._answered = True
        return found

    def _words(self) -> str:
        asked = (*self.indexes, *(self.forms if self._hit else ()))
        refused = {each.field for each in self._refused}
        tried = [path for path in asked if path in self._tried]
        left_out = [path for path in asked if path not in {*tried, *refused}]
        told = [f"answers by {', '.join(tried)}"] if tried else []
        told += [f"refuses {each.field}: {each.detail}" for each in self._refused]
        told += [f"not asked for want of time: {', '.join(left_out)}"] if left_out else []
        told += [] if self._hit else ["found nothing to see records by"]
        return "; ".join(told)


def _by(name: str, words: str) -> Query:
    asked_for: dict[str, Any] = {name: words}
    return Query(**asked_for)
