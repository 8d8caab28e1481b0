"""Our identity, our bonds, and the pairing that makes a bond."""
