"""Draw: a digit drawn by hand is read the moment the pen is lifted."""

from ui.draw.live import show_canvas_and_answer
from ui.shared.selection import selected_run
from ui.shell.router import begin_page

begin_page("Draw")
show_canvas_and_answer(selected_run())
