#!/usr/bin/env python3
"""Make .venv ready: every pinned package, and the project itself in place.

Runs on a bare python3 with pip, without ensurepip, before anything is installed: standard library only,
and no syntax newer than the oldest Python that should still read the refusal below.

    python3 tools/bootstrap.py runtime|dev
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST, NEWEST = (3, 11), (3, 14)

#: A set of packages is also satisfied by the sets that contain it.
SATISFIED_BY = {"runtime": ("runtime", "dev"), "dev": ("dev",)}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in SATISFIED_BY:
        print("usage: bootstrap.py " + "|".join(SATISFIED_BY), file=sys.stderr)
        return 2
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        print("Python 3.11 to 3.14 is needed, this is " + sys.version.split()[0], file=sys.stderr)
        return 1
    wanted = arguments[0]
    with alone():
        if not is_ready(wanted):
            install(wanted)
    return 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second `make` in the same folder waiting until the first one is through."""
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_ready(wanted: str) -> bool:
    """Say whether .venv was made from these very locks by this very Python."""
    return works() and any(
        stamp_file(name).is_file() and stamp_file(name).read_text() == stamp(name)
        for name in SATISFIED_BY[wanted]
    )


def works() -> bool:
    return answers(PYTHON, "-c", "")


def answers(python: Path, *arguments: str) -> bool:
    try:
        return subprocess.run([python, *arguments], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def stamp(name: str) -> str:
    told = hashlib.sha256(sys.version.encode())
    for part in (lock_file(name), ROOT / "pyproject.toml", Path(__file__)):
        told.update(part.read_bytes())
    return told.hexdigest()


def stamp_file(name: str) -> Path:
    return VENV / f".{name}.stamp"


def lock_file(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def install(name: str) -> None:
    print(f"Setting up .venv ({name}) ...", file=sys.stderr)
    for stale in SATISFIED_BY:
        stamp_file(stale).unlink(missing_ok=True)
    make_environment()
    pip("install", "--only-binary", ":all:", "--require-hashes", "-r", str(lock_file(name)))
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
    stamp_file(name).write_text(stamp(name))


def make_environment() -> None:
    """Make .venv with pip in it; Debian and Ubuntu ship python3 without ensurepip, but with pip."""
    # Links that point to a Python that is gone would be kept, so they go first.
    if not works():
        for link in (VENV / "bin").glob("python*"):
            link.unlink()
    venv.EnvBuilder(with_pip=False, symlinks=True).create(VENV)
    if has_pip(PYTHON):
        return
    if has_pip(Path(sys.executable)):
        run(sys.executable, "-m", "pip", "--python", str(PYTHON), "-qq", "install", "pip")
    else:
        run(str(PYTHON), "-m", "ensurepip")


def has_pip(python: Path) -> bool:
    return answers(python, "-m", "pip", "--version")


def pip(*arguments: str) -> None:
    run(str(PYTHON), "-m", "pip", "-qq", *arguments)


def run(*command: str) -> None:
    """Run *command* or end with a word about what failed.

    :raises SystemExit: if the command fails
    """
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    if subprocess.run(command, env=environment, check=False).returncode:
        hint = "; on Debian: apt-get install python3-pip" if "ensurepip" in command else ""
        sys.exit(f"bootstrap: this failed: {' '.join(command)}{hint}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
