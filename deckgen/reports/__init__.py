"""Views of a build, as text for people and as plain data for programs."""
