"""What every change of a record shares: refusals, and that two who change at once keep their words."""
