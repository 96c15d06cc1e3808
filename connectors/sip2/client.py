"""A library's own system by SIP2: who holds a card, what is lent and what came back."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.addresses import ANYWHERE
from connectors.failures import Garbled, Refused, Unreachable
from connectors.sip2 import mapping
from connectors.sip2.connection import Connection, HungUp
from connectors.sip2.mapping import Terminal
from connectors.sip2.messages import HARMLESS, WITH_SOMEBODY, Code, ItemState, Message
from connectors.sip2.pool import Pool
from connectors.transport import Limits

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from datetime import date, datetime

    from connectors.addresses import Reach
    from connectors.ports import LocalPatron
    from connectors.sip2.mapping import Sip2Profile

#: A patron with a thousand loans fits in; nothing that is longer is an answer.
LIMITS = Limits(connect=5.0, total=20.0, size=64 * 1024)


class Sip2System:
    """A patron directory and a local circulation; a book that is not the library's own it cannot take in."""

    def __init__(
        self,
        library: str,
        profile: Sip2Profile,
        *,
        secrets: Callable[[str], str],
        now: Callable[[], datetime],
        limits: Limits = LIMITS,
        reach: Reach = ANYWHERE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        :param secrets: tells the password that a name in the profile stands for
        """
        self.library = library
        self._profile = profile
        self._secrets = secrets
        self._now = now
        self._limits = limits
        self._reach = reach
        self._tls = tls
        self._pool = Pool(library, self._connected, size=profile.connections, patience=limits.total)

    # ------------------------------------------------------------ patrons

    def look_up(self, card_number: str, *, password: str | None = None) -> LocalPatron | None:
        """Return what the library knows of whoever holds that card, or None if nobody does.

        :raises PartnerFailure: if it does not answer, or not clearly
        """
        terminal = self._terminal()

        def question(connection: Connection) -> Message:
            in_full = connection.told is None or mapping.offers(connection.told, Code.PATRON)
            return mapping.patron(terminal, card_number, password, in_full=in_full)

        answer = self._asked(question)
        return mapping.local_patron(answer, library=self.library, card_number=card_number, password=password)

    # ------------------------------------------------------------ circulation

    def check_out(self, message_id: str, *, card_number: str, barcode: str, due: date) -> None:  # noqa: ARG002 - SIP2 has no place for it
        """Record the hand-over in the local system; one that is recorded already is confirmed.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        order = mapping.check_out(self._terminal(), card_number=card_number, barcode=barcode, due=due)
        self._ordered(order)

    def check_in(self, message_id: str, *, barcode: str) -> None:  # noqa: ARG002 - SIP2 has no place for it
        """Record the return in the local system; a copy that is back already is left as it is.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        try:
            self._ordered(mapping.check_in(self._terminal(), barcode=barcode))
        except Refused:
            if self.item_state(barcode) in WITH_SOMEBODY:
                raise

    def item_state(self, barcode: str) -> ItemState:
        """Return where the copy is.

        :raises PartnerFailure: if the system does not answer, or not clearly
        """
        return mapping.item_state(self._asked(mapping.item(self._terminal(), barcode)))

    def hold(self, *, card_number: str, barcode: str, pickup_location: str | None = None) -> int | None:
        """Have a copy held for a patron; return the place in the queue, None if the system does not say.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        order = mapping.hold(
            self._terminal(), card_number=card_number, barcode=barcode, pickup_location=pickup_location
        )
        return mapping.queue_position(self._ordered(order))

    def renew(self, *, card_number: str, barcode: str, due: date) -> date | None:
        """Have a loan prolonged; return the day the system set, None if nobody can read it.

        :raises PartnerFailure: if the system did not take it, or may not have
        """
        order = mapping.renew(self._terminal(), card_number=card_number, barcode=barcode, due=due)
        return mapping.due_day(self._ordered(order))

    def greet(self) -> None:
        """Make sure that the system lets us in and listens.

        :raises PartnerFailure: if it does not
        """
        self._asked(mapping.status())

    def close(self) -> None:
        self._pool.close()

    # ------------------------------------------------------------ the talk

    def _terminal(self) -> Terminal:
        name = self._profile.terminal_secret
        password = self._secrets(name) if name else ""
        return Terminal(self._now(), ZoneInfo(self._profile.zone), self._profile.institution, password)

    def _ordered(self, order: Message) -> Message:
        return mapping.approve(self._asked(order), library=self.library)

    def _asked(self, request: Message | Callable[[Connection], Message]) -> Message:
        """Return the answer to *request*, which may depend on what the system can do."""
        try:
            with self._pool.lent() as connection:
                return self._put(request, connection)
        except _StaleConnection:
            with self._pool.lent(new=True) as connection:
                return self._put(request, connection)

    def _put(self, request: Message | Callable[[Connection], Message], connection: Connection) -> Message:
        message = request if isinstance(request, Message) else request(connection)
        try:
            return connection.ask(message)
        except (Unreachable, Garbled) as error:
            if message.code not in HARMLESS:
                raise _in_doubt(error, message.code) from error
            if isinstance(error, HungUp) and connection.has_idled:
                raise _StaleConnection from error
            raise

    def _connected(self) -> Connection:
        """Return a connection on which we have said who we are."""
        connection = Connection(self.library, self._profile, self._limits, self._tls, self._reach)
        with ExitStack() as failed:
            failed.callback(connection.close)
            self._log_in(connection)
            if self._profile.greets:
                self._greet(connection)
            failed.pop_all()
        return connection

    def _log_in(self, connection: Connection) -> None:
        login = self._profile.login
        if login is None:
            return
        answer = connection.ask(mapping.login(login.user, self._secrets(login.secret), login.location))
        if answer.fixed["ok"] != "1":
            raise Refused(self.library, "login refused")

    def _greet(self, connection: Connection) -> None:
        connection.told = connection.ask(mapping.status())
        if connection.told.fixed["online"].upper() == "N":
            raise Unreachable(self.library, "the system says it is off line")


class _StaleConnection(Exception):
    """The system hung up while nobody spoke; a question may be put to it anew."""


def _in_doubt(error: Unreachable | Garbled, code: Code) -> Unreachable | Garbled:
    """Return *error* saying that the order may have been carried out all the same."""
    kind = Garbled if isinstance(error, Garbled) else Unreachable
    return kind(error.library, f"{error.detail}; {code.name.lower()} may have been done", again=error.again)
