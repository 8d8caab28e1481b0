"""Who we are, whom we are bonded with, and how a bond comes about."""
