"""The network that ships with the project, and the commands that make and measure it again."""
