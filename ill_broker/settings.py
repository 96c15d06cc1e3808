"""What can be set from outside, read once; the only place that looks at the environment."""

import os
import re
from dataclasses import dataclass
from email.utils import getaddresses
from ipaddress import ip_network
from typing import Any

from environs import FileAwareEnv, ValidationError, validate

#: the file that holds everything when nothing else is said
EMBEDDED = "sqlite:///var/ill-broker.db"
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The mail server that letters are handed to."""

    host: str = "127.0.0.1"
    port: int = 25
    user: str = ""
    password: str = ""
    #: "none", "starttls" or "tls"
    security: str = "none"
    sender: str = "ill-broker@localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """The gateway that texts are handed to; there is none without an address."""

    url: str = ""
    token: str = ""
    #: "json" or "form"
    encoding: str = "json"
    #: what the gateway calls the number, the text and the text's name
    fields: tuple[str, str, str] = ("to", "text", "id")
    #: what stands in every call beside these
    always: tuple[tuple[str, str], ...] = ()
    #: a field of the answer and what it says if the text was taken; None where the HTTP status says it
    taken: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs from one installation to the next."""

    database_url: str = EMBEDDED
    #: signs what passes through a browser; at least 32 characters where the service is served
    secret_key: str = ""
    #: where patrons reach the service; links in letters and the OpenID call-back start with it
    base_url: str = "http://127.0.0.1:8000"
    mail: Mail = Mail()
    sms: Sms = Sms()
    #: seconds that a federated search waits for its members
    search_seconds: float = 2.0
    session_hours: int = 12
    verification_hours: int = 24
    #: reports that one library may send from one address
    webhooks_per_minute: int = 1200
    #: networks that members' systems may be called in although they are not public, as "10.1.0.0/16"
    allowed_networks: tuple[str, ...] = ()
    #: a YAML file with the OpenID Connect providers (see services/people/providers.py)
    providers: str = ""
    #: makes password hashes fast and weak, for tests and the demonstration
    cheap_passwords: bool = False
    metrics_folder: str = ""
    log_level: str = "info"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    #: proxies in front whose X-Forwarded headers are believed
    proxies: int = 0
    #: a file that scripts the service's clock, for the demonstration (see clock.py)
    clock_file: str = ""
    #: a folder with what the demonstration tells on a page of its own (see demo/stage.py)
    demonstration: str = ""

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the service over TLS."""
        return self.base_url.startswith("https://")


def read_settings(*, serving: bool = False) -> Settings:
    """Read the settings from ``ILL_...`` variables; ``ILL_..._FILE`` names a file that holds the value.

    :param serving: a secret key is needed, for the web and for a worker's letters with links
    :raises environs.EnvValidationError: naming every fault at once
    """
    env = FileAwareEnv(eager=False, prefix="ILL_", strip_whitespace=True)
    values: dict[str, Any] = {
        "database_url": env.str("DATABASE_URL", EMBEDDED),
        "secret_key": _secret_key(env, serving=serving),
        "base_url": env.str(
            "BASE_URL", "http://127.0.0.1:8000", validate=validate.Regexp(r"https?://[^/]+\Z")
        ),
        "search_seconds": env.float("SEARCH_SECONDS", 2.0, validate=validate.Range(min=0.1, max=60)),
        "session_hours": env.int("SESSION_HOURS", 12, validate=validate.Range(min=1, max=24 * 30)),
        "verification_hours": env.int("VERIFICATION_HOURS", 24, validate=validate.Range(min=1)),
        "webhooks_per_minute": env.int("WEBHOOKS_PER_MINUTE", 1200, validate=validate.Range(min=1)),
        "allowed_networks": _allowed_networks(env),
        "providers": env.str("OPENID_PROVIDERS", ""),
        "cheap_passwords": env.str("PASSWORD_COST", "normal", validate=_COST) == "cheap",
        "log_level": env.str("LOG_LEVEL", "info", validate=validate.OneOf(_LEVELS)),
        "host": env.str("HOST", "127.0.0.1"),
        "port": env.int("PORT", 8000, validate=validate.Range(min=0, max=65535)),
        "workers": env.int("WORKERS", 1, validate=validate.Range(min=1, max=256)),
        "clock_file": env.str("CLOCK_FILE", ""),
        "demonstration": env.str("DEMONSTRATION", ""),
        "proxies": env.int("PROXIES", 0, validate=validate.Range(min=0, max=5)),
    }
    mail, sms = _mail(env), _sms(env)
    env.seal()
    return Settings(
        **values,
        mail=Mail(**mail),
        sms=Sms(**sms),
        metrics_folder=os.environ.get(_METRICS, ""),
    )


def share_metrics(folder: str) -> None:
    """Let every process that is started from here count into *folder*."""
    os.environ[_METRICS] = folder


_SECRET_LENGTH = 32


def _is_long(key: str) -> None:
    if len(key) < _SECRET_LENGTH:
        raise ValidationError(f"Set it to {_SECRET_LENGTH} characters or more, as from: openssl rand -hex 32")


_LEVELS = ("debug", "info", "warning", "error")
_MAILBOX = re.compile(r"[!-?A-~]+@[0-9A-Za-z][0-9A-Za-z.-]*")
_COST = validate.OneOf(("normal", "cheap"))


def _secret_key(env: FileAwareEnv, *, serving: bool) -> str:
    if serving:
        return env.str("SECRET_KEY", validate=_is_long)
    return env.str("SECRET_KEY", "")


def _mail(env: FileAwareEnv) -> dict[str, Any]:
    return {
        "host": env.str("SMTP_HOST", "127.0.0.1"),
        "port": env.int("SMTP_PORT", 25, validate=validate.Range(min=1, max=65535)),
        "user": env.str("SMTP_USER", ""),
        "password": env.str("SMTP_PASSWORD", ""),
        "security": env.str("SMTP_SECURITY", "none", validate=validate.OneOf(("none", "starttls", "tls"))),
        "sender": env.str("MAIL_SENDER", "ill-broker@localhost", validate=_only_a_mailbox),
    }


def _only_a_mailbox(told: str) -> None:
    """Refuse what would make every letter malformed; a domain of other letters is given as ``xn--``."""
    addresses = [address for _, address in getaddresses([told])]
    if len(addresses) != 1 or _MAILBOX.fullmatch(addresses[0]) is None or not told.isprintable():
        raise ValidationError("Not an address, as in: Library <ill@library.example>")


def _sms(env: FileAwareEnv) -> dict[str, Any]:
    named: dict[str, str] = env.dict("SMS_FIELDS", {}, validate=_only_names)
    taken = env.str("SMS_TAKEN", "", validate=validate.Regexp(r"([^=]+=.+)?\Z")) or ""  # None: a fault
    field, _, value = taken.partition("=")
    return {
        "url": env.str("SMS_URL", "", validate=validate.Regexp(r"(https?://.+)?\Z")),
        "token": env.str("SMS_TOKEN", ""),
        "encoding": env.str("SMS_ENCODING", "json", validate=validate.OneOf(("json", "form"))),
        "fields": tuple((named or {}).get(name, name) for name in _SMS_FIELDS),
        "always": tuple(sorted((env.dict("SMS_ALWAYS", {}) or {}).items())),
        "taken": (field, value) if field else None,
    }


def _allowed_networks(env: FileAwareEnv) -> tuple[str, ...]:
    told: list[str] | None = env.list("ALLOWED_NETWORKS", [], validate=_only_networks)  # None: a fault
    return tuple(each.strip() for each in told or ())


def _only_networks(told: list[str]) -> None:
    try:
        for each in told:
            ip_network(each.strip())
    except ValueError as error:
        raise ValidationError(f"Not a network: {error}") from error


_SMS_FIELDS = ("to", "text", "id")


def _only_names(named: dict[str, str]) -> None:
    if not named.keys() <= set(_SMS_FIELDS):
        raise ValidationError(f"Names for {', '.join(_SMS_FIELDS)} only.")
