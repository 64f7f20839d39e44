"""Files on their way in and out: where they lie, what may stand in their cells, exports, and what pages show."""
