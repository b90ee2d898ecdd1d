"""What the camera model draws from: `TEST`, fixed before anything was tuned, and `TUNING`, other ranges and surfaces.

No colour, no texture and no range is the same in both. The writers of the test are `TEST_WRITERS`; tuning uses the
20 others.
"""

from __future__ import annotations

from typing import Final

from benchmarks.drawing.camera import Conditions, Surface

_TEST_PAPER: Final = ((246, 243, 232), (250, 250, 248), (228, 226, 222))
# Black and blue ballpoint, blue-black and royal blue felt, dark red.
_TEST_INKS: Final = ((35, 35, 38), (38, 52, 130), (25, 35, 80), (40, 80, 170), (130, 30, 40))
_TEST_PENS: Final = (0.045, 0.16)

TEST: Final = Conditions(
    surfaces=(
        Surface("plain", _TEST_PAPER, _TEST_INKS, _TEST_PENS),
        Surface(
            "ruled",
            _TEST_PAPER,
            _TEST_INKS,
            _TEST_PENS,
            ruling="ruled",
            line_colours=((150, 170, 210), (165, 165, 172), (120, 160, 190)),
            spacing=(0.6, 1.6),
            line_width=(0.02, 0.05),
            margin_colour=(220, 130, 140),
        ),
        Surface(
            "squared",
            _TEST_PAPER,
            _TEST_INKS,
            _TEST_PENS,
            ruling="squared",
            line_colours=((160, 175, 205), (170, 170, 175), (150, 180, 165)),
            spacing=(0.3, 1.1),
            line_width=(0.015, 0.04),
        ),
        Surface(
            "board",
            ((38, 72, 56), (52, 84, 72), (45, 50, 52)),
            ((232, 232, 226), (235, 222, 150)),
            (0.06, 0.14),
            covers=True,
            grain=0.3,
            smears=(0.0, 0.03),
        ),
        Surface(
            "whiteboard",
            ((240, 244, 246), (232, 234, 236)),
            ((30, 32, 36), (30, 60, 150), (170, 40, 45), (30, 110, 70)),
            (0.05, 0.11),
            covers=True,
            grain=0.08,
            smears=(-0.03, 0.0),
            lamp=(0.1, 0.5),
        ),
    ),
    tilt_degrees=(0, 20),
    rotation_degrees=(0, 7),
    distance=(1.1, 1.9),
    digit_height=(0.28, 0.65),
    number_width=(0.5, 0.85),
    off_centre=(0, 0.1),
    texture=(0.01, 0.04),
    texture_size_px=(4.0, 0.8),
    gradient=(0.05, 0.5),
    shadow=(0.15, 0.6),
    penumbra=(0.05, 0.5),
    vignetting=(0.0, 0.35),
    blur_px=(0.5, 1.8),
    noise=(0.005, 0.03),
    white_balance=(0.85, 1.15),
    exposure=(0.55, 1.0),
    jpeg_quality=(55, 92),
    gap=(0.06, 0.4),
    size_jitter=0.07,
    baseline_jitter=0.04,
)

_TUNING_PAPER: Final = ((242, 246, 250), (238, 230, 212), (215, 218, 220))
_TUNING_INKS: Final = ((50, 48, 50), (20, 22, 30), (50, 60, 155), (60, 40, 120), (30, 100, 80))
_TUNING_PENS: Final = (0.04, 0.18)

TUNING: Final = Conditions(
    surfaces=(
        Surface("plain", _TUNING_PAPER, _TUNING_INKS, _TUNING_PENS),
        Surface(
            "ruled",
            _TUNING_PAPER,
            _TUNING_INKS,
            _TUNING_PENS,
            ruling="ruled",
            line_colours=((140, 140, 150), (160, 190, 215), (175, 155, 190)),
            spacing=(0.5, 1.8),
            line_width=(0.015, 0.055),
            margin_colour=(205, 110, 120),
        ),
        Surface(
            "squared",
            _TUNING_PAPER,
            _TUNING_INKS,
            _TUNING_PENS,
            ruling="squared",
            line_colours=((150, 190, 200), (155, 155, 160), (190, 165, 150)),
            spacing=(0.28, 1.3),
            line_width=(0.015, 0.045),
        ),
        Surface(
            "board",
            ((30, 64, 44), (60, 92, 76), (30, 32, 34)),
            ((225, 225, 225), (240, 215, 130), (230, 170, 170)),
            (0.05, 0.16),
            covers=True,
            grain=0.35,
            smears=(0.0, 0.04),
        ),
        Surface(
            "whiteboard",
            ((236, 238, 236), (244, 240, 234)),
            ((22, 24, 30), (60, 40, 130), (190, 60, 40), (20, 90, 90)),
            (0.045, 0.13),
            covers=True,
            grain=0.1,
            smears=(-0.04, 0.0),
            lamp=(0.05, 0.6),
        ),
    ),
    tilt_degrees=(0, 23),
    rotation_degrees=(0, 9),
    distance=(1.0, 1.7),
    digit_height=(0.25, 0.7),
    number_width=(0.45, 0.88),
    off_centre=(0, 0.08),
    texture=(0.005, 0.05),
    texture_size_px=(1.5, 1.5),
    gradient=(0.0, 0.55),
    shadow=(0.1, 0.65),
    penumbra=(0.08, 0.4),
    vignetting=(0.05, 0.4),
    blur_px=(0.4, 2.0),
    noise=(0.004, 0.035),
    white_balance=(0.8, 1.2),
    exposure=(0.5, 0.95),
    jpeg_quality=(50, 95),
    gap=(0.05, 0.45),
    size_jitter=0.08,
    baseline_jitter=0.05,
)
