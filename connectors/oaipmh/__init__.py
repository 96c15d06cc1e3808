"""OAI-PMH 2.0: a library's whole catalogue, and what has changed in it since."""
