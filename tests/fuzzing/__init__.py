"""Readers of what strangers send, fed with what nobody should send: `python -m tests.fuzzing`."""
