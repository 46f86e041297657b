Gem::Specification.new do |s|
  s.name = "frames".freeze
  s.version = "1.0.0"
end
