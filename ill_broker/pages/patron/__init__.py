"""The reader's pages: searching, asking, following, the account."""
