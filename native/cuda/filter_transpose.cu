// A matrix a filter: to[c][r] = from[r][c]. With rows = C and columns = kh * kw it turns KCRS into KRSC, and back with
// the two exchanged. Moves 8 bytes a value.
// Threads run along the shorter side, so that one end is contiguous and a block's part of the other is a few contiguous
// runs: filters have 1, 9 or 49 values a channel.
#include "grid.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_filter_transpose(float* to, const float* __restrict__ from, int64_t filters, int64_t rows, int64_t columns) {
  const bool writes_run = rows <= columns;
  const int64_t shorter = writes_run ? rows : columns, longer = writes_run ? columns : rows, size = rows * columns;
  dn::Walk line(shorter, 1), filter(size, 1);
  int64_t near = dn::thread_index();
  for (; filter.row() < filters; line.next(), filter.next(), near += dn::thread_count()) {
    const int64_t far = filter.row() * size + line.column() * longer + (line.row() - filter.row() * longer);
    if (writes_run) {
      to[near] = from[far];
    } else {
      to[far] = from[near];
    }
  }
}
