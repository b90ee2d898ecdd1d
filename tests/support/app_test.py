"""A page in Streamlit's AppTest, without a browser."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest


def settled(app: AppTest) -> AppTest:
    """Lets the page run again until what is computed is there; fails where a traceback stands in it."""
    assert not app.exception
    while app.get("progress"):
        time.sleep(0.1)
        app.run()
        assert not app.exception
    return app
