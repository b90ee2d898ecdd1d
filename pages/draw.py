"""Draw: a digit drawn by hand is read the moment the pen is lifted."""

from ui.draw_live import show_canvas_and_answer
from ui.router import begin_page
from ui.selection import selected_run

begin_page("Draw")
show_canvas_and_answer(selected_run())
