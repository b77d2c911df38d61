"""Everything that stands in for the world: simulators of the platforms, and the stage they play on."""
