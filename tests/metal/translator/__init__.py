"""Metal shading language to shared objects that the emulation runs."""
