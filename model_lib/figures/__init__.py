"""Every Plotly figure of the app, one file a subject: nouns in, `go.Figure` out."""
