"""Questions at the terminal: a line or a passkey as the answer, a time that runs out, a yes while all else goes on."""
