"""Records of several libraries as works, and on which terms each would lend; members are asked elsewhere."""
