"""What a desk records of a reader; who the reader is stands in people."""
