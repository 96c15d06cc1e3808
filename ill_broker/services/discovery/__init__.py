"""Finding: all members at once, and the union catalogue; what is asked for is a request's."""
