"""What is trained, as data: layers, networks, the settings of a training, presets. Nothing here loads Keras."""
