"""Published cards side by side: who stands where and how surely, two offices compared, who improved, which rounds."""
