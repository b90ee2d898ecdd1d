"""Brings the result of a click into view, where it stands above, beside or below the place that was clicked."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui.shared.visit import state_of

# The page's own header covers its uppermost line. Pictures that arrive in the first second may move the target; a
# visitor who acts meanwhile has the page to themselves.
_SCRIPT = """
export default function ({ data, parentElement }) {
  if (parentElement.handledScroll === data.number) return;
  parentElement.handledScroll = data.number;
  requestAnimationFrame(() => {
    const target = document.querySelector(`.st-key-${data.container}`);
    if (!target) return;
    target.style.scrollMarginTop = "4.5rem";
    target.style.scrollMarginBottom = "1rem";
    const scroll = () => target.scrollIntoView({ block: data.block });
    const observer = new ResizeObserver(scroll);
    observer.observe(target);
    const events = ["wheel", "touchstart", "keydown", "pointerdown"];
    const end = () => {
      observer.disconnect();
      events.forEach((name) => removeEventListener(name, end, true));
    };
    events.forEach((name) => addEventListener(name, end, { capture: true, passive: true }));
    setTimeout(end, 1000);
    scroll();
  });
}
"""

_component = st.components.v2.component("scroll_to", js=_SCRIPT)


@dataclass
class _Scroll:
    """The last request: a container's key, and how many requests there have been."""

    container: str = ""
    number: int = 0


def scroll_to(container: str) -> None:
    """Requests that a container is brought into view by `apply_scroll`; called where a click is handled.

    Args:
        container: the key of the `st.container`.
    """
    scroll = state_of(_Scroll)
    scroll.container, scroll.number = container, scroll.number + 1


def apply_scroll(container: str, is_at_top: bool = False) -> None:
    """Brings a container into view if that was requested; called at the end of the page, or of the part that reruns.

    Args:
        container: the key of the `st.container`.
        is_at_top: whether it then stands at the top of the window. Otherwise the page moves as little as needed, and
            not at all if the container is in view.
    """
    scroll = state_of(_Scroll)
    if scroll.container != container:
        return
    scroll.container = ""
    block = "start" if is_at_top else "nearest"
    data = {"container": container, "number": scroll.number, "block": block}
    _component(data=data, key=f"scroll-to-{container}", height=0)
