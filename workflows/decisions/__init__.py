"""What a command leads to, one file a subject; what the request then is stands in requests."""
