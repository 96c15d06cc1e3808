"""``python -m ill_broker`` is ``ill-broker``."""

from ill_broker.cli import main

main()
