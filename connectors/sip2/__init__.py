"""SIP2: a library's own system spoken to as a self-service machine would."""
