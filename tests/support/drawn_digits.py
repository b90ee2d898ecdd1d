"""Ten digits written by hand for the tests: strokes on a canvas of 280 x 280 pixels, x to the right, y down."""

import numpy as np
from numpy.typing import NDArray


def _arc(x: float, y: float, width: float, height: float, begin: float, end: float) -> list[tuple[float, float]]:
    """Returns points on an ellipse about x, y; angles in degrees, 0 to the right, 90 down."""
    angles = np.deg2rad(np.linspace(begin, end, 24))
    return [(x + width / 2 * float(np.cos(angle)), y + height / 2 * float(np.sin(angle))) for angle in angles]


_LINES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(x + 0.2 * (140 - y), y) for x, y in _arc(140, 140, 110, 170, -90, 275)]],
    1: [[(148, 50), (146, 120), (141, 180), (138, 232)]],
    2: [[*_arc(138, 100, 96, 96, -170, 30), (150, 165), (110, 205), (90, 226), (140, 222), (195, 224)]],
    3: [[*_arc(135, 95, 90, 84, -160, 75), *_arc(135, 182, 105, 96, -85, 150)]],
    4: [[(110, 55), (98, 110), (88, 152), (140, 150), (198, 144)], [(168, 60), (162, 140), (156, 232)]],
    5: [[(100, 62), (96, 132), *_arc(135, 176, 110, 104, -110, 140)], [(100, 62), (150, 60), (188, 56)]],
    6: [[(168, 50), (130, 88), (102, 140), (92, 185), *_arc(140, 188, 96, 88, 180, -175)]],
    7: [[(85, 62), (140, 60), (196, 56), (170, 120), (145, 180), (128, 234)]],
    8: [[*_arc(140, 95, 84, 84, -30, -270), *_arc(140, 188, 104, 102, -90, 270), *_arc(140, 95, 84, 84, 90, -40)]],
    9: [[*_arc(138, 102, 88, 96, -20, -375), (184, 150), (176, 195), (162, 236)]],
}

DRAWN_DIGITS: dict[int, list[NDArray[np.float64]]] = {
    digit: [np.array(line, dtype=np.float64) for line in lines] for digit, lines in _LINES.items()
}
