"""One field for whatever a desk scans: found, and the one obvious step taken through the doors there are."""
