"""The relation between the device's clock and the host's: the lines, the estimate of them, and the dates of samples."""
