"""Two versions of a policy, and what differs between them in words; nothing is read or checked here."""
