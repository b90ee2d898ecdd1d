"""The frame around every page: navigation, sidebar, start-up, server."""
