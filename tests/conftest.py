"""Settings every test shares: hypothesis draws the same examples on every machine, and takes its time where machines are slow.

Programs that the tests start are ended by Ctrl-C also where the tests run behind `nohup` or `&`, which ignore it for their children.
"""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("everyday", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "quick", deadline=None, max_examples=10, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("everyday")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
