"""What the consortium's office does: amendments, trials of rules; one library's affairs are members'."""
