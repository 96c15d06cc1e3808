"""Loan cards at the desk; their rules stand in the workflows."""
