"""Our identity, our bonds, and how a bond is made."""
