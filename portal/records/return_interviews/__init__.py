"""Return interviews: offered, held, completed, within the hours that policy gives."""
