"""The OpenID Connect providers of member libraries, as the operator's file names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from workflows.ids import LibraryCode


class BadProviders(Exception):
    """The file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Which claim of the library's sign-on says what."""

    card_number: str = "card_number"
    name: str = "name"
    mobile: str = "phone_number"
    #: the claim that tells staff from readers, and its value for desk staff; None where all are readers
    role: str | None = None
    staff: str = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One library's sign-on."""

    library: LibraryCode
    issuer: str
    client_id: str
    #: None for a public client; PKCE guards both
    client_secret: str | None = field(default=None, repr=False)
    scope: str = "openid profile email phone"
    claims: Claims = field(default_factory=Claims)


def read_providers(path: str) -> Mapping[LibraryCode, Provider]:
    """Read the file at *path*; no path, no providers.

    :raises BadProviders: with every fault
    """
    if not path:
        return {}
    try:
        told = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        providers: list[Provider] = _ProviderSchema(many=True).load(told)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise BadProviders(f"{path}: {error}") from error
    return {provider.library: provider for provider in providers}


class _ClaimsSchema(Schema):
    card_number = fields.Str()
    name = fields.Str()
    mobile = fields.Str()
    role = fields.Str(allow_none=True)
    staff = fields.Str()

    class Meta:
        unknown = RAISE

    @post_load
    def as_claims(self, read: dict[str, Any], **_: Any) -> Claims:
        return Claims(**read)


class _ProviderSchema(Schema):
    library = fields.Str(required=True)
    issuer = fields.Url(required=True, schemes={"https"})
    client_id = fields.Str(required=True, validate=validate.Length(min=1))
    #: the secret itself stands in a file of its own
    client_secret_file = fields.Str()
    scope = fields.Str()
    claims = fields.Nested(_ClaimsSchema)

    class Meta:
        unknown = RAISE

    @post_load
    def as_provider(self, read: dict[str, Any], **_: Any) -> Provider:
        secret_file = read.pop("client_secret_file", None)
        secret = None if secret_file is None else Path(secret_file).read_text(encoding="utf-8").strip()
        return Provider(client_secret=secret, **read)
