// Writes a number where the host sees it: how far the device has come. Moves 4 bytes.
#include <cstdint>

extern "C" __global__ void dn_progress_mark(int32_t* mark, int64_t number) {
  *static_cast<volatile int32_t*>(mark) = static_cast<int32_t>(number);
}
