"""Pairing: the window that a person opens, the screen, the procedure, and the bonds that are kept."""
