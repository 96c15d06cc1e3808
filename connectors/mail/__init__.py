"""Letters by e-mail, to patrons and to libraries that are asked by e-mail."""
