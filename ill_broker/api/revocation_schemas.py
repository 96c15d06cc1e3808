"""How a secret or a key is revoked, and what is kept of it."""

from ill_broker.api.schemas import Shown, Strict
from ill_broker.web.fields import Instant, Text

_REASON = 2000


class RevocationIn(Strict):
    reason = Text(required=True, max_length=_REASON, lines=True)


class RevocableOut(Shown):
    """Of what is good all three are null."""

    revoked_at = Instant(required=True, allow_none=True, attribute="revoked.at", dump_default=None)
    #: null also where that was not kept
    revoked_by = Text(required=True, allow_none=True, attribute="revoked.by", dump_default=None)
    #: null also where no reason was given
    revoked_because = Text(
        required=True,
        allow_none=True,
        max_length=_REASON,
        attribute="revoked.because",
        dump_default=None,
    )
