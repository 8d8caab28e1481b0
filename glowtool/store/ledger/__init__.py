"""The ledger of doses: for each person a book of what was delivered, whatever roller delivered it."""
