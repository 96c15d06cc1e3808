"""A real OpenID provider on loopback, with a certificate of its own, and a browser to sign on with."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ill_broker import clock
from tests.support.processes import Child

FOLDER = Path(__file__).parent / "openid"
_HOST = "127.0.0.1"
_FORM = re.compile(r'action="([^"]+)"')
_PROMPT = re.compile(r'name="prompt" value="([^"]+)"')
_TIMEOUT = 20


@dataclass(frozen=True)
class Identities:
    """A running provider."""

    issuer: str
    #: the file with the certificate that vouches for it
    certificate: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def identities(
    folder: Path, *, port: int, clients: list[dict[str, Any]], accounts: Mapping[str, Mapping[str, Any]]
) -> Iterator[Identities]:
    """Run the provider for *clients*; it knows *accounts*, by login, and takes any password."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed (Debian: nodejs)")
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is not installed (npm ci --prefix tests/support/openid)")
    certificate, key = _self_signed()
    path = folder / "provider.pem"
    path.write_text(certificate, encoding="utf-8")
    told = folder / "provider.json"
    profile = sorted({name for claims in accounts.values() for name in claims})
    document = {"port": port, "clients": clients, "accounts": accounts, "profile": profile}
    told.write_text(json.dumps({**document, "key": key, "certificate": certificate}), encoding="utf-8")
    with Child("provider.mjs", str(told), program="node", folder=FOLDER) as child:
        yield Identities(child.wait_until_ready()["issuer"], path)


def sign_on(address: str, login: str, provider: Identities, *, language: str = "zh-CN") -> requests.Response:
    """Go to *address* with a new browser, sign on as *login*, consent, and return where that ends."""
    with requests.Session() as browser:
        browser.trust_env = False  # of this machine: a browser knows its own authorities
        browser.verify = str(provider.certificate)
        browser.headers["Accept-Language"] = language
        page = browser.get(address, timeout=_TIMEOUT)
        while page.ok and (form := _FORM.search(page.text)):
            prompt = _PROMPT.search(page.text)
            filled = {"prompt": prompt[1] if prompt else "", "login": login, "password": "any"}
            page = browser.post(urljoin(page.url, unescape(form[1])), data=filled, timeout=_TIMEOUT)
    return page


def _self_signed() -> tuple[str, str]:
    """Return a certificate of this machine, which vouches for itself, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "provider of identities")])
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = {
        "content_commitment": False, "key_encipherment": False, "data_encipherment": False,
        "key_agreement": False, "encipher_only": False, "decipher_only": False,
    }  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(_HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True
        )
        .add_extension(own, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), secret.decode()
