"""Files of rules and of libraries: read, checked, looked up; what follows for a loan is not here."""
