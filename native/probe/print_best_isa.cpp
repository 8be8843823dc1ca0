// What CMake runs for DENSENET4J_ISA=native.
#include "probe.cpp"

int main() { std::puts(dn_best_isa()); }
