"""Patrons' accounts: who sees them, who decides, and what lenders are owed; sums are the rules'."""
