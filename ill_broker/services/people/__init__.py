"""Who is this: registration, log-in, sign-on; what a reader may do stands in privileges."""
