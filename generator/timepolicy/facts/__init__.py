"""Facts about programs and services that hold on every distribution."""
