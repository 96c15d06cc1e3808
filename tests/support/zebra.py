"""Zebra and YAZ's test server: real targets of Z39.50 and SRU on loopback, over records of this project."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.sandbox.shelf import records

_TABLES = Path("/usr/share/idzebra-2.0/tab")
_START = 120.0

#: Registers, and where Zebra's own tables lie.
_ZEBRA = """profilePath: .:{tables}
modulePath: {modules}
recordType: grs.marc.ill
attset: bib1.att
encoding: utf-8
storekeys: 1
storedata: 1
recordId: (bib1,Local-number)
register: register:200M
shadow: shadow:50M
lockDir: lock
setTmpDir: temp
"""

#: What of a MARC 21 record can be searched; the title in its own script stands in 880.
_INDEXES = """name ill
reference USmarc
attset bib1.att
tagset usmarc.tag
marc usmarc.mar
esetname F @
encoding utf-8
xelm /*/001 Local-number:w,Local-number:p
xelm /*/020/*/a ISBN:w,Any:w
xelm /*/022/*/a ISSN:w,Any:w
xelm /*/100/*/a Author:w,Any:w
xelm /*/245/*/a Title:w,Any:w
xelm /*/245/*/b Title:w,Any:w
xelm /*/880/*/a Title:w,Author:w,Any:w
xelm /*/880/*/b Title:w,Any:w
"""

#: How the words of CQL are attributes of Bib-1.
_CQL = """set.cql = info:srw/cql-context-set/1/cql-v1.2
set.dc = info:srw/cql-context-set/1/dc-v1.1
set.bath = http://zing.z3950.org/cql/bath/2.0/
set = info:srw/cql-context-set/1/dc-v1.1
index.cql.serverChoice = 1=1016
index.dc.title = 1=4
index.dc.creator = 1=1003
index.bath.isbn = 1=7
index.bath.issn = 1=8
relation.eq = 2=3
relation.scr = 2=3
relation.all = 2=3
relationModifier.relevant = 2=102
structure.* = 4=6
structure.all = 4=6
position.any = 3=3 6=1
always =
"""

_EXPLAIN = """<explain xmlns="http://explain.z3950.org/dtd/2.0/">
<serverInfo protocol="SRU" version="1.2"><host>127.0.0.1</host><port>{port}</port>
<database>Default</database></serverInfo>
<indexInfo><set name="dc" identifier="info:srw/cql-context-set/1/dc-v1.1"/>
<index><map><name set="cql">serverChoice</name></map></index>
<index><map><name set="dc">title</name></map></index>
<index><map><name set="dc">creator</name></map></index>
<index><map><name set="bath">isbn</name></map></index>
</indexInfo>
<schemaInfo><schema name="marcxml" identifier="info:srw/schema/1/marcxml-v1.1"><title>M</title></schema>
</schemaInfo>
</explain>"""

_SERVER = """<yazgfs><listen id="main">tcp:127.0.0.1:{port}</listen>
<server id="main" listenref="main"><directory>{folder}</directory><config>zebra.cfg</config>
<cql2rpn>pqf.properties</cql2rpn>
{explain}
<retrievalinfo>
<retrieval syntax="usmarc"/>
<retrieval syntax="xml" name="marcxml" identifier="info:srw/schema/1/marcxml-v1.1">
<backend syntax="usmarc" name="F">
<marc inputformat="marc" outputformat="marcxml" inputcharset="utf-8"/></backend>
</retrieval>
</retrievalinfo></server></yazgfs>"""


@dataclass(frozen=True)
class Target:
    """A server of Z39.50 and SRU."""

    port: int
    host: str = "127.0.0.1"
    #: How many records it has, where that is known.
    size: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/Default"


@pytest.fixture(scope="module")
def zebra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Run Zebra over every eighth of the project's records."""
    yield from _zebra(tmp_path_factory.mktemp("zebra"), list(records())[::8])


@pytest.fixture(scope="module")
def zebra_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Run Zebra over all the project's records."""
    yield from _zebra(tmp_path_factory.mktemp("zebra"), list(records()))


@pytest.fixture(scope="module")
def yaz_ztest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Run the test server of YAZ: it finds something for every query, in MARC 21 and in the OPAC form."""
    _needs("yaz-ztest")
    port = _free_port()
    command = ["yaz-ztest", "-v", "none", f"tcp:127.0.0.1:{port}"]
    with _running(command, tmp_path_factory.mktemp("ztest"), port):
        yield Target(port)


def _zebra(folder: Path, raw: Iterable[bytes]) -> Iterator[Target]:
    for program in ("zebrasrv", "zebraidx"):
        _needs(program)
    port = _free_port()
    size = _indexed(folder, raw, port)
    command = ["zebrasrv", "-f", "server.xml", "-v", "none"]
    with _running(command, folder, port):
        yield Target(port, size=size)


def _needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (Debian: idzebra-2.0, yaz)")


def _indexed(folder: Path, raw: Iterable[bytes], port: int) -> int:
    """Write configuration and records, and index them; return how many there are."""
    for name in ("register", "shadow", "lock", "temp", "records"):
        (folder / name).mkdir()
    modules = next(Path("/usr/lib").glob("**/idzebra-2.0/modules"), Path("/usr/lib/idzebra-2.0/modules"))
    texts = {
        "zebra.cfg": _ZEBRA.format(tables=_TABLES, modules=modules),
        "ill.abs": _INDEXES,
        "default.idx": (_TABLES / "icu.idx").read_text(encoding="utf-8"),
        "pqf.properties": _CQL,
        "server.xml": _SERVER.format(port=port, folder=folder, explain=_EXPLAIN.format(port=port)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    packed = [record + b"\x1d" for record in raw]
    (folder / "records" / "all.mrc").write_bytes(b"".join(packed))
    for step in (["init"], ["update", "records"], ["commit"]):
        subprocess.run(["zebraidx", "-l", "log", *step], cwd=folder, check=True, capture_output=True)
    return len(packed)


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
        try:
            _await(process, port)
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen, exit {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
