"""Statistics of a stream in one pass, exact: the same bits however the input is cut, or its parts are merged."""
