"""Write the dataset card and the Croissant description of a build."""
