"""The only chance: ids, numbers for the desk, tokens and secrets."""

import secrets
from base64 import b64encode
from datetime import datetime
from hashlib import sha256

#: Crockford's base 32 in ascending order, so that texts sort as their numbers do
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_DIGITS = 10
_TAIL_DIGITS = 7

#: what nobody mistakes for another when it is read out or written by hand
_PLAIN = "ACDEFGHJKMNPQRTVWXY2346789"
_NUMBER_HEAD, _NUMBER_TAIL = 4, 2

_TOKEN_BYTES = 32
#: of a password that somebody types off a sheet of paper: 75 bits
_GROUPS, _GROUP = 4, 4


def new_id(prefix: str, now: datetime) -> str:
    """Return an id like ``req_01jd7m3k9x4t2v8cq``: of two, the one of the earlier millisecond sorts first.

    The last seven of the seventeen digits are chance.
    """
    tail = secrets.randbits(5 * _TAIL_DIGITS)
    return first_id(prefix, now) + _base32(tail, _TAIL_DIGITS)


def first_id(prefix: str, since: datetime) -> str:
    """Return what sorts right before every id that is made from this millisecond on."""
    return f"{prefix}_{_base32(int(since.timestamp() * 1000), _TIME_DIGITS)}"


def desk_number() -> str:
    """Return a short number like ``K7M2-93``.

    There are 26**6 of them: the storage refuses one that is taken, and a second draw heals it.
    """
    drawn = "".join(secrets.choice(_PLAIN) for _ in range(_NUMBER_HEAD + _NUMBER_TAIL))
    return f"{drawn[:_NUMBER_HEAD]}-{drawn[_NUMBER_HEAD:]}"


def first_password() -> str:
    """Return a password to be typed off paper, like ``K7M2-93XY-ACDE-4RTW``, that nobody guesses."""
    return "-".join("".join(secrets.choice(_PLAIN) for _ in range(_GROUP)) for _ in range(_GROUPS))


def token(prefix: str = "") -> str:
    """Return a secret of 256 bits that fits into a URL and a header."""
    return prefix + secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(text: str) -> str:
    """Return what is stored of a token: it finds the token's row and does not give the token away."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def webhook_secret() -> str:
    """Return a signing secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode()


def _base32(number: int, digits: int) -> str:
    return "".join(_BASE32[number >> shift & 31] for shift in range(5 * (digits - 1), -1, -5))
