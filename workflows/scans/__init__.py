"""What a scan at a desk means, and which step follows; what the step leads to is decided elsewhere."""
