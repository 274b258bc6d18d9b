"""Whatever is not ours, each behind one small class, with a twin that works without a network."""
