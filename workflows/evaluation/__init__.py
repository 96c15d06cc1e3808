"""Cases of every kind, JSON in and out, and simulation; no rule lives here."""
