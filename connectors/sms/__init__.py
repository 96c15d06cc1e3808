"""Texts to patrons' mobile telephones, through whatever gateway an installation has."""
