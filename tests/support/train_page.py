"""The page Train in an `AppTest`: opened by an address, and its buttons and number boxes by their labels."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.support.app_server import PROJECT


def open_train(**address: str) -> AppTest:
    """Opens the app at its first page.

    Args:
        address: parameters of the address, by their names.
    """
    app = AppTest.from_file(PROJECT / "app.py", default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, label: str) -> AppTest:
    """Clicks the first button with a label."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def set_number(app: AppTest, label: str, value: float) -> AppTest:
    """Types a number into the first box with a label."""
    next(entry for entry in app.number_input if entry.label == label).set_value(value).run()
    assert not app.exception
    return app
