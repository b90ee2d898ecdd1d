"""The pages under Compare: all runs, side by side, by chance or not, voting, and the leaderboard."""
