#!@PYTHON@ -IS
"""A stand-in that the sandbox answers for by itself."""

import os
import sys

CACHE = "@CACHE@"
if CACHE:
    sys.pycache_prefix = CACHE
else:
    sys.dont_write_bytecode = True
sys.path.insert(0, "@SOURCE@")
from programs.dispatch import main  # noqa: E402

sys.exit(main("@DIRECTORY@", os.path.basename(sys.argv[0]), sys.argv[1:]))
