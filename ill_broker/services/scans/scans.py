"""Takes a scan: finds what the code names, takes the one obvious step, and says what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from sqlalchemy import Connection

from ill_broker.services.cards.loan_cards import LoanCards
from ill_broker.services.cards.overview import CardOverview, SeenCard
from ill_broker.services.members.directory import Directory
from ill_broker.services.refusals import Unknown
from ill_broker.services.requests.door import Requests
from ill_broker.services.scans.found import Before, Found, Thing, before, find, reader_called, spellings
from ill_broker.services.scans.lines import Line, Lines, ReaderLine
from ill_broker.storage import people
from ill_broker.storage.failures import Busy
from ill_broker.storage.store import Store
from workflows.actors import Actor
from workflows.cards.card import CardStep, LoanCard, RecordCardFound, TakeCardBack
from workflows.errors import WorkflowError
from workflows.ids import CardId, LibraryCode, RequestId
from workflows.patrons import Patron
from workflows.requests.commands import (
    Arrive,
    Command,
    HandOver,
    Report,
    ReportedStatus,
    ShipBack,
    TakeBack,
    Undo,
)
from workflows.requests.lifecycle import Step
from workflows.requests.request import Request
from workflows.requests.typed import TypedRequest
from workflows.scans.meaning import Choice, Circumstances, Doing, Kind, Meaning, Reading, meaning

#: how often a scan is looked at anew because somebody else moved the same thing meanwhile
_TRIES = 8


class UnknownCode(WorkflowError):
    """Nothing of this library has this number; ``facts["tried"]`` says as what it was looked for."""

    code = "unknown_code"
    title = "Nothing of this library has this number"


class UnknownReader(WorkflowError):
    """The card that stands for the reader at the desk is nobody's of this library."""

    code = "unknown_reader"
    title = "No reader of this library has this card"


class Word(StrEnum):
    """What came of a scan, as large as a clerk reads it."""

    DONE = "done"
    #: nothing was done: look, and perhaps choose
    LOOK = "look"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was scanned or typed, and what stands beside it."""

    code: str
    #: the id or the card of the reader who stands at the desk
    reader: str | None = None
    #: the one step for a crate of books
    action: Step | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One thing to choose, with what tells it from the others."""

    kind: Kind
    choice: Choice
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """What a reader typed, and who they are."""

    typed: TypedRequest
    reader: Patron | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a scan was, and what came of it; the rest says it of the thing as it is now."""

    outcome: Word
    kind: Kind | None = None
    done: Doing | None = None
    undo: bool = False
    refusal: WorkflowError | None = None
    offers: tuple[Offer, ...] = ()
    line: Line | None = None
    reader: ReaderLine | None = None
    loan_card: SeenCard | None = None
    typed: TypedLine | None = None
    #: what was done to it last at a desk, where this scan did nothing
    before: Before | None = None


#: what else belongs into the transaction in which a scan is answered
Also = Callable[[Connection, Answer], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A scan with all that is there for it."""

    scan: Scan
    at: Circumstances
    reader: Patron | None
    found: list[Found]


class Scans:
    """The one field of a desk."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        requests: Requests,
        loan_cards: LoanCards,
        card_overview: CardOverview,
    ) -> None:
        self._store = store
        self._directory = directory
        self._requests = requests
        self._loan_cards = loan_cards
        self._card_overview = card_overview
        self._lines = Lines(directory)

    def take(self, scan: Scan, actor: Actor, *, now: datetime, also: Also) -> Answer:
        """Do the one obvious thing about what was scanned, if there is one, and return what came of it.

        Who is second to move a thing sees what the first did, whatever that was.
        """
        self._directory.libraries(now)
        refused: tuple[Found, WorkflowError] | None = None
        for _ in range(_TRIES):
            seen = self._seen(scan, actor, now)
            if refused is not None and _still(seen.found, refused[0]):
                return self._say(self._no(*refused, seen.at), also)
            unknown = _unknown(seen)
            if unknown is not None:
                return self._say(_nothing(unknown), also)
            meant = meaning([one.reading for one in seen.found], scan.choice)
            if meant.step is None:
                return self._say(self._look(seen, meant), also)
            thing = next(one for one in seen.found if one.reading == meant.readings[0])
            try:
                return self._do(seen, thing, meant.step, also)
            except WorkflowError as refusal:
                refused = thing, refusal
        raise Busy("others keep changing the same")

    def undo(
        self,
        request_id: RequestId,
        actor: Actor,
        *,
        now: datetime,
        expected: Callable[[int], None],
        also: Also,
    ) -> Answer:
        """Take back the last step of a desk, if the request is as it was then, and return what came of it.

        :param expected: raises if the version at hand is not the one that is meant
        :raises Unknown: if the request does not exist for *actor*
        """
        made: list[Answer] = []
        at = Circumstances(actor=actor, now=now)

        def keep(conn: Connection, thing: Request) -> None:
            made.append(self._told(conn, Kind.REQUEST, thing, at, done=Step.UNDO))
            also(conn, made[-1])

        try:
            self._requests.handle(request_id, Undo(), actor, now=now, also=keep, expected=expected)
        except Unknown:
            raise
        except WorkflowError as refusal:
            seen = self._requests.see(request_id, actor).request
            reading = Reading(kind=Kind.REQUEST, id=seen.id)
            return self._say(self._no(Found(reading=reading, thing=seen), refusal, at), also)
        return made[-1]

    def reader(self, told: str, actor: Actor) -> Patron | None:
        """Return the reader of this id or card to whom the desk may hand out, None if there is none."""
        with self._store.reading() as conn:
            return reader_called(conn, told, actor)

    def _seen(self, scan: Scan, actor: Actor, now: datetime) -> _Seen:
        with self._store.reading() as conn:
            reader = reader_called(conn, scan.reader, actor) if scan.reader is not None else None
            standing = None if reader is None else reader.id
            at = Circumstances(actor=actor, now=now, reader=standing, action=scan.action)
            read = {code: find(conn, code, at) for code in spellings(scan.code)}
            code = next((one for one, found in read.items() if found), scan.code)
            return _Seen(scan=replace(scan, code=code), at=at, reader=reader, found=read[code])

    def _do(self, seen: _Seen, found: Found, step: Doing, also: Also) -> Answer:
        """Take the step through the door there is for it."""
        made: list[Answer] = []
        actor, now = seen.at.actor, seen.at.now

        def keep(conn: Connection, thing: Request | LoanCard) -> None:
            made.append(self._told(conn, found.reading.kind, thing, seen.at, done=step))
            also(conn, made[-1])

        if isinstance(found.thing, Request):
            command = _command(seen, found, Step(step))
            self._requests.handle(found.thing.id, command, actor, now=now, also=keep)
        elif step == CardStep.ISSUE and seen.reader is not None:
            self._loan_cards.issue(seen.scan.code, seen.reader.card_number, actor, now=now, also=keep)
        else:
            back = RecordCardFound() if step == CardStep.RECORD_FOUND else TakeCardBack()
            self._loan_cards.handle(CardId(found.reading.id), back, actor, now=now, also=keep)
        return made[-1]

    def _say(self, answered: Callable[[Connection], Answer], also: Also) -> Answer:
        """Keep an answer that moves nothing, so that the same scan sent again gets the same one."""

        def work(conn: Connection) -> Answer:
            answer = answered(conn)
            also(conn, answer)
            return answer

        return self._store.write(work)

    def _no(self, found: Found, refusal: WorkflowError, at: Circumstances) -> Callable[[Connection], Answer]:
        return lambda conn: self._told(conn, found.reading.kind, found.thing, at, refusal=refusal)

    def _look(self, seen: _Seen, meant: Meaning) -> Callable[[Connection], Answer]:
        """Show the one thing there is, or what there is to choose from."""
        by_id: dict[str, Found] = {one.reading.id: one for one in seen.found}
        offers = tuple(
            Offer(kind=by_id[each.id].reading.kind, choice=each, title=_title(by_id[each.id].thing))
            for each in meant.choices
        )
        if len(meant.readings) != 1:
            return lambda _: Answer(outcome=Word.LOOK, offers=offers)
        one = by_id[meant.readings[0].id]
        return lambda conn: self._told(conn, one.reading.kind, one.thing, seen.at, offers=offers)

    def _told(
        self,
        conn: Connection,
        kind: Kind,
        thing: Thing,
        at: Circumstances,
        *,
        done: Doing | None = None,
        refusal: WorkflowError | None = None,
        offers: tuple[Offer, ...] = (),
    ) -> Answer:
        """Return what is to be said of a thing as it is now."""
        word = Word.DONE if done else Word.NO if refusal else Word.LOOK
        answer = Answer(outcome=word, kind=kind, done=done, refusal=refusal, offers=offers)
        match thing:
            case Patron():
                reader = self._lines.of_reader(conn, thing, at.actor, now=at.now)
                return replace(answer, reader=reader)
            case TypedRequest():
                return replace(answer, typed=TypedLine(typed=thing, reader=people.patron(conn, thing.patron)))
            case LoanCard():
                seen = self._card_overview.shown(thing, at.actor, now=at.now, conn=conn)
                answer = replace(answer, loan_card=seen)
            case Request():
                (line,) = self._lines.of(conn, [thing], at.actor, now=at.now)
                undo = done is not None and thing.undoable == done and Step.UNDO in line.actions
                answer = replace(answer, line=line, undo=undo)
            case _:
                assert_never(thing)
        return answer if done else replace(answer, before=before(conn, thing))


def _unknown(seen: _Seen) -> WorkflowError | None:
    if not seen.found:
        return UnknownCode(tried=list(Kind))
    return UnknownReader() if seen.scan.reader is not None and seen.reader is None else None


def _nothing(refusal: WorkflowError) -> Callable[[Connection], Answer]:
    return lambda _: Answer(outcome=Word.NO, refusal=refusal)


def _still(found: list[Found], refused: Found) -> bool:
    """Tell whether what was refused is as it was, so that nobody else's step is the reason."""
    return any(one.reading.id == refused.reading.id and one.version == refused.version for one in found)


def _command(seen: _Seen, found: Found, step: Step) -> Command:
    match step:
        case Step.ARRIVE:
            return Arrive(barcode=seen.scan.code if found.is_by_lenders_barcode(seen.scan.code) else None)
        case Step.HAND_OVER:
            return HandOver(card=seen.reader.card_number if seen.reader else None)
        case Step.TAKE_BACK:
            return TakeBack(place=seen.at.actor.library)
        case Step.SHIP | Step.CONFIRM_RECEIPT:
            return _report(found.thing, step, seen.at)
        case _:
            return ShipBack()


def _report(thing: Thing, step: Step, at: Circumstances) -> Report:
    """Return what the desk of the library that lends says by a scan."""
    lender = LibraryCode(at.actor.library or "")
    copy = thing.copy_at(lender) if isinstance(thing, Request) else None
    is_sent = step is Step.SHIP
    return Report(
        lender=lender,
        status=ReportedStatus.LOANED if is_sent else ReportedStatus.LOAN_COMPLETED,
        occurred_at=at.now,
        item_barcode=copy.barcode if copy and is_sent else None,
    )


def _title(thing: Thing) -> str:
    match thing:
        case Request():
            return thing.citation.title
        case TypedRequest():
            return thing.citation.title
        case Patron():
            return thing.name
        case LoanCard():
            return thing.barcode
