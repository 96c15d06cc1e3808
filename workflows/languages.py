"""The languages people are written to in, and their names elsewhere."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

#: as everything here, the API included, names them; the default first
Language = Literal["zh", "en"]
#: language -> its tag (BCP 47) in the headers of letters and in pages
TAGS: Mapping[str, str] = MappingProxyType({"zh": "zh-Hans", "en": "en"})
