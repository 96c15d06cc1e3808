"""The consortium's loan cards; books lent on them are the lender's own affair."""
