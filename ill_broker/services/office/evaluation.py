"""Policy files as people and programs ask about them: what is wrong with them, and what they answer."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from math import isinf
from pathlib import Path
from typing import Any, Never, Protocol

from ill_broker.storage.policy_files import MAX_BYTES, parse
from workflows.errors import FaultyPolicy, InvalidCase
from workflows.evaluation.evaluate import evaluate
from workflows.evaluation.loan_json import read_loan
from workflows.explanations.explanation import Explanation, explain
from workflows.loan_clock.case import LoanCase
from workflows.policies.book import PolicyBook

#: a case is a few hundred bytes; a longer line is a mistake, and memory stays as it is
MAX_LINE = 1_000_000
CHUNK = 65_536
#: not a policy, but lies beside them
EXAMPLES = "worked_examples.yaml"
BUILTIN = Path(str(resources.files("workflows") / "data"))


class Source(Protocol):
    """A stream that gives what has come, without waiting for more."""

    def read1(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True, order=True)
class FileFault:
    """What is wrong, in which file and where in it; *detail* says more where the code is not enough."""

    file: str
    path: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder of policies and one of calendars hold; there is a book only if nothing is wrong."""

    policies: int
    calendars: int
    faults: tuple[FileFault, ...]
    book: PolicyBook | None


def survey(policies: Path | None = None, calendars: Path | None = None) -> Survey:
    """Read policies and calendars and check them, going on after a fault to find every other.

    Calendars lie in the folder "calendars" of *policies* unless said otherwise; without either, the
    files that come with the project are read.
    """
    if calendars is None:
        calendars = BUILTIN / "calendars" if policies is None else policies / "calendars"
    folders = {"policies": policies or BUILTIN / "policies", "calendars": calendars}
    faults: list[FileFault] = []
    read = {kind: _documents(folder, faults) for kind, folder in folders.items()}
    book = None
    try:
        book = PolicyBook.load(read["policies"], read["calendars"])
    except FaultyPolicy as error:
        faults += _placed(error, folders)
    for kind, folder in folders.items():
        faults += _doubles(read[kind], folder)
    found = tuple(sorted(faults))
    return Survey(len(read["policies"]), len(read["calendars"]), found, None if found else book)


def read_file(file: Path) -> Any:
    """Read one policy file into plain values, whatever it says.

    :raises FaultyPolicy: if it cannot be read, with what and where in ``detail``
    """
    name = str(file)
    if not file.is_file():
        raise FaultyPolicy(f"{name}: not a file")
    try:
        with file.open("rb") as stream:
            return parse(stream.read(MAX_BYTES + 1), name)
    except OSError as error:
        raise FaultyPolicy(f"{name}: {error.strerror}") from error


def explained(case: Mapping[str, Any], book: PolicyBook) -> tuple[LoanCase, Explanation]:
    """Return a loan case as it was read, and how its answer comes about.

    :raises InvalidCase: as the evaluation of the case would
    """
    try:
        loan = read_loan(case, book)
        return loan, explain(loan)
    except OverflowError as error:
        raise InvalidCase("bad_timestamp") from error


def answers(source: Source, book: PolicyBook) -> Iterator[bytes]:
    """Yield the answers to JSON lines, one for one and in order, as many at a time as have come.

    A line that is no case is answered as well: ``{"id": null, "line": n, "answer": {"error": "bad_line"}}``,
    or ``line_too_long``. Memory does not grow with the number or the length of lines.
    """
    number = 0
    for lines in batches(source):
        told = [_answer(line, place, book) for place, line in enumerate(lines, number + 1)]
        number += len(lines)
        yield "".join(told).encode()


def batches(source: Source) -> Iterator[list[bytes]]:
    """Yield lines, as many at a time as have come; of one that is too long only enough to know it."""
    rest = b""
    while chunk := source.read1(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        # one byte too many is enough to know that it is too long
        rest = rest[: MAX_LINE + 1]
        yield lines
    if rest:
        yield [rest]


def _answer(line: bytes, number: int, book: PolicyBook) -> str:
    if len(line) > MAX_LINE:
        return _broken(number, "line_too_long")
    try:
        asked = DECODER.decode(line.decode())
    except (ValueError, RecursionError):
        return _broken(number, "bad_line")
    if not isinstance(asked, dict):
        return _broken(number, "bad_line")
    kind = asked.get("kind")
    try:
        answer = evaluate(kind if isinstance(kind, str) else "", asked.get("input"), book)  # type: ignore[arg-type]  # what is no object is answered as bad input
    except (RecursionError, UnicodeEncodeError):
        # nested too deeply, or half a character
        answer = {"error": "bad_input"}
    return _written({"id": asked.get("id"), "answer": answer})


def _broken(number: int, code: str) -> str:
    return _written({"id": None, "line": number, "answer": {"error": code}})


def _written(answer: object) -> str:
    return _ENCODER.encode(answer) + "\n"


def _refuse(text: str) -> Never:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    return _refuse(text) if isinf(number) else number


#: JSON has no NaN and no infinity, so none comes in and none goes out
DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
_ENCODER = json.JSONEncoder(allow_nan=False)


def _documents(folder: Path, faults: list[FileFault]) -> dict[str, Any]:
    """Read every YAML file of a folder; what cannot be read becomes a fault."""
    found = {}
    if not folder.is_dir():
        faults.append(FileFault(str(folder), "", "unreadable", "no such folder"))
        return {}
    for file in sorted(folder.glob("*.yaml")):
        if file.name != EXAMPLES:
            try:
                found[file.name] = read_file(file)
            except FaultyPolicy as error:
                reason = " ".join(error.detail.removeprefix(f"{file}: ").split())
                faults.append(FileFault(str(file), "", "unreadable", reason))
    return found


def _placed(error: FaultyPolicy, folders: Mapping[str, Path]) -> Iterator[FileFault]:
    listed: Any = error.facts["faults"]
    for name, faults in listed.items():
        kind, _, file = name.partition("/")
        for path, code in faults:
            yield FileFault(str(folders[kind] / file), path, code)


def _doubles(documents: Mapping[str, Any], folder: Path) -> Iterator[FileFault]:
    """Name files that claim the id of another: one of the two would be lost."""
    first: dict[str, str] = {}
    for name, document in documents.items():
        if isinstance(document, dict) and isinstance(document.get("id"), str):
            other = first.setdefault(document["id"], name)
            if other != name:
                yield FileFault(str(folder / name), "id", "duplicate_id", f"also in {other}")
