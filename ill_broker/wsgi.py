"""What a WSGI server serves: ``ill_broker.wsgi:app``."""

from ill_broker.app import create_app
from ill_broker.settings import read_settings
from ill_broker.wiring import open_clock, open_services

_settings = read_settings(serving=True)
_clock = open_clock(_settings)
app = create_app(_settings, open_services(_settings, _clock), now=_clock.now)
