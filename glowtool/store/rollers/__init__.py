"""The rollers that this data folder knows, their current holders, and their massages by the button."""
