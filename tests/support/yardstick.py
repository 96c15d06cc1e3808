"""How fast this machine is just now, for tests that hold something to being cheap, whatever the load."""

from __future__ import annotations

import json
import time

_TEXT = json.dumps([{"id": number, "title": "三体", "copies": [1.5, None, True]} for number in range(1_000)])


def tenth() -> float:
    """Return in how many seconds of work a thread does here what takes an ordinary machine a tenth."""
    began = time.thread_time()
    for _ in range(8):
        json.dumps(json.loads(_TEXT))
    return 5 * (time.thread_time() - began)
