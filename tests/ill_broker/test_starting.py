"""What cannot be started says in one line why."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ill_broker.cli import main


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize(
    ("key", "told"),
    [
        (None, "Error: ILL_SECRET_KEY: Environment variable not set.\n"),
        ("short", "Error: ILL_SECRET_KEY: Set it to 32 characters or more, as from: openssl rand -hex 32\n"),
    ],
)
def test_a_missing_secret_key_is_one_line(
    command: str, key: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ILL_SECRET_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("ILL_SECRET_KEY", key)
    result = CliRunner().invoke(main, [command])

    assert (1, told) == (result.exit_code, result.output)


def test_a_file_of_sign_ons_that_cannot_be_used_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "providers.yaml").write_text("[")
    monkeypatch.setenv("ILL_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("ILL_OPENID_PROVIDERS", str(tmp_path / "providers.yaml"))
    result = CliRunner().invoke(main, ["serve"])

    assert 1 == result.exit_code
    assert 1 == result.output.count("\n")
    assert result.output.startswith(f"Error: {tmp_path / 'providers.yaml'}: ")
