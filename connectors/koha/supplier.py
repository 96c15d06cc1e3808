"""Asking a library through the ILL module of its Koha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.koha import codec, mapping
from connectors.ports import Acknowledgement

if TYPE_CHECKING:
    from connectors.koha.calls import KohaCalls
    from connectors.koha.mapping import IllModule
    from connectors.ports import AskToSupply, Supplier, Telling


@dataclass(frozen=True, slots=True)
class KohaSupplier:
    """A supplier and witness; what the module cannot be told by its API goes to *otherwise*."""

    calls: KohaCalls
    module: IllModule
    otherwise: Supplier

    def ask(self, message: AskToSupply) -> Acknowledgement:
        """Ask the library to lend; a message that came before is not made a second request.

        :raises PartnerFailure: if it did not take the message, or may not have
        """
        number = self._request(message.message_id)
        if number is None:
            content = mapping.new_request(message, self.calls.profile, self.module)
            number = self.calls.made("ill/requests", content, "ill_request_id")
        return Acknowledgement(message.message_id, str(number))

    def tell(self, message: Telling) -> Acknowledgement:
        return self.otherwise.tell(message)

    def did_you_get(self, message_id: str) -> bool:
        return self._request(message_id) is not None

    def _request(self, message_id: str) -> int | None:
        reply = self.calls.asked(
            "ill/requests",
            headers={"x-koha-embed": "extended_attributes"},
            q=mapping.exactly({"extended_attributes.value": message_id}),
        )
        return self.calls.read(lambda: mapping.request_of(codec.objects(reply.body), message_id))
