"""The rollers that this data folder knows, who holds one, and what each has done by itself."""
