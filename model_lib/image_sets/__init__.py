"""Files of labelled images that a visitor brings: a zip of pictures in folders by label, or a CSV."""
