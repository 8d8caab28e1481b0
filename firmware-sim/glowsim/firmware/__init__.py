"""The device's mind: state machine, program executor, interlocks, control point, sampler. Pure: time is an argument."""
