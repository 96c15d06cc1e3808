"""What holds for the tests of the connectors."""

from __future__ import annotations

import pytest

#: Its classes are inherited by tests, so its assertions explain themselves too.
pytest.register_assert_rewrite("tests.connectors.promises")
