"""Clients that are generated from openapi.yaml: they can be made, and walk from registering to returning."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.generated import ROOT, Generated, generate
from tests.journeys.story import SCENARIOS, Story
from tests.journeys.world import World

pytestmark = pytest.mark.ci
TYPES = ROOT / "tests/support/typescript/node_modules/.bin"


class ByGenerated(World):
    """The same world, spoken to by the generated client."""

    called: set[str]

    @property
    def anybody(self) -> Generated:
        return Generated(self.url, called=self.called)


def test_a_generated_python_client_walks_from_registering_to_returned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints = generate(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with ByGenerated(tmp_path, f"sqlite:///{tmp_path / 'broker.db'}", SCENARIOS) as world:
        world.called = set()
        told = Story(world).told()

    assert ["POST /api/v1/iso18626"] == _left_out(complaints), "its messages are XML"
    assert ("closed", "completed") == (told.request["status"], told.request["outcome"])
    assert {
        "register_patron",
        "verify_email",
        "open_session",
        "begin_search",
        "show_search",
        "submit_request",
        "scan_arrival",
        "request_notification",
        "request_handover",
        "request_return",
        "request_shipment",
        "show_timeline",
        "show_explanation",
        "show_rota",
    } <= world.called


def test_typescript_is_written_out_of_the_contract_and_compiles(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed (Debian: nodejs)")
    if not (TYPES / "openapi-typescript").exists():
        pytest.skip("openapi-typescript is not installed (npm ci --prefix tests/support/typescript)")
    made = tmp_path / "contract.ts"
    caller = tmp_path / "caller.ts"
    caller.write_text(
        'import type { components, operations } from "./contract";\n'
        'type Wish = operations["submit_request"]["requestBody"]["content"]["application/json"];\n'
        'export const wish: Wish = { search: "srch_1", work: "wrk_1" };\n'
        'export const dueOf = (seen: components["schemas"]["RequestOut"]): string | null => seen.due;\n',
        encoding="utf-8",
    )
    # what has a default may be left out
    optional = ("--default-non-nullable", "false")
    _run("openapi-typescript", str(ROOT / "openapi.yaml"), "--output", str(made), *optional)
    _run("tsc", "--strict", "--noEmit", "--target", "es2022", "--moduleResolution", "node", str(caller))

    assert "submit_request" in made.read_text(encoding="utf-8")


def _left_out(complaints: str) -> list[str]:
    return re.findall(r"WARNING parsing (\S+ \S+)", complaints)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [TYPES / program, *arguments],
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
