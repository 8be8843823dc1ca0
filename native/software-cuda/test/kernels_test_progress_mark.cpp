#include "kernels_test.h"

namespace kernels_test {

void test_progress_mark(const Device& device) {
  const Memory<int32_t> marks(std::vector<int32_t>{7, 7, 7});
  device.launch_block("dn_progress_mark", 1, marks.at(1), int64_t{23});
  marks.expect({7, 23, 7}, "dn_progress_mark");
}

}  // namespace kernels_test
