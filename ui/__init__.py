"""Streamlit code that the pages share: what the visitor has chosen, cached loaders, and the larger parts of a page."""
