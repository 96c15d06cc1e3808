"""The file of sign-ons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ill_broker.services.people.providers import BadProviders, Claims, read_providers
from workflows.ids import LibraryCode

FILE = """
- library: bjtu
  issuer: https://sso.bjtu.test
  client_id: broker
  client_secret_file: {secret}
  claims: {{card_number: xgh, role: roles, staff: ill-desk}}
"""


def test_providers_are_read_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "providers.yaml").write_text(FILE.format(secret=tmp_path / "secret"))
    provider = read_providers(str(tmp_path / "providers.yaml"))[LibraryCode("bjtu")]

    assert ("s3cret", Claims(card_number="xgh", role="roles", staff="ill-desk")) == (
        provider.client_secret,
        provider.claims,
    )
    assert "s3cret" not in repr(provider)
    assert {} == read_providers("")


@pytest.mark.parametrize(
    "text",
    [
        "- {library: a, issuer: 'http://a.test', client_id: b}",
        "- {library: a}",
        "- {library: a, issuer: 'https://a.test', client_id: b, client_secret: plain}",
        "- {library: a, issuer: 'https://a.test', client_id: b, client_secret_file: /nowhere}",
        "[",
        "- {library: a, issuer: 'https://a.test', client_id: b, called: ''}",
    ],
)
def test_a_faulty_file_of_providers_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(text)
    with pytest.raises(BadProviders, match=r"providers\.yaml"):
        read_providers(str(path))


SHARED = {"issuer": "https://a.test", "client_id": "x", "claims": {"library": "school"}}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"library": "a"}, {"library": "b", "claims": {}}, "a and b share a provider"),
        ({"library": "a", "claims": {}}, {"library": "b", "claims": {}}, "a and b share a provider"),
        ({"library": "a"}, {"library": "b", "claims": {"library": "org"}}, "a and b share a provider"),
        ({"library": "a", "claims": {}}, {"library": "b", "claims": {}, "client_id": "y"}, "a and b share"),
        ({"library": "a", "called": "1"}, {"library": "b", "called": "1"}, "calls both 1"),
        ({"library": "a", "called": "b"}, {"library": "b"}, "calls both b"),
        ({"library": "a"}, {"library": "a", "issuer": "https://b.test"}, "a stands there twice"),
    ],
)
def test_a_file_that_cannot_tell_two_libraries_apart_is_refused(
    tmp_path: Path, one: dict[str, str], other: dict[str, str], why: str
) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(json.dumps([{**SHARED, **one}, {**SHARED, **other}]))
    with pytest.raises(BadProviders, match=why):
        read_providers(str(path))


def test_libraries_that_a_claim_tells_apart_may_share_a_provider(tmp_path: Path) -> None:
    path = tmp_path / "providers.yaml"
    other = {"library": "c", "issuer": "https://c.test", "client_id": "x"}
    path.write_text(
        json.dumps([{**SHARED, "library": "a", "called": "1"}, {**SHARED, "library": "b"}, other])
    )

    assert {"a": "1", "b": "b", "c": "c"} == {
        library: provider.called for library, provider in read_providers(str(path)).items()
    }
