"""Putting a partner's endpoint through its part of a protocol, and saying what conforms."""
