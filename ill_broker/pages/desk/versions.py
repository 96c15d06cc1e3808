"""What was shown with a form: a step is taken of that, and of nothing that has come since."""

from __future__ import annotations

from collections.abc import Callable

from ill_broker.pages.forms import Form
from ill_broker.storage.failures import Stale
from ill_broker.web.fields import Whole


class VersionForm(Form):
    version = Whole(required=True, maximum=2**31 - 1)


def of_version(meant: int) -> Callable[[int], None]:
    """Return what insists on the version that was shown."""

    def expected(version: int) -> None:
        if version != meant:
            raise Stale(f"version {version}")

    return expected
