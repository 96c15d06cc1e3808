"""The operator's commands for members' connectors: profiles, passwords, trials."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from environs import EnvValidationError

from connectors.addresses import Reach
from connectors.ports import PatronDirectory
from ill_broker import clock, wiring
from ill_broker.admin_cli import members
from ill_broker.settings import Settings, read_settings
from ill_broker.storage import libraries
from ill_broker.storage.store import Store
from tests.factories import PKU, SZUTL, a_library
from tests.support import ncip, stored


@pytest.fixture
def store(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    path = tmp_path / "ill.db"
    shutil.copy(migrated_file, path)
    monkeypatch.setenv("ILL_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("ILL_ALLOWED_NETWORKS", "127.0.0.0/8")
    with Store.open(f"sqlite:///{path}") as opened:
        with opened.writing() as conn:
            libraries.put(conn, a_library(PKU), {})
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pku.yaml"


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(members, arguments, input=typed)


def connectors_of(store: Store) -> dict[str, object]:
    with store.reading() as conn:
        return stored.connectors_of(conn, PKU)


def test_a_profile_is_read_from_a_file_and_tried(store: Store, file: Path) -> None:
    with ncip.served(ncip.LocalSystem()) as system:
        file.write_text(f"ncip: {{url: '{system.url}', our_agency: us, their_agency: pku}}", encoding="utf-8")
        changed = run("connectors", "pku", str(file))
        tried = run("test", "pku")
    gone = run("test", "pku")

    assert (0, 0, 1) == (changed.exit_code, tried.exit_code, gone.exit_code)
    assert {"ncip"} == connectors_of(store).keys()
    told = json.loads(tried.output)
    assert ("ncip", "ok", "looks up patrons") == (told["connector"], told["outcome"], told["detail"])
    assert "failed" == json.loads(gone.output)["outcome"]


def test_a_profile_with_faults_changes_nothing(store: Store, file: Path) -> None:
    file.write_text("sru: {url: 'http://169.254.169.254/sru'}", encoding="utf-8")
    result = run("connectors", "pku", str(file))

    assert 1 == result.exit_code
    assert "Error: FaultyConnectors: " in result.output
    assert {} == connectors_of(store)


def test_members_are_not_loaded_with_a_faulty_profile(store: Store, file: Path) -> None:
    file.write_text("- {code: pku, name: P, name_zh: P, connectors: {gopher: {}}}", encoding="utf-8")
    result = run("load", str(file))

    assert 1 == result.exit_code
    assert "[0].connectors.gopher: unknown_field" in result.output
    assert {} == connectors_of(store)


@pytest.mark.parametrize(
    "command", [("test", "atlantis"), ("secret", "atlantis", "--name", "x", "--set", "y")]
)
def test_a_library_that_is_none_is_refused(store: Store, command: tuple[str, ...]) -> None:
    assert "Error: Unknown" in run(*command).output


def test_a_password_is_asked_for_and_kept_under_its_name(store: Store) -> None:
    for secret in ("first", "second", "first"):
        result = run("secret", "pku", "--name", "sip2", typed=f"{secret}\n")

        assert 0 == result.exit_code, result.output
        assert secret not in result.output
    with store.reading() as conn:
        assert {PKU: {"sip2": "first"}} == libraries.all_secrets(conn, now=clock.now())


@pytest.mark.parametrize("name", ["Sip 2", "outbound", "inbound"])
def test_a_password_has_a_name_of_its_own(store: Store, name: str) -> None:
    assert "Error: BadSecret" in run("secret", "pku", "--name", name, "--set", "x").output


def test_what_cannot_be_read_of_one_library_keeps_no_other_from_being_reached(store: Store) -> None:
    url = "https://x.example/ncip"
    with store.writing() as conn:
        libraries.set_connectors(conn, PKU, {"gopher": {}})
        told = {"ncip": {"url": url, "our_agency": "us", "their_agency": "x"}}
        libraries.put(conn, a_library(SZUTL), told)
    registry = wiring.LiveRegistry(store)
    patrons: PatronDirectory | None = registry.connectors("szutl").patrons

    assert patrons is not None
    assert {"ask": "by_hand"} == registry.connectors("pku").served_by


def test_where_members_may_be_called_is_the_operators_to_say() -> None:
    allowed = wiring.reach_of(Settings(allowed_networks=("10.0.0.0/8",)))

    assert ("10.1.1.1",) == allowed.addresses("pku", "10.1.1.1", 80)
    assert Reach() == wiring.reach_of(Settings())


def test_a_network_in_the_settings_has_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ILL_ALLOWED_NETWORKS", "10.0.0.0/8, fd00::/8")
    read = read_settings().allowed_networks
    monkeypatch.setenv("ILL_ALLOWED_NETWORKS", "10.0.0.1/8")

    assert read == ("10.0.0.0/8", "fd00::/8")
    with pytest.raises(EnvValidationError, match=r"Not a network: 10\.0\.0\.1/8 has host bits set"):
        read_settings()
