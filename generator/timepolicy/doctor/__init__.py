"""Why a node does not keep the right time: what was collected on nodes, and the diagnoses that follow from it."""
