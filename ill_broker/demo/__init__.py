"""The demonstration: a consortium in a box, and one book's journey through it."""
