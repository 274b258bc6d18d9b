"""Who somebody is, where they belong, and the tokens that say so."""
