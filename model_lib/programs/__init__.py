"""The six published programs as text: what each line does, how they differ, what Keras 2 wrote. Nothing runs them."""
