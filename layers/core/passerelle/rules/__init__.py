"""Pure decisions: what happens to the data. No I/O, no clock, no platform."""
