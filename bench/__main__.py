"""``python -m bench``: measure everything and print it as ratios."""

from bench.run import main

main()
