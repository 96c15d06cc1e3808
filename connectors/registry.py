"""Which protocols are spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.iso18626.profile import ISO18626
from connectors.koha.profile import KOHA
from connectors.mail.profile import EMAIL
from connectors.ncip.profile import NCIP
from connectors.oaipmh.profile import OAI
from connectors.sip2.profile import SIP2
from connectors.sru.profile import SRU
from connectors.webhook.profile import WEBHOOK
from connectors.z3950.profile import Z3950

if TYPE_CHECKING:
    from connectors.connector import Connector

#: Where several can serve a need, the first does, unless the library says otherwise.
CONNECTORS: tuple[Connector[Any], ...] = (
    SRU,
    Z3950,
    OAI,
    ISO18626,
    WEBHOOK,
    SIP2,
    NCIP,
    KOHA,
    EMAIL,
)
