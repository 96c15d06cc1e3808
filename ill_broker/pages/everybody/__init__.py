"""Pages for everybody: logging in and out, the language, links of letters about an account."""
