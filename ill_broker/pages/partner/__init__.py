"""The page behind the link of a letter to a library that is asked by letter."""
