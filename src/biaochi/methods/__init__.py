"""Published methods, named by mathematics: arrays and DataFrames in, frozen results out; no input or output."""
