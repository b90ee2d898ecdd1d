"""What of a page can be seen: texts that are cut off, sizes of letters, the height of the whole."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page, expect

# Texts that their box cuts off, entries and the navigation's among them, and texts of charts that reach out of their
# picture.
_CUT: Final = """
() => {
  const main = document.querySelector("[data-testid=stMain]");
  const cut = [];
  if (document.documentElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth) cut.push("the page");
  // A formula has a second copy, hidden, for screen readers.
  const others = ".stPlotlyChart, .stSelectbox, .katex-display, .katex-mathml, [data-testid=stMainMenu]";
  for (const element of main.querySelectorAll("*")) {
    if (element.closest(others) || !element.clientWidth) continue;
    const style = getComputedStyle(element);
    if (style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1 && element.innerText?.trim())
      cut.push(`${element.tagName} ${element.dataset.testid ?? ""} ${element.innerText.slice(0, 60)}`);
  }
  for (const field of document.querySelectorAll("input, [data-testid=stSidebarNavLink] *")) {
    const isShown = field.checkVisibility() && field.getBoundingClientRect().right > 0;
    if (isShown && field.clientWidth && field.scrollWidth > field.clientWidth + 1)
      cut.push(`${field.tagName} ${field.ariaLabel ?? ""} ${field.value ?? field.innerText}`);
  }
  for (const picture of main.querySelectorAll(".stPlotlyChart")) {
    const frame = picture.getBoundingClientRect();
    for (const text of picture.querySelectorAll("svg text")) {
      const box = text.getBoundingClientRect();
      const isOutside = box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
        || box.bottom > frame.bottom + 1;
      if (box.width && isOutside) cut.push(`a chart's ${text.textContent}`);
    }
  }
  return cut;
}
"""
# The size of each text on the screen; pictures that the browser scales scale their letters too.
_SIZES: Final = """
() => {
  const sizes = {};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, words = texts.currentNode.data.trim();
    if (!words || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || element.closest("script, style, noscript")) continue;
    const matrix = element.getScreenCTM?.();
    const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
    const size = Math.round(10 * scale * parseFloat(getComputedStyle(element).fontSize)) / 10;
    (sizes[size] ??= new Set()).add(words.slice(0, 40));
  }
  return Object.fromEntries(Object.entries(sizes).map(([size, words]) => [size, [...words].slice(0, 8)]));
}
"""
# Texts that cover each other by more than the antialiasing and a tight line height.
_OVERLAPS: Final = """
() => {
  const texts = document.createTreeWalker(document.querySelector("[data-testid=stMain]"), NodeFilter.SHOW_TEXT);
  const boxes = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const words = texts.currentNode.data.trim().slice(0, 40);
    if (!words || element.closest("script, style, noscript, .katex, .js-plotly-plot .modebar")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects())
      if (box.width > 1 && box.height > 1) boxes.push({ box, element, words });
  }
  boxes.sort((one, other) => one.box.top - other.box.top);
  const found = [];
  for (let first = 0; first < boxes.length; first++)
    for (let second = first + 1; second < boxes.length; second++) {
      const [one, other] = [boxes[first], boxes[second]];
      if (other.box.top > one.box.bottom) break;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (wide > 2 && high > 6 && one.element !== other.element) found.push(`${one.words} / ${other.words}`);
    }
  return found;
}
"""
_PATIENCE_MS: Final = 180_000
# Whether nothing of a page has changed for a while: in milliseconds, and in pictures of the screen, of which a busy
# machine draws fewer. A part that runs by itself looks four times a second for its result, and may start a bar after
# the run of the page has ended; a training's own bar stays. A part that unfolds moves all below it and changes nothing
# in the document. A page that goes on changing, or running, is not waited for: one that shows a training.
_IS_STILL: Final = """
() => {
  const now = performance.now(), still = window.stillness ??= { ran: now, changed: now, pictures: 0, ends: 0 };
  if (!still.watch) {
    still.watch = new MutationObserver(() => { still.changed = performance.now(); still.pictures = 0; });
    still.watch.observe(document.body, { attributes: true, characterData: true, childList: true, subtree: true });
  }
  const isDone = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
  const hasBar = document.querySelector("[data-testid=stProgress]:not(.st-key-run *), [data-testid=stSkeleton]");
  const isMoving = document.getAnimations().some((one) => one.effect.getComputedTiming().endTime < Infinity);
  if (isMoving) still.changed = now;
  if (!isDone || hasBar) still.ran = now;
  if (isDone && still.wasRunning) still.ends += 1;
  if (hasBar) still.ends = 0;
  still.wasRunning = !isDone;
  still.pictures += 1;
  const goesOn = still.ends > 6 || now - still.ran > 4000;
  const isStill = now - still.ran > 400 && now - still.changed > 400 && still.pictures > 10;
  if (!isDone || hasBar || !(isStill || goesOn)) return false;
  still.watch.disconnect();
  delete window.stillness;
  return true;
}
"""


def settle(page: Page, patience_ms: int = _PATIENCE_MS) -> None:
    """Waits until a page has its heading, its results and its charts, and stands still."""
    # While a list is open, all beside it is hidden from screen readers.
    expect(page.get_by_role("heading", level=1, include_hidden=True)).to_be_visible(timeout=patience_ms)
    page.wait_for_function(_IS_STILL, timeout=patience_ms)


def cut_texts(page: Page) -> list[str]:
    """Returns the texts that are cut off, and "the page" where it is wider than the window."""
    found: list[str] = page.evaluate(_CUT)
    return found


def text_sizes(page: Page) -> dict[float, list[str]]:
    """Returns some of the visible texts by the size of their letters in pixels, smallest first."""
    found: dict[str, list[str]] = page.evaluate(_SIZES)
    return {float(size): found[size] for size in sorted(found, key=float)}


def overlapping_texts(page: Page) -> list[str]:
    """Returns pairs of texts of which one lies on the other."""
    found: list[str] = page.evaluate(_OVERLAPS)
    return found


def page_height(page: Page) -> int:
    """Returns the height of all that can be scrolled to, in pixels."""
    height: int = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    return height
