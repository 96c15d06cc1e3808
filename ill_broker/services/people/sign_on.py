"""Asking a library's sign-on who somebody is: OpenID Connect, code flow with PKCE and nonce."""

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from ill_broker import mint
from ill_broker.services.people.providers import Provider
from ill_broker.services.refusals import SignOnFailure, SignOnRefused

#: seconds to wait for the provider, and that its clock may be off
_TIMEOUT, _LEEWAY = 10, 60
#: bytes of an answer; a provider's keys are a few thousand
_LARGEST = 1_000_000
#: keys that are not shared: what a client secret signs, or nothing, proves nothing
_ALGORITHMS = ("RS256", "PS256", "ES256")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_USERINFO = "userinfo_endpoint"
#: what libraries raise over an answer that has another form than they think
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What ties the answer of a sign-on to the browser that asked; the browser keeps it, signed by us."""

    library: str
    state: str
    nonce: str
    verifier: str
    #: the page to return to
    to: str | None = None
    #: a page of ours wants the session in its cookie
    by_cookie: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the browser brings back from the sign-on."""

    state: str | None = None
    code: str | None = None
    error: str | None = None
    #: RFC 9207
    iss: str | None = None


def begin(
    provider: Provider, *, redirect_uri: str, to: str | None = None, by_cookie: bool = False
) -> tuple[str, Ticket]:
    """Return where to send the browser, and the ticket that it brings back.

    :raises SignOnRefused: if the provider cannot be used
    """
    ticket = Ticket(
        library=provider.library,
        state=mint.token(),
        nonce=mint.token(),
        verifier=mint.token(),
        to=to,
        by_cookie=by_cookie,
    )
    with _client(provider, redirect_uri) as client:
        told = _metadata(client, provider)
        address, _ = client.create_authorization_url(
            told["authorization_endpoint"],
            state=ticket.state,
            nonce=ticket.nonce,
            code_verifier=ticket.verifier,
        )
    return str(address), ticket


def finish(
    provider: Provider, reply: Reply, ticket: Ticket, *, redirect_uri: str, now: datetime
) -> Mapping[str, Any]:
    """Return what the provider says of whoever signed on there.

    :raises SignOnRefused: if that is not proven; ``facts["reason"]`` says why
    """
    if ticket.library != provider.library or reply.state != ticket.state:
        raise SignOnRefused(SignOnFailure.STATE)
    if reply.iss not in {None, provider.issuer}:
        raise SignOnRefused(SignOnFailure.ISSUER)
    if reply.error is not None or reply.code is None:
        raise SignOnRefused(SignOnFailure.DENIED)
    with _client(provider, redirect_uri) as client:
        told = _metadata(client, provider)
        id_token, access_token = _tokens(client, told, reply.code, ticket.verifier)
        proven = _proven(id_token, _get(client, told["jwks_uri"]), provider, ticket.nonce, now)
        return {**_asked_for(client, told, access_token, proven["sub"]), **proven}


class _Bounded(HTTPAdapter):
    """Takes an answer as a whole, if it is not too large and does not come by drops."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        ends = time.monotonic() + _TIMEOUT
        response = super().send(request, *args, **{**options, "stream": True})
        body = bytearray()
        try:
            while piece := response.raw.read1(decode_content=True):
                body += piece
                if len(body) > _LARGEST or time.monotonic() > ends:
                    raise requests.ConnectionError("too large or too slow", request=request)
        except HTTPError as error:
            raise requests.ConnectionError(error, request=request) from error
        finally:
            response.raw.close()
        response.raw = BytesIO(body)
        return response


def _client(provider: Provider, redirect_uri: str) -> Any:
    client = OAuth2Session(
        provider.client_id,
        provider.client_secret,
        scope=provider.scope,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        default_timeout=_TIMEOUT,
        token_endpoint_auth_method=None if provider.client_secret is None else _with_secret,
    )
    for scheme in ("https://", "http://"):
        client.mount(scheme, _Bounded())
    return client


def _with_secret(client: Any, _: str, uri: str, headers: dict[str, str], body: str) -> tuple[Any, ...]:
    """Show id and secret as RFC 6749, 2.3.1 has it, which the library does not: each encoded as in a form."""
    both = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {b64encode(both.encode()).decode()}"
    return uri, headers, body


def _metadata(client: Any, provider: Provider) -> Mapping[str, Any]:
    told = _get(client, provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    endpoints = [told.get(name) for name in _ENDPOINTS] + [
        told[name] for name in (_USERINFO,) if name in told
    ]
    is_whole = all(str(each).startswith("https://") for each in endpoints)
    if told.get("issuer") != provider.issuer or not is_whole:
        raise SignOnRefused(SignOnFailure.PROVIDER)
    return told


def _get(client: Any, address: str, *, access_token: str | None = None) -> Mapping[str, Any]:
    """Return what stands at *address*; a token goes nowhere but there."""
    shown = {} if access_token is None else {"Authorization": f"Bearer {access_token}"}
    try:
        response = client.get(
            address, withhold_token=True, headers=shown, allow_redirects=access_token is None
        )
        response.raise_for_status()
        told = response.json()
    except (requests.RequestException, *_UNREADABLE) as error:
        raise SignOnRefused(SignOnFailure.PROVIDER) from error
    if not isinstance(told, dict):
        raise SignOnRefused(SignOnFailure.PROVIDER)
    return told


def _tokens(client: Any, told: Mapping[str, Any], code: str, verifier: str) -> tuple[str, str]:
    """Return the ID token and the access token for a code."""
    try:
        tokens = client.fetch_token(
            told["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
        )
        both = (tokens["id_token"], tokens["access_token"])
    except (AuthlibBaseError, requests.RequestException, *_UNREADABLE) as error:
        raise SignOnRefused(SignOnFailure.CODE) from error
    if not all(isinstance(each, str) for each in both):
        raise SignOnRefused(SignOnFailure.CODE)
    return both


def _asked_for(client: Any, told: Mapping[str, Any], access_token: str, subject: str) -> Mapping[str, Any]:
    """Return the claims that our scopes ask for, from where the code flow has them (OpenID Connect Core 5.4).

    Nothing, if the provider puts all it says into the token. Another subject's claims prove nothing (5.3.2).
    """
    if _USERINFO not in told:
        return {}
    claims = _get(client, told[_USERINFO], access_token=access_token)
    if claims.get("sub") != subject:
        raise SignOnRefused(SignOnFailure.PROOF)
    return claims


def _proven(
    id_token: str, keys: Mapping[str, Any], provider: Provider, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of the token, once all that OpenID Connect Core 3.1.3.7 asks for holds."""
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims  # type: ignore[arg-type]  # keys as the provider sent them; the library refuses what is none
        rules.validate(claims)
    except (JoseError, *_UNREADABLE) as error:
        raise SignOnRefused(SignOnFailure.PROOF) from error
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if is_shared else provider.client_id) != provider.client_id:
        raise SignOnRefused(SignOnFailure.PROOF)
    return claims
