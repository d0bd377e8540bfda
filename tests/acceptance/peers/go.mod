module certsweep/tests/acceptance/peers

go 1.24
