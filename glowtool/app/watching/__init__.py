"""What a face shows, and when: decided here from the news, so that a screen, lines and a bridge decide alike."""
