"""Pages of an `AppTest` that wait for what they compute, instead of being run again and again meanwhile."""

from __future__ import annotations

import time

import pytest
from streamlit.testing.v1 import AppTest

from ui.shared import jobs

_LONGEST_SECONDS = 300.0


def run_until_computed(app: AppTest) -> AppTest:
    """Runs a page again, as its own timer would, until it shows no progress any more.

    Each of these runs waits for its result itself: a page that is run several times a second takes the processor from
    what it waits for.
    """
    end = time.monotonic() + _LONGEST_SECONDS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_PATIENCE_SECONDS", _LONGEST_SECONDS)
        while app.get("progress") and not app.exception:
            assert time.monotonic() < end
            app.run(timeout=_LONGEST_SECONDS)
            time.sleep(0.01)
    assert not app.exception
    return app
