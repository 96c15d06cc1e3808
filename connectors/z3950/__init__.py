"""Z39.50: a search and its records over BER, as libraries have spoken it since 1988."""
