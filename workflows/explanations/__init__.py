"""Why this date and this amount; the date and the amount come from the loan clock."""
