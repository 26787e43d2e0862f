"""`python3 -IS boot.py DIRECTORY ADDRESS VERSION`: `python3 -m pid1` for a copy of this folder that is not installed."""

import os
import sys

_home = os.environ.get("HOME")
_cache = os.environ.get("XDG_CACHE_HOME") or (os.path.join(_home, ".cache") if _home else None)
if _cache:
    sys.pycache_prefix = os.path.join(_cache, "layer-wsgi", "python")
else:
    sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from pid1.__main__ import main  # noqa: E402

sys.exit(main(sys.argv[1:]))
