"""The set-up that both commands run first."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def place(tmp_path: Path) -> SimpleNamespace:
    """The script's functions, living in a copy of the project without packages."""
    for name in ("tools/bootstrap.py", "pyproject.toml", "requirements/dev.txt", "requirements/runtime.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    return SimpleNamespace(root=tmp_path, **runpy.run_path(str(tmp_path / "tools/bootstrap.py")))


def _install(place: SimpleNamespace, name: str) -> None:
    place.stamp_file(name).write_text(place.stamp(name))


def test_what_was_installed_is_not_installed_again(place: SimpleNamespace) -> None:
    _install(place, "runtime")

    assert place.is_ready("runtime")


def test_the_set_for_development_contains_what_runs(place: SimpleNamespace) -> None:
    _install(place, "dev")

    assert place.is_ready("runtime")


def test_what_runs_is_not_enough_for_development(place: SimpleNamespace) -> None:
    _install(place, "runtime")

    assert not place.is_ready("dev")


@pytest.mark.parametrize("changed", ["requirements/dev.txt", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_anew(place: SimpleNamespace, changed: str) -> None:
    _install(place, "dev")
    with (place.root / changed).open("a") as file:
        file.write("# another word\n")

    assert not place.is_ready("dev")


def test_a_python_that_is_gone_is_noticed(place: SimpleNamespace) -> None:
    _install(place, "dev")
    (place.root / ".venv/bin/python").unlink()
    (place.root / ".venv/bin/python").symlink_to(place.root / "gone")

    assert not place.is_ready("dev")


def test_an_unknown_set_is_refused(place: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.main(["everything"]) == 2
    assert "runtime|dev" in capsys.readouterr().err


def test_a_python_that_is_too_old_is_told(
    place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    assert place.main(["dev"]) == 1
    assert "Python 3.11 to 3.14" in capsys.readouterr().err
