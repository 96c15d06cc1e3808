"""What a request is and what may follow what; what a command leads to stands in decisions."""
