version       = "1.0.0"
requires "nim >= 2.0"
