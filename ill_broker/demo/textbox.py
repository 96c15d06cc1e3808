"""A gateway of the demonstration's own: texts are kept and shown instead of being sent."""

import logging
from threading import Thread

from werkzeug.serving import make_server

from connectors.sandbox.texts import TextGateway


class TextBox:
    """Takes texts on a free port."""

    def __init__(self, token: str) -> None:
        self.kept = TextGateway(token)
        self._server = make_server("127.0.0.1", 0, self.kept.app, threaded=True)
        self._thread = Thread(target=self._server.serve_forever, name="texts", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/texts"

    def start(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
