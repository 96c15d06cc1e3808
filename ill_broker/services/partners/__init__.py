"""What partners say to us; what we say to them stands in delivery."""
