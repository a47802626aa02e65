"""The dataset card and the Croissant description of a build."""
