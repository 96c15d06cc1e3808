"""What a member and we sign webhooks with: which secrets are good, a new one told once, old ones ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, redirect, url_for

from ill_broker.pages.forms import Filled, Form, read_form
from ill_broker.pages.frame import me, page, room, seen_by
from ill_broker.pages.office.member_presenters import shown_library
from ill_broker.pages.office.told import WhyRevoked, moment, shown_revocations
from ill_broker.services.members.connections import Connections
from ill_broker.services.members.membership import INBOUND, OUTBOUND, ROTATION, Membership
from ill_broker.texts.catalogue import say
from ill_broker.web.context import now, service
from ill_broker.web.fields import OneOf, Text
from ill_broker.web.language import page_language
from workflows.actors import Role
from workflows.errors import WorkflowError
from workflows.ids import LibraryCode

blueprint = room("webhook_secrets", __name__)
_SECRETS = "/office/members/<code:library>/webhook-secrets"
_LATER, _AT_ONCE = "later", "at_once"


class SecretForm(Form):
    kind = OneOf(INBOUND, OUTBOUND, required=True)
    #: one that was agreed on
    secret = Text()
    #: when the old ones end
    end = OneOf(_LATER, _AT_ONCE, required=True)


@blueprint.get(_SECRETS)
@seen_by(Role.OFFICE)
def show(library: str) -> Response:
    """Show which secrets are good, without telling them."""
    return _shown(LibraryCode(library), Filled(values={"end": _LATER}))


@blueprint.post(_SECRETS)
@seen_by(Role.OFFICE)
def rotate(library: str) -> Any:
    """Set a new secret, which is shown on this page and never again."""
    code, (read, form) = LibraryCode(library), read_form(SecretForm())
    if read is None:
        return _shown(code, form, status=422)
    overlap = timedelta() if read["end"] == _AT_ONCE else ROTATION
    try:
        made = service(Membership).rotate_secret(
            code, read["kind"], read.get("secret"), now=now(), overlap=overlap
        )
    except WorkflowError as error:
        form.refuse(error)
        return _shown(code, form, status=422)
    return _shown(code, Filled(values={"end": _LATER}), made=made.secret, made_for=_kinds()[read["kind"]])


@blueprint.post(f"{_SECRETS}/<id('sec'):secret_id>/revocation")
@seen_by(Role.OFFICE)
def revoke(library: str, secret_id: str) -> Any:
    """Let one secret be good for nothing from now on, for a reason that is kept."""
    code, (read, form) = LibraryCode(library), read_form(WhyRevoked())
    if read is None:
        return _shown(code, Filled(values={"end": _LATER}), unsaid=form.errors["reason"], status=422)
    told = {"author": me().id, "reason": read["reason"], "now": now()}
    service(Membership).revoke_secret(code, secret_id, **told)
    return redirect(url_for(".show", library=library), 303)


def _shown(code: LibraryCode, form: Filled, *, status: int = 200, **more: Any) -> Response:
    kinds = _kinds()
    found = service(Membership).webhook_secrets(code, now=now(), or_revoked=True)
    revoked = shown_revocations(found)
    good = [
        {
            "id": one.id,
            "kind": kinds[one.kind],
            "since": moment(one.valid_from),
            "until": moment(one.valid_until),
            "revoked": revoked.get(one.id),
        }
        for one in found
    ]
    told = {"member": shown_library(service(Connections).one(code).library), "kinds": list(kinds.items())}
    return page("office/webhook_secrets.html", status=status, form=form, good=good, **told, **more)


def _kinds() -> dict[str, str]:
    spoken = page_language()
    return {
        INBOUND: say("webhook_secrets_page.inbound", spoken),
        OUTBOUND: say("webhook_secrets_page.outbound", spoken),
    }
