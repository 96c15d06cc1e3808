"""The part that is examined in each protocol, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.certify import local_systems
from connectors.certify.catalogues import Repository, Z3950Target
from connectors.certify.examiner import Examiner
from connectors.certify.iso18626 import SupplierExamination
from connectors.certify.sru import Searched
from connectors.certify.webhook import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.certify.examiner import Endpoint
    from connectors.certify.report import Report

#: Each is given the examiner, and a stamp that no other examination bears.
PARTS: Mapping[str, Callable[[Examiner, str], None]] = {
    "webhook": lambda examiner, stamp: Receiver(examiner.endpoint, stamp).examine(examiner),
    "sru": lambda examiner, _stamp: Searched(examiner).examine(),
    "iso18626": lambda examiner, stamp: SupplierExamination(examiner.endpoint, stamp).examine(examiner),
    "ncip": local_systems.ncip,
    "oai": lambda examiner, _stamp: Repository(examiner).examine(),
    "koha": local_systems.koha,
    "z3950": lambda examiner, _stamp: Z3950Target(examiner).examine(),
    "sip2": local_systems.sip2,
}


def certify(protocol: str, endpoint: Endpoint) -> Report:
    """Put the endpoint through its part of *protocol*, and return what was found.

    :raises KeyError: if no such protocol is examined
    """
    part = PARTS[protocol]
    examiner = Examiner(protocol, endpoint)
    try:
        part(examiner, f"{endpoint.now():%Y%m%d%H%M%S%f}")
    finally:
        examiner.close()
    return examiner.report()
