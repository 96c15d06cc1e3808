"""The secrets that a library's profile names, and that are kept beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class NoSecret(LookupError):
    """A secret that a profile names is not stored."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Those of one library, by the names that its profile gives them."""

    stored: Mapping[str, str] = field(repr=False)

    def named(self, name: str) -> str:
        """Return the secret of this name.

        :raises NoSecret: if there is none
        """
        if name not in self.stored:
            raise NoSecret(name)
        return self.stored[name]

    def meant(self, reference: Mapping[str, str]) -> str:
        """Return the secret that ``{"ref": NAME}`` stands for.

        :raises NoSecret: if there is none
        """
        return self.named(reference["ref"])

    def name(self, reference: Mapping[str, str]) -> str:
        """Return the name in ``{"ref": NAME}``, once it is sure that there is such a secret.

        :raises NoSecret: if there is none
        """
        self.meant(reference)
        return reference["ref"]

    def within(self, told: object) -> dict[str, str]:
        """Return those that a document refers to, as far as they are stored."""
        return {name: self.stored[name] for name in _names(told) if name in self.stored}


def _names(told: object) -> set[str]:
    match told:
        case {"ref": str(name), **others} if not others:
            return {name}
        case dict():
            return {name for inside in told.values() for name in _names(inside)}
    return set()
