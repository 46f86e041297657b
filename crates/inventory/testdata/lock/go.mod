module example.org/clinic

go 1.22

toolchain go1.22.5

require (
	example.org/frames v1.2.3
	example.org/pumps/v2 v2.0.0-20240101000000-abcdefabcdef // indirect
	example.org/wards v0.1.0+incompatible
)

replace example.org/wards => ../wards
