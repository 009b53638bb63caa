"""Reports: build values from rows, then render them. Building is pure, rendering is not clever."""
