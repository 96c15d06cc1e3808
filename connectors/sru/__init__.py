"""Finding books at a member library by SRU."""
