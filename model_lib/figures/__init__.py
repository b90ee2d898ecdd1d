"""Every Plotly figure of the app, one file a subject: nouns in, `go.Figure` out."""

# Plotly looks at pandas wherever it finds it among the loaded modules, also one that another thread is just loading,
# and then fails. So pandas is whole before the first figure is made.
import pandas  # type: ignore[import-untyped]  # noqa: F401
