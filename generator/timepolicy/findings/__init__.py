"""Stage 2: findings. What is wrong with a policy, as data that travels beside each stage's result."""
