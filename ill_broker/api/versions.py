"""Optimistic concurrency: ``ETag`` says which version was read, ``If-Match`` which one is meant."""

from http import HTTPStatus
from zlib import crc32

from flask import Response, request

from ill_broker.storage.failures import Stale

#: documents the header of an answer that has a version
ETAG = {"ETag": {"description": "What was read, for If-Match, If-None-Match", "schema": {"type": "string"}}}
#: documents the header of a request that may name a version
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag that was read; when it has changed since, the answer is 412",
    "schema": {"type": "string"},
}
#: documents the header of a request for what may be known already
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The ETag that was read; while nothing has changed since, the answer is 304",
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
    versions = {tag.partition("-")[0] for tag in wanted.as_set() if tag}
    if wanted and not wanted.star_tag and str(version) not in versions:
        raise Stale(f"version {version}")


def revalidated(response: Response) -> Response:
    """Answer 304 to who has read exactly this: beside the version the tag holds what is shown."""
    version, _ = response.get_etag()
    if request.method != "GET" or version is None or response.status_code != HTTPStatus.OK:
        return response
    response.set_etag(f"{version}-{crc32(response.get_data()):08x}")
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
