"""The attributes: their table, the hosts that may use it, and the requests that hosts write."""
