"""Every resource of the API, in the order of the contract; a new one gets its line here."""

from ill_broker.api import (
    accounts,
    amendments,
    loan_cards,
    notices,
    openid,
    patrons,
    policies,
    requests,
    searches,
    sessions,
    steps,
    webhooks,
)

RESOURCES = (
    patrons.blueprint,
    sessions.blueprint,
    openid.blueprint,
    searches.blueprint,
    requests.blueprint,
    steps.blueprint,
    notices.blueprint,
    loan_cards.blueprint,
    accounts.blueprint,
    policies.blueprint,
    amendments.blueprint,
    webhooks.blueprint,
)
