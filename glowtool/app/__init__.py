"""What glowtool does, without a terminal."""
