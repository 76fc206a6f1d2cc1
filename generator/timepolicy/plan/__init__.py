"""Stage 5: the plan. What one kind of node gets, as pure data; every decision is made here and none later."""
