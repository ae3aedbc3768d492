"""Scan a document for anything that identifies a person or opens a door.

Below `synth.extract`: extraction scans what it is about to write.
"""

from synth.scan.walk import Finding, ScanResult, scan

__all__ = ["Finding", "ScanResult", "scan"]
