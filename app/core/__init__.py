"""The domain-free kit: nothing here knows what a visit or an invoice is."""
