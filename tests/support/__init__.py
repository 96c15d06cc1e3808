"""What tests stand on: servers and processes that a test starts and that end with it."""
