"""The Draw pages: canvas, answers, uploads, the visitor's own digits."""
