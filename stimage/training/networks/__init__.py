"""The networks and how they begin; none of them knows how it is trained."""
