"""NCIP 2.02: asking a library's own system about patrons, items and loans."""
