"""The only SQL: small functions that take a connection and return frozen records."""
