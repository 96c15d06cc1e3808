"""From the instants of a loan to due date, lateness and fine; what a lost book costs stands in losses."""
