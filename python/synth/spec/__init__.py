"""The spec: what calibration writes, people edit and the generator reads."""
