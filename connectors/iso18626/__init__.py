"""ISO 18626 in both revisions: requests, messages and their confirmations, in both directions."""
