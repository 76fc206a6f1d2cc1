"""The catalogue: the properties of each distribution release. No other folder names a distribution."""
