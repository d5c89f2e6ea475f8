"""What the attendance reports of Zoom and Microsoft Teams say; no database, no HTTP."""
