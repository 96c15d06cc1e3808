"""Run one sandbox library: `python -m connectors.sandbox --port 0 --config FILE.json`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

from werkzeug.serving import make_server

from connectors.sandbox.app import open_doors, start
from connectors.sandbox.config import Config

_LOOPBACK = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped; the first line printed is JSON and tells the port."""
    parser = argparse.ArgumentParser(prog="connectors.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--config", type=Path, required=True, help="a JSON file")
    options = parser.parse_args(arguments)
    try:
        config = Config.of(json.loads(options.config.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        parser.error(f"{options.config}: {error}")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Only this machine may reach a library whose strings anybody can pull.
    app = start(config)
    server = make_server(_LOOPBACK, options.port, app, threaded=True)
    more = {f"{name}_port": door.port for name, door in open_doors(app).items()}
    ready = {"ready": True, "library": config.library, "port": server.server_port, **more}
    print(json.dumps(ready), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
