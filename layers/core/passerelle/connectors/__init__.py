"""The platforms, one file or folder each; its name is the platform's key."""
