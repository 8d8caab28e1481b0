"""Evidence of what really happened: the delivered record, the truth about the hand, the content of the flash."""
