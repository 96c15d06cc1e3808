"""A member library in a box: real records, real protocols, scripted behaviour."""
