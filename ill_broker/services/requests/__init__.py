"""From what a reader submits to a request, the one door for whatever moves it, and what is read there."""
