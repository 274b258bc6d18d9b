"""What every route promises, tried on every route: found in the route table, not listed by hand."""
