"""The attributes: the table, who may use it, and what hosts write."""
