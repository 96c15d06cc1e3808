"""Where the project's own files lie, for tests about them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflows", "connectors", "ill_broker")


def sources(folder: str) -> list[Path]:
    return sorted(
        file
        for file in (ROOT / folder).rglob("*.py")
        if "versions" not in file.parts
        and not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
    )
