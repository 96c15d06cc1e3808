"""What people read, in their language: sentences by name out of gettext catalogues; no rule lives here."""
