"""Policy and calendar files with one thing wrong: a key gone, misspelt, added, emptied, retyped or huge."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Doc = dict[str, Any]
Path = tuple[str | int, ...]

#: what is free: it is shown to people and decides nothing
FREE = ("contacts", "registration", "notices", "members", "service_fee", "notice_channel")
#: put in the place of any value
VALUES: tuple[Any, ...] = (
    *(None, "", [], {}, 0, -1, 7, 1.5, True, False, "false", "x", [None], ["x"], [[]], {"x": None}),
    *({"colour": []}, 10**9, 10**30, "9" * 40, "9" * 5000, "9999-12-31", "0001-01-01", "1", "00:00-23:59"),
    *({"days": 10**9}, {"months": 10**9}, {"overnight": 10**9}, {"semesters": 10**9}, "localtime", "\ud800"),
    *([True], [{}], "yes", "no", 3_660, {"days": 3_660}, {"months": 120}, {"overnight": 3_660}, "8999-12-31"),
)
#: put beside any key
ADDED: tuple[Any, ...] = (None, [], {}, "x", 7)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of everything in a document, the free parts left out."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if path or key not in FREE:
            yield from places(inner, (*path, key))


def spoilt(document: Doc) -> Iterator[tuple[str, Doc]]:
    """Yield every spoilt copy of a document, and what was done to it."""
    yield from ((f"+ colour: {value!r}", {**document, "colour": value}) for value in ADDED)
    for path in places(document):
        yield f"- {path}", _changed(document, path, lambda holder, key: holder.pop(key))
        for value in VALUES:
            yield f"{path}: {value!r:.60}", _with(document, path, value)
        inner = _at(document, path)
        if isinstance(path[-1], str):
            yield f"{path} misspelt", _misspelt(document, path)
        if isinstance(inner, dict):
            for value in ADDED:
                yield f"{path} + colour: {value!r}", _with(document, (*path, "colour"), value)


def _at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def _with(document: Doc, path: Path, value: Any) -> Doc:
    return _changed(document, path, lambda holder, key: holder.__setitem__(key, copy.deepcopy(value)))


def _misspelt(document: Doc, path: Path) -> Doc:
    def misspell(holder: Any, key: Any) -> None:
        holder[f"{key[:-1]}{key[-1]}{key[-1]}"] = holder.pop(key)

    return _changed(document, path, misspell)


def _changed(document: Doc, path: Path, change: Any) -> Doc:
    """Return a copy with what holds the last key of *path* changed; the rest is shared."""
    first, *rest = path
    copied: Any = copy.copy(document)
    if rest:
        copied[first] = _changed(copied[first], tuple(rest), change)
    else:
        change(copied, first)
    return copied  # type: ignore[no-any-return]  # a document, or a part of one
