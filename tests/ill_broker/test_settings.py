"""What can be set from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from environs import EnvValidationError

from ill_broker.settings import Settings, Sms, read_settings, share_metrics


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("ILL_", "PROMETHEUS_"))]:
        monkeypatch.delenv(name)


def test_nothing_needs_to_be_set_to_look_at_the_service() -> None:
    assert Settings() == read_settings()


def test_serving_needs_a_key_to_sign_with() -> None:
    with pytest.raises(EnvValidationError) as caught:
        read_settings(serving=True)

    assert ["ILL_SECRET_KEY"] == list(caught.value.error_messages)


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ILL_PORT", "eighty")
    monkeypatch.setenv("ILL_BASE_URL", "https://broker.test/path")
    monkeypatch.setenv("ILL_SECRET_KEY", "short")
    monkeypatch.setenv("ILL_SMTP_SECURITY", "hope")
    with pytest.raises(EnvValidationError) as caught:
        read_settings(serving=True)

    assert {"ILL_PORT", "ILL_BASE_URL", "ILL_SECRET_KEY", "ILL_SMTP_SECURITY"} == set(
        caught.value.error_messages
    )


@pytest.mark.parametrize(
    "sender",
    ["nobody", "a@b, c@d", "library of ours@lib.example", "ill@图书馆.example", "a@b\nBcc: c@d", "<>"],
)
def test_a_sender_that_would_make_every_letter_malformed_is_refused(
    monkeypatch: pytest.MonkeyPatch, sender: str
) -> None:
    monkeypatch.setenv("ILL_MAIL_SENDER", sender)
    with pytest.raises(EnvValidationError) as caught:
        read_settings()

    assert {"ILL_MAIL_SENDER"} == set(caught.value.error_messages)


@pytest.mark.parametrize("sender", ["ill@lib.example", "图书馆 <ill@lib.example>", '"A, B" <ill@xn--fiq.cn>'])
def test_a_library_may_sign_its_letters_by_name(monkeypatch: pytest.MonkeyPatch, sender: str) -> None:
    monkeypatch.setenv("ILL_MAIL_SENDER", sender)

    assert sender == read_settings().mail.sender


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 32 + "\n")
    monkeypatch.setenv("ILL_SECRET_KEY_FILE", str(tmp_path / "key"))

    assert "k" * 32 == read_settings(serving=True).secret_key


def test_processes_that_are_started_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "before")
    share_metrics("together")

    assert "together" == read_settings().metrics_folder


@pytest.mark.parametrize(("url", "is_secure"), [("https://broker.test", True), ("http://broker.test", False)])
def test_the_address_tells_whether_browsers_come_by_tls(url: str, *, is_secure: bool) -> None:
    assert is_secure is Settings(base_url=url).is_secure


def test_a_gateway_is_described_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "URL": "https://sms.test/send",
        "TOKEN": "t",
        "ENCODING": "form",
        "FIELDS": "to=mobile,id=uid",
        "ALWAYS": "sign=ILL",
        "TAKEN": "code=0",
    }.items():
        monkeypatch.setenv(f"ILL_SMS_{name}", value)

    assert (
        Sms(
            url="https://sms.test/send",
            token="t",
            encoding="form",
            fields=("mobile", "text", "uid"),
            always=(("sign", "ILL"),),
            taken=("code", "0"),
        )
        == read_settings().sms
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("URL", "sms.test"), ("ENCODING", "xml"), ("FIELDS", "body=text"), ("TAKEN", "code")],
)
def test_a_gateway_that_cannot_be_meant_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ILL_SMS_{name}", value)
    with pytest.raises(EnvValidationError) as caught:
        read_settings()

    assert [f"ILL_SMS_{name}"] == list(caught.value.error_messages)
