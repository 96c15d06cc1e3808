"""How one library's Koha is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to Koha; *secret* names the password or client secret, it is not the secret."""

    user: str
    secret: str
    #: A client of OAuth 2, or a user with a password.
    kind: Literal["oauth", "basic"] = "oauth"


@dataclass(frozen=True, slots=True)
class IllModule:
    """Koha's own module for inter-library loan, where it takes requests by its API."""

    #: The backend of the module; not every one takes requests so.
    backend: str
    #: The patron of the library's that stands for the consortium.
    patron_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KohaProfile:
    #: Of the staff interface, without /api/v1.
    base_url: str
    login: Login
    #: Where books are fetched, and to which arrived books belong, in Koha's own code.
    library_id: str = ""
    #: How this Koha wants records: MARC21 or UNIMARC.
    flavour: Literal["MARC21", "UNIMARC"] = "MARC21"
    #: The item type of books that are another library's.
    item_type: str = "ILL"
    #: None where the library is asked in another way.
    ill: IllModule | None = None

    def url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/api/v1/{path}"
