"""The import contracts hold, and each of them is seen to catch a breach."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.sources import PACKAGES, ROOT, sources

#: What breaks the contracts: their ids, the file that breaks them, the words that do. An import upwards
#: closes a circle as well, where the floor above already stands on the one below.
BREACHES = [
    ("packages", "connectors/ports.py", "import ill_broker"),
    ("packages", "workflows/money.py", "import connectors.failures"),
    ("floors circles", "ill_broker/storage/shelves.py", "import ill_broker.services.members.ladder"),
    ("floors", "ill_broker/api/shelves.py", "import ill_broker.pages"),
    ("floors", "ill_broker/clock.py", "import ill_broker.settings"),
    ("floors", "ill_broker/helpers.py", ""),
    ("rules circles", "workflows/policies/book.py", "import workflows.decisions.decide"),
    ("rules", "workflows/losses/prices.py", "import workflows.loan_clock.fines"),
    ("rules", "workflows/helpers.py", ""),
    (
        "services circles",
        "ill_broker/services/members/directory.py",
        "import ill_broker.services.office.amendments",
    ),
    ("services", "ill_broker/services/people/sessions.py", "import ill_broker.services.discovery.terms"),
    ("services", "ill_broker/services/helpers.py", ""),
    ("pure", "workflows/money.py", "import time"),
    ("pure", "workflows/money.py", "from os import path"),
    ("pure", "workflows/money.py", "import sqlalchemy.orm"),
    ("protocols", "connectors/sru/client.py", "import connectors.webhook"),
    ("protocols plugs circles", "connectors/transport.py", "import connectors.sru.ladder"),
    ("protocols plugs circles", "connectors/forms.py", "import connectors.sru.profile"),
    ("protocols circles", "connectors/connector.py", "import connectors.registry"),
    ("protocols circles", "connectors/registry.py", "import connectors.members"),
    ("protocols", "connectors/utils.py", ""),
    ("rows", "ill_broker/services/members/shelves.py", "import ill_broker.storage.rows"),
    ("plugs", "ill_broker/services/members/shelves.py", "import connectors.sru.client"),
    ("plugs", "ill_broker/api/shelves.py", "import connectors.webhook.codec"),
    ("plugs", "ill_broker/api/shelves.py", "import connectors.koha.keeper"),
    ("plugs", "connectors/members.py", "import connectors.sru.client"),
    ("plugs", "ill_broker/api/shelves.py", "import connectors.manual"),
    ("plugs", "ill_broker/api/shelves.py", "import connectors.certify.parts"),
    ("sandbox", "ill_broker/wiring.py", "import connectors.sandbox"),
    ("circles", "workflows/losses/prices.py", "import workflows.losses.shelves"),
]

#: What a breach may stand on that the service need not have: a file that closes the circle, floors above.
STANDING = {
    "workflows/losses/shelves.py": "import workflows.losses.prices",
    "ill_broker/settings.py": "",
    "ill_broker/services/members/ladder.py": "import ill_broker.storage",
    "ill_broker/pages/__init__.py": "",
    "ill_broker/storage/rows.py": "",
    "ill_broker/wiring.py": "",
    "ill_broker/cli.py": "",
    "ill_broker/demo/__init__.py": "",
    "connectors/manual.py": "",
    "connectors/transport.py": "",
    "connectors/sru/ladder.py": "import connectors.transport",
    "connectors/sru/client.py": "",
    "connectors/webhook/codec.py": "",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the three packages that a test may break, and the contracts beside it."""
    target = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", target)
    for package in PACKAGES:
        for file in sources(package):
            _write(target / file.relative_to(ROOT), file.read_text(encoding="utf-8"))
    for name, words in STANDING.items():
        if not _is_there(target / name):
            _write(target / name, words)
    return target


def _is_there(file: Path) -> bool:
    return file.exists() or (file.with_suffix("") / "__init__.py").exists()


def _write(file: Path, words: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(words, encoding="utf-8")
    package = file.parent
    while package.name and not (package / "pyproject.toml").exists():
        (package / "__init__.py").touch()
        package = package.parent


def _broken_contracts(folder: Path) -> list[str]:
    """Return the names of the contracts that lint-imports finds broken in *folder*."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=folder,
        env={**clean, "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in linted.stdout, linted.stdout + linted.stderr
    return sorted(re.findall(r"^(.+?) BROKEN", linted.stdout, re.MULTILINE))


def _contracts() -> dict[str, str]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {each["id"]: each["name"] for each in told["tool"]["importlinter"]["contracts"]}


def test_every_contract_has_a_breach_that_it_must_catch() -> None:
    assert set(_contracts()) == {each for ids, _, _ in BREACHES for each in ids.split()}


def test_the_packages_keep_every_contract(copy: Path) -> None:
    assert _broken_contracts(copy) == []


@pytest.mark.ci
@pytest.mark.parametrize(("ids", "name", "words"), BREACHES)
def test_a_breach_breaks_its_contract_and_no_other(copy: Path, ids: str, name: str, words: str) -> None:
    file = copy / name
    before = file.read_text(encoding="utf-8") if file.exists() else None
    _write(file, f"{before or ''}\n{words}\n")
    try:
        broken = _broken_contracts(copy)
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")

    assert sorted(_contracts()[each] for each in ids.split()) == broken
