"""Pictures composed from a prompt: a graphic series in a few inks, each sheet with its words beneath it."""
