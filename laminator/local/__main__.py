"""`python -m laminator.local`: run, demo, manage, test, lint, bench, servers."""

import sys

from laminator.local.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
