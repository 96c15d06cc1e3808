"""Logs as JSON lines, and counters for Prometheus."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("ill_http_requests", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "ill_http_request_seconds",
    "Time to answer.",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


#: libraries that say something at INFO of each of their steps: a worker takes one every second
CHATTY = ("apscheduler", "httpx")


def log_as_json(level: str = "info") -> None:
    """Write every log line of this process, the libraries' too, as one JSON object on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # What libraries tell of every tick and every call is for who looks into them.
    for name in CHATTY:
        logging.getLogger(name).setLevel(level.upper() if level == "debug" else logging.WARNING)


def exposition(folder: str = "", waiting: Mapping[str, Mapping[str, int]] | None = None) -> tuple[bytes, str]:
    """Return the counters as Prometheus reads them, and their media type.

    :param folder: where several processes count together; empty for this process alone
    :param waiting: by the name of a gauge: how much there is in each state, for all processes together
    """
    looked_up = CollectorRegistry()
    for name, counts in (waiting or {}).items():
        gauge = Gauge(name, "How many there are in each state.", ("state",), registry=looked_up)
        for state, count in counts.items():
            gauge.labels(state).set(count)
    registry = REGISTRY
    if folder:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # no types
    return generate_latest(registry) + generate_latest(looked_up), CONTENT_TYPE_LATEST
