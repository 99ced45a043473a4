"""What `helm test` runs, in the operator's image: metrics come through the Service from a pod that has read everything.

One that leads is waited for.
"""

import sys
import time
import urllib.request

url, seconds = sys.argv[1], float(sys.argv[2])
ends = time.monotonic() + seconds
while True:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            figures = answer.read(2_000_000).decode()
        problem = "answers, and does not lead"
        if "\naimcore_leading 1.0\n" in figures:
            print(f"{url}: the operator leads")
            break
    except OSError as error:
        problem = str(error)
    if time.monotonic() > ends:
        sys.exit(f"{url}: {problem}; see: kubectl logs deployment/aim-operator")
    time.sleep(2)
