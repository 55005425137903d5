"""Makes the five dashboards of Pratiko Metrics: `grafana-dashboards/generate` writes them."""
