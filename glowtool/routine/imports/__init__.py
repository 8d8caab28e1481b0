"""Files of other programs, read as a track of vibration, and made into a routine that a roller can follow."""
