"""What the browser blocks by the app's Content Security Policy, and whom pages ask: noted for the browser tests."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

_WORDS: Final = "Content Security Policy"
# Besides the console: what a library tries and does without, such as `eval`, is reported by this event alone.
_REPORT: Final = f"""
addEventListener("securitypolicyviolation", (event) =>
  console.error("{_WORDS}", event.effectiveDirective, "blocked", event.blockedURI, "of", event.sourceFile));
"""


class PolicyWatch:
    """Notes violations of the policy, and requests to hosts other than the tests' own, from all pages of a context.

    Args:
        context: before its pages load anything.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.violations: list[str] = []
        self.requests_elsewhere: list[str] = []
        context.add_init_script(_REPORT)
        context.on("console", self._note_message)
        context.on("request", self._note_request)

    def check(self) -> None:
        """Raises AssertionError if anything has been noted."""
        assert not self.violations, self.violations
        assert not self.requests_elsewhere, self.requests_elsewhere

    def forget(self) -> None:
        """Forgets what has been noted."""
        self.violations.clear()
        self.requests_elsewhere.clear()

    def _note_message(self, message: ConsoleMessage) -> None:
        if _WORDS in message.text:
            self.violations.append(message.text)

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.requests_elsewhere.append(request.url)
