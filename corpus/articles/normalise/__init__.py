"""Text as it should be written: encoding, line ends, spaces, invisible characters."""
