"""What the server serves: ``ill_broker.asgi:front``."""

from ill_broker.app import create_app
from ill_broker.services.places import Places
from ill_broker.settings import read_settings
from ill_broker.web.front import Front
from ill_broker.wiring import open_clock, open_services

_settings = read_settings(serving=True)
_clock = open_clock(_settings)
_places = Places()
_app = create_app(_settings, open_services(_settings, _clock, _places), now=_clock.now)
front = Front(_app, _places)
