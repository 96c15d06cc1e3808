"""The member libraries: their connectors, secrets and policies; who reads or works there stands in people."""
