"""Koha by its REST API: finding, patrons and the hold shelf."""
