"""A search reaches real member libraries, whatever MARC they speak."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.addresses import ANYWHERE
from connectors.members import ProfileRegistry
from connectors.profiles import Profile
from connectors.sandbox.app import start
from connectors.sandbox.config import Config
from connectors.sandbox.shelf import owners
from connectors.sru.client import SruFinder
from connectors.sru.profile import SruProfile
from ill_broker import clock
from ill_broker.clock import SystemClock
from ill_broker.services.discovery.fan_out import FanOut
from ill_broker.services.discovery.search import Discovery
from ill_broker.services.members.directory import Directory
from ill_broker.settings import Settings
from ill_broker.storage import libraries
from ill_broker.storage.policy_files import builtin_book
from ill_broker.storage.store import Store
from tests.connectors.sandboxes import serving
from tests.ill_broker.services.finders import seen
from workflows.actors import Actor, Role
from workflows.citation import Query
from workflows.ids import LibraryCode
from workflows.libraries import Library

CODES = ("nlc", "pku")
#: a record of the demonstration that both libraries own
RECORD, TITLE, ISBN = "00415784", "认知语言学与汉语名词短语", "9787500423423"
ANN = Actor(Role.PATRON, "pat_ann", LibraryCode("bjtu"))


@pytest.fixture
def registry() -> Iterator[ProfileRegistry]:
    """Two sandbox libraries: one answers in MARC 21, one in CNMARC."""
    with ExitStack() as stack:
        urls = {
            code: stack.enter_context(serving(start(Config(library=code, libraries=CODES, marc=marc))))
            for code, marc in zip(CODES, ("marc21", "cnmarc"), strict=True)
        }
        profiles = {
            code: Profile(library=code, connectors={"sru": SruProfile(f"{url}/sru")})
            for code, url in urls.items()
        }
        yield ProfileRegistry(profiles, now=clock.now, reach=ANYWHERE)


@pytest.fixture
def discovery(registry: ProfileRegistry, migrated_file: Path, tmp_path: Path) -> Iterator[Discovery]:
    shutil.copy(migrated_file, tmp_path / "file.db")
    store = Store.open(f"sqlite:///{tmp_path / 'file.db'}")
    with store.writing() as conn:
        for code in CODES:
            libraries.put(conn, Library(code=LibraryCode(code), name=code, name_zh=code))
    fan_out, settings = FanOut(), Settings(search_seconds=20.0)
    directory = Directory(store, builtin_book())
    yield Discovery(store, SystemClock(), directory, registry, settings, fan_out=fan_out)
    for code in CODES:
        finder = registry.connectors(code).finder
        assert isinstance(finder, SruFinder)
        fan_out.run(finder.target.close()).result(120)
    fan_out.close()
    store.close()


def test_a_han_title_is_one_work_of_a_marc_21_and_a_cnmarc_library(discovery: Discovery) -> None:
    now = clock.now()
    assert CODES == owners(RECORD, CODES)
    for query in (Query(title=TITLE), Query(text="名词短语"), Query(isbn=ISBN)):
        search = discovery.start(query, ANN, now)
        *_, search = seen(discovery.follow(search.id, ANN, now))
        work = search.works()[0]

        assert ["answered", "answered"] == [member.state for member in search.members]
        assert (TITLE, ISBN, CODES) == (work.citation.title, work.citation.isbn, work.libraries)
        assert all(copy.barcode and copy.available is not None for copy in work.holdings)
        assert set(CODES) == {offer.lender for offer in discovery.offers(work, ANN, now)}
