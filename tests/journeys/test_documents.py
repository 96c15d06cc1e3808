"""The commands of README and the pages, run as they stand; only the ports are others."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from ill_broker import clock, mint
from ill_broker.demo.consortium import PASSWORD
from ill_broker.services.passwords import Passwords
from ill_broker.settings import EMBEDDED
from ill_broker.storage import people
from ill_broker.storage.people import Enrolment
from tests.journeys.world import World
from tests.support.openid import free_port
from tests.support.sources import ROOT
from workflows.ids import LibraryCode, PatronId
from workflows.patrons import Patron

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: each command starts Python anew
_SECONDS = 900
pytestmark = [pytest.mark.ci, pytest.mark.timeout(_SECONDS + 60)]


def test_the_curl_lines_of_the_readme_run_one_after_another(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'broker.db'}"
    with World(tmp_path, database, {"pku": "accepts", "nlc": "accepts"}) as world:
        _enrol_the_demonstrations_patron(world)
        commands = "\n".join(_commands("README.md")).replace(
            "localhost:8000", world.url.removeprefix("http://")
        )
        told = _run('curl() { command curl --fail-with-body "$@"; }\n' + commands, tmp_path)

    assert re.search(r'"reason":', told)


def test_a_fresh_deployment_of_three_libraries_is_what_the_page_says(tmp_path: Path) -> None:
    commands = "\n".join(_commands("docs/start.md"))
    for port in ("8000", "8101", "2525"):
        commands = re.sub(rf"\b{port}\b", str(free_port()), commands)
    told = _run(commands, tmp_path)

    said = [line for line in told.splitlines() if not line.startswith(("{", "["))]
    *_, arrived, notified, due, why, returned = said

    assert ["bjtu", "pku", "cufe"] == said[:3]
    assert ("arrived", "notified", "returned") == (arrived, notified, returned)
    assert "{0.year}年{0.month}月{0.day}日".format(date.fromisoformat(due)) in why


def test_the_commands_for_the_years_after_run_on_a_new_database(tmp_path: Path) -> None:
    commands = "\n".join(["ill-broker migrate", *_commands("docs/operate.md")])
    told = _run(commands, tmp_path, {"ILL_DATABASE_URL": EMBEDDED})

    assert "" == told
    assert (tmp_path / "backup.db").is_file()


def test_the_page_of_rules_has_a_loan_explained_and_the_policies_checked(tmp_path: Path) -> None:
    told = _run("\n".join(_commands("docs/policies.md")), tmp_path)

    assert "2025年4月3日" in told
    assert told.endswith(" 0 faults\n")


def test_a_sandbox_is_started_and_certified_as_the_page_for_partners_says(tmp_path: Path) -> None:
    *_, commands = _commands("docs/connect.md")
    told = _run(commands.replace("8101", str(free_port())), tmp_path)

    assert "10 conforms, 0 does not conform" in told


def _commands(page: str) -> list[str]:
    return _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def _run(commands: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run commands in a shell that ends at the first that fails, with everything that it has started."""
    for program in ("bash", "curl", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (folder / "told").open("w+", encoding="utf-8") as told:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=folder,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            shell.wait(_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
            text = (folder / "told").read_text(encoding="utf-8")

    assert 0 == shell.returncode, text
    return text


def _enrol_the_demonstrations_patron(world: World) -> None:
    now = clock.now()
    patron = Patron(
        id=PatronId(mint.new_id("pat", now)),
        home=LibraryCode("bjtu"),
        name="李华",
        card_number="20260001",
        mobile="+8613800138000",
        email="li.hua@bjtu.example",
        verified_at=now,
    )
    password_hash = Passwords(cheap=True).choose(PASSWORD, about=())
    with world.store.writing() as conn:
        people.enrol(conn, Enrolment(patron=patron, password_hash=password_hash, created_at=now))
