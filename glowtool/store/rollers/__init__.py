"""The rollers that this data folder knows, their current holders, and the massages that each did by button."""
