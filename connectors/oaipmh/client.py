"""Harvesting one repository, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors import forms
from connectors.failures import Garbled
from connectors.oaipmh import codec
from connectors.oaipmh.mapping import harvest_page
from connectors.transport import MEGABYTE, Limits, approve
from workflows.policies.forms import record, told

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.oaipmh.messages import Identity
    from connectors.ports import HarvestPage
    from connectors.transport import Target

#: A page is up to a thousand records, which some repositories put together while we wait.
LIMITS = Limits(total=60.0, size=32 * MEGABYTE)
#: Longer questions do not fit into every server's line of a request.
_MOST_IN_A_LINE = 1_500
_FORM = {"content-type": "application/x-www-form-urlencoded"}


@record
class OaiProfile:
    """Where a library's repository is, which part of it is its catalogue, and in which format."""

    url: str = told(forms.url, required=True)
    set: str | None = told(forms.text(), default=None)
    prefix: str = told(forms.text(), default="marc21")


@dataclass(frozen=True, slots=True)
class OaiHarvester:
    """A harvester of one repository."""

    target: Target
    profile: OaiProfile
    _known: list[Identity] = field(default_factory=list, repr=False)

    def begin(self, *, since: datetime | None = None) -> HarvestPage:
        """Return the first page of the list of what changed *since*, or of all.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        seconds = self.identity().tells_seconds if since else False
        stamp = codec.stamp(since, seconds=seconds) if since else None
        return self._page(codec.list_from(self.profile.prefix, since=stamp, part=self.profile.set))

    def go_on(self, token: str) -> HarvestPage:
        """Return the page that *token* stands for.

        :raises ListLost: if the repository knows nothing of it any more
        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        page = self._page(codec.list_on(token))
        if page.token == token:
            raise Garbled(self.target.library, "the same resumption token again")
        return page

    def identity(self) -> Identity:
        """Return what the repository says of itself; it is asked once.

        :raises PartnerFailure: if it cannot be reached, refuses, or cannot be understood
        """
        if not self._known:
            body = self._body(codec.identify())
            try:
                self._known.append(codec.decode_identity(body))
            except codec.NotOai as error:
                raise Garbled(self.target.library, str(error)) from error
        return self._known[0]

    def _page(self, question: dict[str, str]) -> HarvestPage:
        body = self._body(question)
        try:
            page = codec.decode(body)
        except codec.NotOai as error:
            raise Garbled(self.target.library, str(error)) from error
        return harvest_page(page, library=self.target.library)

    def _body(self, question: dict[str, str]) -> bytes:
        form = urlencode(question).encode()
        if len(form) > _MOST_IN_A_LINE:
            reply = self.target.post(self.profile.url, content=form, headers=_FORM)
        else:
            reply = self.target.get(self.profile.url, params=question)
        return approve(self.target.library, reply).body
