"""What really happened, for those who judge: the delivered record, the truth about the hand, the flash."""
