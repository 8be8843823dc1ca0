// Opcodes such as add, which one file serves for integers, one for float and double, one for 16-bit floats.
#ifndef DENSENET4J_SOFTWARE_CUDA_ARITHMETIC_H
#define DENSENET4J_SOFTWARE_CUDA_ARITHMETIC_H

#include "lanes.h"

namespace software_cuda {

void decode_integer_arithmetic(Decoding& at, Type type);
void decode_carrying_arithmetic(Decoding& at, Type type);
void decode_float_arithmetic(Decoding& at, Type type);
void decode_half_arithmetic(Decoding& at, Type type);

}  // namespace software_cuda
#endif
