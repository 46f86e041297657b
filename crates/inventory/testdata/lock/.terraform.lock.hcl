provider "registry.terraform.io/clinic/frames" {
  version     = "1.0.0"
  constraints = "~> 1.0"
  hashes = [
    "h1:a",
  ]
}
