// db = alpha * (dy summed over images and pixels) + beta * db
#include <vector>

#include "descriptors.h"

using namespace software_cudnn;

namespace {

struct Work {
  Tensor dy, db;
  Blend blend;
};

// Rows of pixels are summed in float, rows among each other in double.
void run(const Work& work) {
  const Shape& shape = work.dy.shape;
  const float* dy = work.dy.map();
  float* db = work.db.map();
  std::vector<double> sums(static_cast<size_t>(shape.c()));
  std::vector<float> row(sums.size());
  for (int64_t n = 0; n < shape.n(); n++) {
    for (int64_t h = 0; h < shape.h(); h++) {
      row.assign(row.size(), 0.0f);
      for (int64_t w = 0; w < shape.w(); w++) {
        const float* pixel = dy + shape.at(n, 0, h, w);
        for (int64_t c = 0; c < shape.c(); c++) row[c] += pixel[c * shape.stride[kC]];
      }
      for (int64_t c = 0; c < shape.c(); c++) sums[c] += row[c];
    }
  }
  for (int64_t c = 0; c < shape.c(); c++) work.blend(db + work.db.shape.at(0, c, 0, 0), static_cast<float>(sums[c]));
}

}  // namespace

cudnnStatus_t cudnnConvolutionBackwardBias(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t dy_desc,
                                           const void* dy, const void* beta, cudnnTensorDescriptor_t db_desc,
                                           void* db) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, dy, beta, db);
    const Tensor from = tensor(dy_desc, dy), to = tensor(db_desc, db);
    require_parameter(to.shape.n() == 1 && to.shape.h() == 1 && to.shape.w() == 1, "the bias is not of 1 x C x 1 x 1");
    require_parameter(to.shape.c() == from.shape.c(), "bias and gradient are of different channels");
    enqueue<run>(*handle, function, Work{from, to, blend_of(alpha, beta)});
  });
}
