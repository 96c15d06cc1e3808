"""From a reader's wish to a request, the one door for whatever moves it, and what is read there."""
