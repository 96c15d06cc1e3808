"""The reference files: standards and recorded answers of real systems, which do not belong to the project.

`ILL_REFERENCE` names the folder that holds them. Tests that compare with them are marked `reference`; nobody
else may need them.
"""

from __future__ import annotations

import os
from pathlib import Path

_PLACE = os.environ.get("ILL_REFERENCE")


class NoReference(Exception):
    """A test that is not marked `reference` asked for a reference file, or `ILL_REFERENCE` is not set."""


def reference(path: str) -> Path:
    """Return a reference file or folder by its path among them.

    :raises NoReference: if `ILL_REFERENCE` is not set
    """
    if not _PLACE:
        raise NoReference(path)
    return Path(_PLACE, path)


def references(*patterns: str) -> list[Path]:
    """Return the reference files that fit; none where there are none, so that tests can be collected."""
    return sorted(file for pattern in patterns for file in Path(_PLACE).glob(pattern)) if _PLACE else []
