"""The file of sign-ons."""

from __future__ import annotations

from pathlib import Path

import pytest

from ill_broker.services.providers import BadProviders, Claims, read_providers
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
    ],
)
def test_a_faulty_file_of_providers_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(text)
    with pytest.raises(BadProviders, match=r"providers\.yaml"):
        read_providers(str(path))
