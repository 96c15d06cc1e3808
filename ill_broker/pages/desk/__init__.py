"""The desk's pages: what its staff do all day."""
