"""A member library as everybody may look it up."""

from dataclasses import dataclass, field

from workflows.libraries import Library
from workflows.policies.particulars import Document
from workflows.policies.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPage:
    """A member library, and what it says of itself."""

    library: Library
    #: None where it has no policy, so that there is nothing to say
    policy: Policy | None = None
    #: the policy with everything that it inherits
    document: Document = field(default_factory=dict)
    #: what its desk and the office can change, in each language
    said: Document | None = None
    #: the day, there
    today: str = ""
    #: the policy of the consortium whose loan cards its readers can have
    cards: Document | None = None
    #: of its policy or its calendar, whichever changed last; 0 while both come with the service
    version: int = 0
