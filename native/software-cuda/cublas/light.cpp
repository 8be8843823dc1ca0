// cuBLASLt, which nothing here calls: it is there, and of the version of cuBLAS.
#include <cstddef>

#pragma GCC visibility push(default)
extern "C" size_t cublasLtGetVersion() { return 130201; }
#pragma GCC visibility pop
