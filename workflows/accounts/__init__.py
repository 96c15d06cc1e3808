"""A patron's account: charges, caps, payments; what is charged for is worked out elsewhere."""
