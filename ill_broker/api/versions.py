"""Optimistic concurrency: ``ETag`` says which version was read, ``If-Match`` which one is meant."""

from flask import request

from ill_broker.storage.failures import Stale

#: documents the header of an answer that has a version
ETAG = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string"}}}
#: documents the header of a request that may name a version
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag that was read; when it has changed since, the answer is 412",
    "schema": {"type": "string"},
}


def etag(version: int) -> dict[str, str]:
    """Return the header that names *version*."""
    return {"ETag": f'"{version}"'}


def expect(version: int) -> None:
    """Go on only if the request means *version*, or does not say.

    :raises Stale: if it means another one
    """
    wanted = request.if_match
    if wanted and str(version) not in wanted:
        raise Stale(f"version {version}")
