"""Does the work that no visitor should wait for. Put your queue's worker here, or into the Procfile in its place."""
import os
import signal
import sys
import time

# It is told to end when a new release takes its place: finish the work at hand, then go.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

while True:
    print("at work, saying", os.environ.get("GREETING", ""), flush=True)
    time.sleep(60)
