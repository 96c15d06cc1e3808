"""Tells patrons what waits for them in the outbox, after looking at it again."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from connectors import ports
from ill_broker.services.cards import notices
from ill_broker.services.delivery.notices import News, Text, card_text, text, typed_text, wish_text
from ill_broker.services.discovery import wish_notices
from ill_broker.services.members.directory import Directory
from ill_broker.services.requests import typed_notices
from ill_broker.storage import journal, people
from ill_broker.storage import requests as request_rows
from ill_broker.storage.outbox import Entry
from ill_broker.storage.records import from_dict
from ill_broker.storage.store import Store
from workflows.accounts.account import CHARGES, Key
from workflows.ids import LibraryCode, RequestId
from workflows.money import Money
from workflows.patrons import Patron
from workflows.requests.desk_days import closed_days
from workflows.requests.effects import Channel, Notice, SendNotice
from workflows.requests.lifecycle import Status
from workflows.requests.loan_terms import can_renew, last_desk_day
from workflows.requests.notices import by_day, is_timely
from workflows.requests.request import Request

#: what became of a notice: sent, put on the desk's call list, not worth sending, or no gateway to send it by
SENT, LISTED, NOT_TIMELY, NO_GATEWAY = "sent", "listed", "not timely", "no gateway"


class NotNow(Exception):
    """It is night at the desk."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class Messenger:
    """Writes to patrons: letters, texts, and lines of a desk's call list."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        mailer: ports.Mailer,
        gateway: ports.SmsGateway | None,
        *,
        base_url: str,
    ) -> None:
        self._store = store
        self._directory = directory
        self._mailer = mailer
        self._gateway = gateway
        self._base_url = base_url

    def tell(self, entry: Entry, *, now: datetime) -> str:
        """Carry a notice out, and return what became of it.

        :raises NotNow: if it has to wait for the morning
        :raises PartnerFailure: if nobody took it
        """
        if entry.kind == notices.KIND:
            return self._tell_of_card(entry, now)
        if entry.kind == wish_notices.KIND:
            return self._tell_of_wish(entry, now)
        if entry.kind == typed_notices.KIND:
            return self._tell_of_typed(entry, now)
        return self._tell_of_request(entry, now)

    def mail(self, entry: Entry) -> None:
        """Send a letter that was written when it was ordered.

        :raises PartnerFailure: if the mail server did not take it
        """
        body = entry.body
        self._mailer.send(
            ports.Letter(
                message_id=entry.id,
                at=entry.created_at,
                to=body["to"],
                subject=body["subject"],
                text=body["text"],
                html=body.get("html"),
                language=body["language"],
            )
        )

    def _tell_of_request(self, entry: Entry, now: datetime) -> str:
        effect = from_dict(SendNotice, entry.body)
        (channel,) = effect.channels
        with self._store.reading() as conn:
            request = request_rows.load(conn, RequestId(entry.request_id or ""))
            if request is None:
                raise LookupError(entry.id)
            patron = people.patron(conn, request.patron)
            fine = self._owed(conn, request) if effect.notice is Notice.ACCOUNT else None
            book = self._directory.book_for(conn, request)
        if patron is None or not patron.email or not self._is_timely(effect.notice, request, channel, now):
            return NOT_TIMELY
        if effect.notice is Notice.ACCOUNT and fine is None:
            return NOT_TIMELY
        self._wait_for_day(request.desk, now)
        libraries = self._directory.libraries(now)
        news = News(request, libraries, self._base_url, fine=fine)
        if request.due is not None and request.status is Status.ON_LOAN:
            last, renewable = last_desk_day(request, book), can_renew(request, book, as_of=now)
            news = replace(news, last_desk_day=last, is_renewable=renewable)
        if request.hold_until is not None:
            calendar = book.calendar(request.desk)
            closed = closed_days(calendar, calendar.local_day(now), request.hold_until)
            news = replace(news, closed=closed)
        written = text(effect.notice, news, patron)
        return self._send(channel, f"{effect.message}:{channel}", patron, written, now)

    def _tell_of_card(self, entry: Entry, now: datetime) -> str:
        with self._store.reading() as conn:
            news = notices.news(conn, entry, self._directory.book, now=now)
        if news is None:
            return NOT_TIMELY
        self._wait_for_day(news.card.desk, now)
        libraries = self._directory.libraries(now)
        written = card_text(news.notice, news.card, news.loan, news.patron, libraries)
        return self._send(news.channel, entry.id, news.patron, written, now)

    def _tell_of_wish(self, entry: Entry, now: datetime) -> str:
        with self._store.reading() as conn:
            news = wish_notices.news(conn, entry)
        if news is None:
            return NOT_TIMELY
        libraries = self._directory.libraries(now)
        self._wait_for_day(news.patron.home, now)
        written = wish_text(news.notice, news.wish, news.patron, libraries, base_url=self._base_url)
        return self._send(news.channel, entry.id, news.patron, written, now)

    def _tell_of_typed(self, entry: Entry, now: datetime) -> str:
        with self._store.reading() as conn:
            news = typed_notices.news(conn, entry)
        if news is None:
            return NOT_TIMELY
        libraries = self._directory.libraries(now)
        self._wait_for_day(news.patron.home, now)
        written = typed_text(news.notice, news.typed, news.patron, libraries, base_url=self._base_url)
        return self._send(news.channel, entry.id, news.patron, written, now)

    def _send(self, channel: Channel, message_id: str, patron: Patron, written: Text, now: datetime) -> str:
        match channel:
            case Channel.CALL:
                return LISTED
            case Channel.SMS:
                if self._gateway is None:
                    return NO_GATEWAY
                self._gateway.send(ports.ShortText(message_id=message_id, to=patron.mobile, text=written.sms))
            case Channel.EMAIL:
                letter = ports.Letter(
                    message_id=message_id,
                    at=now,
                    to=patron.email,
                    subject=written.letter.subject,
                    text=written.letter.text,
                    html=written.letter.html,
                    language=patron.language,
                )
                self._mailer.send(letter)
        return SENT

    def _is_timely(self, notice: Notice, request: Request, channel: Channel, now: datetime) -> bool:
        home = self._directory.library(request.home, now)
        calendar = self._directory.book.calendar(request.lender or request.home)
        return is_timely(
            notice,
            request,
            today=calendar.local_day(now),
            reminder_days=home.watches.reminder_days,
            channel=channel,
        )

    def _owed(self, conn: Connection, request: Request) -> Money | None:
        """Return what is owed for this book; None if it was taken back, let off or paid."""
        lender = request.lender or request.home
        key = Key(request.patron, lender, self._directory.book.policy(lender).currency)
        account = journal.look(conn, key)
        unpaid = account.unpaid()
        owed = account.zero
        for posting_id, posting in account.standing().items():
            if posting.kind in CHARGES and posting.request == request.id:
                owed += unpaid[posting_id]
        return owed or None

    def _wait_for_day(self, desk: LibraryCode, now: datetime) -> None:
        zone: ZoneInfo = self._directory.book.calendar(desk).zone
        at = by_day(now, zone)
        if at > now:
            raise NotNow(at)
