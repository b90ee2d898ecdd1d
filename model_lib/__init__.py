"""What the app knows: data sets, networks, trainings, and what can be read out of them. Never imports Streamlit."""
