"""Whether anything can be stored: found out by storing something."""

from sqlalchemy import Connection, delete, insert

from ill_broker import mint
from ill_broker.storage.upkeep_rows import probes

#: as much as a request with its events takes, and nothing that can be written smaller
_TOKENS = 200


def write(conn: Connection) -> None:
    """Store something of a request's size, instead of what was stored so before."""
    probe = mint.token("probe_")
    conn.execute(insert(probes), {"id": probe, "payload": "".join(mint.token() for _ in range(_TOKENS))})
    conn.execute(delete(probes).where(probes.c.id != probe))
