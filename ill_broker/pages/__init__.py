"""Pages for people in a browser, by person; what they show and do, the API shows and does as well."""
