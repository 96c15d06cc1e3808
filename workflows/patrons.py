"""The patron as the rules see one."""

from dataclasses import dataclass
from datetime import datetime

from workflows.ids import LibraryCode, PatronId


@dataclass(frozen=True, slots=True, kw_only=True)
class Patron:
    """A reader of a member library."""

    id: PatronId
    home: LibraryCode
    name: str
    card_number: str
    #: E.164
    mobile: str
    email: str
    #: "zh" or "en": the language of notices
    language: str = "zh"
    #: when the e-mail address was shown to be theirs (R-BJTU-8)
    verified_at: datetime | None = None
