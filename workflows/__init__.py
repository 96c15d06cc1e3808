"""The rules: pure functions over frozen records, with nothing but the standard library."""
