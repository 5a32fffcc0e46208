"""Findings and coverage in one format. The only place that formats, and the only one that redacts."""
