"""What the pages say is so."""

from __future__ import annotations

import re

from tests.support.sources import ROOT


def test_a_decision_says_what_was_given_up_for_it() -> None:
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    decisions = re.findall(r"^- (.*?)(?=^- |^#|\Z)", page, re.MULTILINE | re.DOTALL)

    assert decisions
    assert [] == [decision for decision in decisions if "Given up:" not in " ".join(decision.split())]
