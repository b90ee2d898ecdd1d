"""Brings the result of a click into view, where it stands above, beside or below the place that was clicked."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Final

import streamlit as st

from ui.shared.visit import state_of

# The page's own header covers its uppermost line. What arrives while the page is still made, and in the second after
# that, may move the target; a visitor who acts meanwhile has the page to themselves. A training's page is made anew
# all the time.
_SCRIPT = """
export default function ({ data }) {
  if (document.handledScroll === data.request) return;
  document.handledScroll = data.request;
  requestAnimationFrame(() => {
    const target = document.querySelector(`.st-key-${data.container}`);
    if (!target) return;
    target.style.scrollMarginTop = "4.5rem";
    target.style.scrollMarginBottom = "1rem";
    const scroll = () => target.scrollIntoView({ block: data.block });
    const observer = new ResizeObserver(scroll);
    observer.observe(target);
    const whole = document.querySelector("[data-testid=stMainBlockContainer]"); // also what stands above may grow
    if (whole) observer.observe(whole);
    const begun = performance.now();
    let made = begun;
    const timer = setInterval(() => {
      const now = performance.now();
      if (!document.querySelector("[data-test-script-state=notRunning]")) made = now;
      if (now - made > 1000 || now - begun > 5000) end();
    }, 100);
    const events = ["wheel", "touchstart", "keydown", "pointerdown"];
    const end = () => {
      observer.disconnect();
      clearInterval(timer);
      events.forEach((name) => removeEventListener(name, end, true));
    };
    events.forEach((name) => addEventListener(name, end, { capture: true, passive: true }));
    scroll();
  });
}
"""

# The second click of a double click makes the page anew before the browser has seen what the first one asked for.
_TOLD_AGAIN_SECONDS: Final = 5.0

_component = st.components.v2.component("scroll_to", js=_SCRIPT)


@dataclass
class _Scroll:
    """The last request: a container's key, an id of its own, and when the browser was first told, by a clock."""

    container: str = ""
    request: str = ""
    told: float | None = None


def scroll_to(container: str) -> None:
    """Requests that a container is brought into view by `apply_scroll`; called where a click is handled.

    Args:
        container: the key of the `st.container`.
    """
    scroll = state_of(_Scroll)
    scroll.container, scroll.request, scroll.told = container, uuid.uuid4().hex, None


def apply_scroll(container: str, is_at_top: bool = False) -> None:
    """Brings a container into view if that was requested; called at the end of the page, or of the part that reruns.

    Args:
        container: the key of the `st.container`.
        is_at_top: whether it then stands at the top of the window. Otherwise the page moves as little as needed, and
            not at all if the container is in view.
    """
    scroll, now = state_of(_Scroll), time.monotonic()
    if scroll.container != container or (scroll.told is not None and now - scroll.told > _TOLD_AGAIN_SECONDS):
        return
    scroll.told = scroll.told or now
    block = "start" if is_at_top else "nearest"
    data = {"container": container, "request": scroll.request, "block": block}
    _component(data=data, key=f"scroll-to-{container}", height=0)
