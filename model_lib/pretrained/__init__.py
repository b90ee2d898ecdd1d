"""The pretrained network, its out-of-distribution detector, and the commands that train and measure them."""
