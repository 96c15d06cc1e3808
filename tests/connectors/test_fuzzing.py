"""Every reader fed with spoilt input; `python -m tests.fuzzing` does it as long as you like."""

from __future__ import annotations

import os
from itertools import count

import pytest

from tests.fuzzing.readers import Reader, readers
from tests.fuzzing.run import feed

#: inputs for each reader; ILL_FUZZ=20000 in CI
INPUTS = int(os.environ.get("ILL_FUZZ", "250"))


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_spoilt_input_ends_in_no_error_but_the_readers_own(reader: Reader) -> None:
    tally, found = feed(reader, range(INPUTS))

    assert found is None, str(found)
    assert tally.read > 0


@pytest.mark.reference
@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_spoilt_answers_of_real_systems_end_in_no_error_but_the_readers_own(reader: Reader) -> None:
    _, found = feed(reader, range(INPUTS))

    assert found is None, str(found)


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_what_is_spoilt_could_be_read_before(reader: Reader) -> None:
    reader.read(reader.samples[0])  # what it cannot read, it refuses


def test_an_error_that_is_not_the_readers_own_is_found_again_by_its_seed() -> None:
    def read(data: bytes) -> None:
        if b"9" in data:
            raise KeyError("9")

    weak = Reader("weak", read, (ValueError,), (b"1234",))
    _, found = feed(weak, count(7))

    assert found is not None
    assert "KeyError" in found.complaint
    assert found.data == _again(weak, found.seed)


def test_input_that_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzzing.run.PATIENCE", -1.0)
    _, found = feed(Reader("slow", len, (), (b"1",)), range(1))

    assert found is not None
    assert found.complaint.startswith("took")


def _again(reader: Reader, seed: int) -> bytes:
    _, found = feed(reader, (seed,))
    return b"" if found is None else found.data
