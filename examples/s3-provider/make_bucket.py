"""Make a bucket, once the server answers: make_bucket.py URL."""

import sys
import time
import urllib.error
import urllib.request


def make(url):
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=10).close()
    except urllib.error.HTTPError as error:
        if error.code != 409:  # It is there already.
            raise


deadline = time.monotonic() + 30
while True:
    try:
        make(sys.argv[1])
        break
    except urllib.error.URLError as error:
        if isinstance(error, urllib.error.HTTPError) or time.monotonic() > deadline:
            raise
        time.sleep(0.1)
