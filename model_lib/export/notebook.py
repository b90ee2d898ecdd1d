"""The notebook that trains a run's network again: the script's parts, explained, with charts.

TensorFlow alone is promised, which brings no library for charts: curves are drawn as SVG by a short function that
stands in the notebook, images as PNG by TensorFlow; a notebook's own display shows both.
"""

from __future__ import annotations

from typing import Any, Final

from model_lib.export.cells import Cell, training_cells
from model_lib.export.keras_script import TrainingProgram

_IMPORTS: Final = "import tensorflow as tf\nfrom IPython.display import SVG, Image, display"
_DRAWING: Final = Cell(
    "drawing",
    "two functions for the pictures below",
    "So that nothing but TensorFlow is needed, the curves are drawn as SVG. You need not read this.",
    '''def show_curves(curves, x_title, y_title):
    """Shows lines of numbers from 1 on; curves are (name, colour, dash, numbers)."""
    numbers = [number for _, _, _, line in curves for number in line]
    low, high = min(numbers), max(numbers)
    high = high if high > low else low + 1
    count = max(len(line) for _, _, _, line in curves)
    parts = []
    for place, (name, colour, dash, line) in enumerate(curves):
        points = [
            (70 + 400 * i / max(1, count - 1), 220 - 190 * (number - low) / (high - low))
            for i, number in enumerate(line)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{path}" fill="none" {style}/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        y = 40 + 22 * place
        parts.append(f'<line x1="490" y1="{y}" x2="520" y2="{y}" {style}/>')
        parts.append(f'<text x="526" y="{y + 4}">{name}</text>')
    parts.append('<path d="M70,30 V220 H470" fill="none" stroke="#444"/>')
    parts.append(f'<text x="64" y="34" text-anchor="end">{high:.3f}</text>')
    parts.append(f'<text x="64" y="224" text-anchor="end">{low:.3f}</text>')
    parts.append('<text x="70" y="240" text-anchor="middle">1</text>')
    parts.append(f'<text x="470" y="240" text-anchor="middle">{count}</text>')
    parts.append(f'<text x="270" y="256" text-anchor="middle">{x_title}</text>')
    parts.append(f'<text x="70" y="18" text-anchor="middle">{y_title}</text>')
    size = 'width="680" height="264" viewBox="0 0 680 264" font-family="sans-serif" font-size="13"'
    background = '<rect width="680" height="264" fill="white"/>'
    display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{background}{"".join(parts)}</svg>'))


def show_images(images, columns=10):
    """Shows images of any range of numbers side by side, each from its smallest number, black, to its largest."""
    rows = -(-len(images) // columns)
    height, width = images[0].shape
    sheet = np.full((rows * (height + 1), columns * (width + 1)), 0.5)
    for place, image in enumerate(images):
        low, high = image.min(), image.max()
        top, left = place // columns * (height + 1), place % columns * (width + 1)
        sheet[top : top + height, left : left + width] = (image - low) / max(high - low, 1e-9)
    zoom = max(1, 700 // sheet.shape[1])
    pixels = np.kron(sheet * 255, np.ones((zoom, zoom)))[..., np.newaxis].astype(np.uint8)
    display(Image(tf.io.encode_png(pixels).numpy()))''',
)
_FIRST_IMAGES: Final = Cell(
    "first_images",
    "what it learns from",
    "The first twenty training images. Their labels are printed below.",
    "show_images(list(x_train[:20, :, :, 0]))\nprint(y_train[:20])",
)
_MISTAKES: Final = Cell(
    "first_mistakes",
    "the first mistakes, as images",
    "Would you have known? For each image: its label, and what was predicted.",
    """if len(mistakes):
    show_images([x_test[index, :, :, 0] for index in mistakes[:20]])
    print([f"{y_test[index]} predicted as {predictions[index]}" for index in mistakes[:20]])""",
)
_FILTERS: Final = Cell(
    "filters",
    "what the first convolution has learnt",
    "The weights of its filters, each from black (its smallest weight) to white (its largest).",
    """first = next(layer for layer in network.layers if isinstance(layer, layers.Conv2D))
kernel = first.get_weights()[0]
show_images([kernel[:, :, 0, index] for index in range(min(32, kernel.shape[3]))], columns=16)""",
)


def notebook_bytes(program: TrainingProgram) -> bytes:
    """Returns the notebook as a file's content, UTF-8 JSON; nothing in it has been run.

    Args:
        program: what it trains.

    Raises:
        NetworkError: if the stack cannot be built.
    """
    import nbformat  # here, not above: it takes a quarter of a second, and pages import this module

    v4: Any = nbformat.v4  # its functions have no types

    cells = []
    for cell in _with_charts(program, training_cells(program.spec, program.config, is_notebook=True)):
        cells.append(v4.new_markdown_cell(f"## {cell.title[:1].upper()}{cell.title[1:]}\n\n{cell.explanation}"))
        cells.append(v4.new_code_cell(cell.code))
    notebook = v4.new_notebook(
        cells=[v4.new_markdown_cell(_beginning(program)), *cells],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # the same each time, so that equal networks give equal files
    nbformat.validate(notebook)
    text: str = v4.writes(notebook)
    return text.encode()


def _beginning(program: TrainingProgram) -> str:
    lines = ["# Train this network", "", program.introduction()]
    lines += ["", "Run the cells from top to bottom: Shift and Enter. Then change one setting, and run them again."]
    lines += ["", *(f"- {each}" for each in program.not_repeated())]
    if not program.is_untold:
        lines += ["- Random numbers are others than in the run: the accuracy may differ as between two seeds."]
    return "\n".join(lines)


def _with_charts(program: TrainingProgram, cells: list[Cell]) -> list[Cell]:
    """Puts the pictures where what they show has been made."""
    behind = {"split": [_FIRST_IMAGES], "fit": [_curves(program)], "mistakes": [_MISTAKES], "evaluate": []}
    kinds = [layer.kind for layer in program.spec.layers]
    # Behind a dense layer a convolution reads units, not the image.
    if "Conv2D" in kinds and "Dense" not in kinds[: kinds.index("Conv2D")]:
        behind["evaluate"] = [_FILTERS]
    found = []
    for cell in cells:
        if cell.name == "imports":
            cell = Cell(cell.name, cell.title, cell.explanation, f"{cell.code}\n{_IMPORTS}")
            found += [cell, _DRAWING]
        else:
            found += [cell, *behind.get(cell.name, [])]
    return found


def _curves(program: TrainingProgram) -> Cell:
    has_validation = program.config.validation != "none"
    lines = []
    for measure in ("accuracy", "loss"):
        lines.append(f'curves = [("{measure}", "#0072B2", "", history.history["{measure}"])]')
        if has_validation:
            lines.append(f'curves.append(("validation {measure}", "#D55E00", "6,4", history.history["val_{measure}"]))')
        lines.append(f'show_curves(curves, "epoch", "{measure}")')
    explanation = "Each point is the end of an epoch. "
    explanation += (
        "Where the validation curve gets worse while the other still gets better, the network overfits."
        if has_validation
        else "No images were held out, so there is no validation curve to tell whether it overfits."
    )
    return Cell("curves", "learning curves", explanation, "\n".join(lines))
