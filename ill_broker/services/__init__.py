"""What the service does: gather, decide, save; no rule lives here."""
