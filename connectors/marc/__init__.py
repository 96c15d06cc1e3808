"""MARC 21 and UNIMARC/CNMARC records: reading, writing, and what their fields mean."""
