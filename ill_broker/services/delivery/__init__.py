"""What we say to lenders, patrons and local systems; what they say stands in partners."""
