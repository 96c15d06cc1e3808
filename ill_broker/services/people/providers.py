"""The OpenID Connect providers of member libraries, as the operator's file names them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from ill_broker.services.refusals import SignOnFailure, SignOnRefused
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
    #: the claim that names the library; None where the provider knows nobody of another
    library: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One library's sign-on; several libraries may share one provider of identities."""

    library: LibraryCode
    #: how the provider's claim names this library
    called: str
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
    faults = list(_confusions(providers))
    if faults:
        raise BadProviders(f"{path}: {'; '.join(faults)}")
    return {provider.library: provider for provider in providers}


def provider_of(
    providers: Mapping[LibraryCode, Provider], asked: Provider, claims: Mapping[str, Any]
) -> Provider:
    """Return the entry of the library that the provider says somebody belongs to.

    Whose page the log-in began at says nothing of that: anybody can begin anywhere.

    :param asked: the entry through which the claims came
    :raises SignOnRefused: ``library``, if the claims name none of ours, or several
    """
    claim = asked.claims.library
    if claim is None:
        return asked
    told = claims.get(claim)
    names = told if isinstance(told, list) else [told]
    named = [each for each in providers.values() if each.issuer == asked.issuer and each.called in names]
    if len(named) != 1:
        raise SignOnRefused(SignOnFailure.LIBRARY)
    return named[0]


def _confusions(providers: Iterable[Provider]) -> Iterator[str]:
    """Say which libraries nothing tells apart."""
    for one, other in combinations(providers, 2):
        pair = f"{one.library} and {other.library}"
        if one.library == other.library:
            yield f"{one.library} stands there twice"
        elif one.issuer != other.issuer:
            continue
        elif one.claims.library is None or one.claims.library != other.claims.library:
            yield f"{pair} share a provider, so both need the same claims.library, which names the library"
        elif one.called == other.called:
            yield f"{pair} share a provider, which calls both {one.called}"


class _ClaimsSchema(Schema):
    card_number = fields.Str()
    name = fields.Str()
    mobile = fields.Str()
    role = fields.Str(allow_none=True)
    staff = fields.Str()
    library = fields.Str(allow_none=True)

    class Meta:
        unknown = RAISE

    @post_load
    def as_claims(self, read: dict[str, Any], **_: Any) -> Claims:
        return Claims(**read)


class _ProviderSchema(Schema):
    library = fields.Str(required=True)
    called = fields.Str(validate=validate.Length(min=1))
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
        return Provider(client_secret=secret, **{"called": read["library"], **read})
