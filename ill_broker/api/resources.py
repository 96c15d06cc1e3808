"""Every resource of the API, in the order of the contract; a new one gets its line here."""

from ill_broker.api import openid, patrons, requests, searches, sessions, steps, webhooks

RESOURCES = (
    patrons.blueprint,
    sessions.blueprint,
    openid.blueprint,
    searches.blueprint,
    requests.blueprint,
    steps.blueprint,
    webhooks.blueprint,
)
