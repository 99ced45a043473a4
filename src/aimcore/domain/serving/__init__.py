"""How a service runs: its pod, Deployment, Service and route as pure functions, and the word that pods and routes give it."""
