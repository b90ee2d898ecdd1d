"""Every Plotly figure of the app, one module a subject: plain data in, `go.Figure` out."""

# Plotly accesses `sys.modules["pandas"]`, also while another thread is still importing it, and then fails: a race.
# Importing pandas here first avoids it.
import pandas  # type: ignore[import-untyped]  # noqa: F401
