"""Evidence of what really happened: the delivered record, the truth about the hand, and the flash."""
