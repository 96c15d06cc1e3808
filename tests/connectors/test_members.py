"""From a library's profile to its connectors."""

from __future__ import annotations

from connectors.manual import ByHand
from connectors.members import ProfileRegistry
from connectors.ports import Connectors, Registry
from connectors.profiles import Profile
from connectors.sru.client import SruFinder
from connectors.sru.profile import SruProfile
from connectors.transport import Limits
from connectors.webhook.client import WebhookPartner
from connectors.webhook.profile import WebhookProfile
from tests.connectors.factories import NOW, SECRET


def registry(*profiles: Profile) -> Registry:
    return ProfileRegistry({profile.library: profile for profile in profiles}, now=lambda: NOW)


def test_a_library_is_reached_as_its_profile_says() -> None:
    sru, webhook = SruProfile("http://bhu.example/sru"), WebhookProfile("http://bhu.example", SECRET)
    limits, connectors = Limits(records=20), {"sru": sru, "webhook": webhook}
    found = registry(Profile(library="bhu", limits=limits, connectors=connectors)).connectors("bhu")

    assert isinstance(found.finder, SruFinder)
    assert 20 == found.finder.size
    assert isinstance(found.supplier, WebhookPartner)
    assert found.witness is found.supplier


def test_a_library_without_machines_is_asked_by_hand() -> None:
    by_hand = registry(Profile(library="bhu"))

    assert by_hand.connectors("bhu") == Connectors("bhu", supplier=ByHand("bhu"))
    assert by_hand.connectors("none") == Connectors("none", supplier=ByHand("none"))


def test_a_secret_is_not_shown() -> None:
    assert SECRET not in repr(WebhookProfile("http://bhu.example", SECRET))
