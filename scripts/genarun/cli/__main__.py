"""`python -m genarun.cli`, where the command itself is not on the path."""

import sys

from genarun.cli import main

sys.exit(main())
