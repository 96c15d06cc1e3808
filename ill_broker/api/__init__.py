"""The REST API: one file per resource, and the frame they hang in."""
