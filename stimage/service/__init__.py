"""Many people, one engine: jobs, their queue, the worker that draws them."""
