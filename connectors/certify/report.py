"""What was found at a partner's endpoint, claim by claim, and how that is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Verdict(StrEnum):
    CONFORMS = "conforms"
    DOES_NOT = "does not conform"
    NOT_TRIED = "could not be tried"


_MARKS = {Verdict.CONFORMS: "+", Verdict.DOES_NOT: "-", Verdict.NOT_TRIED: "?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim of a standard, what was done to try it, and what came of that."""

    claim: str
    #: where the standard says so
    clause: str
    verdict: Verdict
    sent: str = ""
    came: str = ""
    #: what is wrong, or why it was not tried
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    protocol: str
    url: str
    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """Whether something was seen to conform and nothing was seen not to."""
        verdicts = {finding.verdict for finding in self.findings}
        return Verdict.CONFORMS in verdicts and Verdict.DOES_NOT not in verdicts

    def as_json(self) -> dict[str, Any]:
        told = {"protocol": self.protocol, "url": self.url, "conforms": self.conforms}
        return {**told, "findings": [asdict(finding) for finding in self.findings]}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.protocol} at {self.url}"
        for finding in self.findings:
            yield f" {_MARKS[finding.verdict]} {finding.claim} [{finding.clause}]"
            if finding.verdict is not Verdict.CONFORMS:
                yield f"     {finding.verdict}: {finding.detail}"
                yield from (f"     sent: {finding.sent}" for _ in filter(None, [finding.sent]))
                yield from (f"     came: {finding.came}" for _ in filter(None, [finding.came]))
        counts = dict.fromkeys(Verdict, 0)
        for finding in self.findings:
            counts[finding.verdict] += 1
        yield ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
