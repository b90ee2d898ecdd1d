"""A class asks why: python -m benchmarks.pages.explanations --visitors 30 --rounds 3

Each visitor opens "Explain an answer" for an image of their own, all within three seconds; when all have their saliency
maps the next ones come. What is timed is from the request for the page to the message with that map, over real visits
to a server whose worker processes are ready.
"""

from __future__ import annotations

import argparse
import asyncio
import time

import numpy as np
import websockets
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages.browser import temporary_server
from benchmarks.pages.classroom import Visit, wait_until_at_rest
from benchmarks.report import print_heading, print_table

_PAGE = "explain_answer"
_LONGEST_SECONDS = 60.0
_GOAL_MS = 2_000
_ARRIVAL_SECONDS = 3.0


class Question(Visit):
    """A visitor who opens the page and waits for the saliency map.

    Args:
        url: of the server, http.
        image: index of a test image.
        delay_seconds: before the page is opened.
    """

    def __init__(self, url: str, image: int, delay_seconds: float) -> None:
        super().__init__(url, [_PAGE])
        self._image, self._delay_seconds = image, delay_seconds
        self._has_map = asyncio.Event()

    async def visit_pages(self, connection: websockets.ClientConnection, end: float) -> None:
        """Asks for the map; `end` is the last moment for it."""
        await asyncio.sleep(self._delay_seconds)
        start = time.monotonic()
        await self.request_page(connection, _PAGE, f"image=test-{self._image}")
        try:
            await asyncio.wait_for(self._has_map.wait(), end - time.monotonic())
        except TimeoutError:
            self.errors.append(f"no saliency map of image {self._image} after {time.monotonic() - start:.0f} s")
        else:
            self.seconds.append(time.monotonic() - start)

    def look_at(self, message: ForwardMsg) -> None:
        """Notes the chart with the saliency map; while it is computed, the page has none."""
        if message.delta.new_element.plotly_chart.id.endswith("-saliency"):
            self._has_map.set()


async def _ask_all(url: str, images: range) -> list[Question]:
    """Lets one visitor for each image come within three seconds."""
    questions = [Question(url, image, _ARRIVAL_SECONDS * place / len(images)) for place, image in enumerate(images)]
    end = time.monotonic() + _LONGEST_SECONDS
    await asyncio.gather(*(question.stay(end) for question in questions))
    return questions


def main() -> None:
    """Runs the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 30])
    parser.add_argument("--rounds", type=int, default=3, help="how often so many come")
    options = parser.parse_args()
    print_heading(
        f"From the request for an explanation to its saliency map, milliseconds; goal of the p95: {_GOAL_MS:,}"
    )
    rows = []
    for visitors in options.visitors:
        with temporary_server() as server:
            asyncio.run(_ask_all(server.url, range(9_999, 10_000)))  # the first visit loads what all others share
            wait_until_at_rest(server)
            questions = [
                question
                for first in range(0, options.rounds * visitors, visitors)
                for question in asyncio.run(_ask_all(server.url, range(first, first + visitors)))
            ]
        errors = [error for question in questions for error in question.errors]
        for error in errors[:3]:
            print(error)
        times = 1000 * np.array([seconds for question in questions for seconds in question.seconds])
        figures = [f"{value:,.0f}" for value in np.percentile(times, [50, 95, 100])]
        rows.append([str(visitors), f"{len(times)}", *figures, str(len(errors))])
    print_table(["visitors", "maps", "median", "p95", "longest", "errors"], rows)


if __name__ == "__main__":
    main()
