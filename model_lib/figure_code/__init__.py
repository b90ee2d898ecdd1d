"""The code of the figures: a short program for each, in Keras, NumPy and Plotly alone, which a page shows below it.

The programs lie in a folder for each heading of the navigation. The app reads them as text and never imports them; they
run as they stand, in the project's folder. `tests/figure_code` runs them all.
"""
