// Results of asking which algorithm to take.
#ifndef DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_SEARCH_H
#define DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_SEARCH_H

#include <algorithm>
#include <vector>

#include "convolution_algorithms.h"

namespace software_cudnn {

// One result for each algorithm with the descriptor's math type, and one with CUDNN_FMA_MATH if that differs.
inline int most_results(Direction direction) { return 2 * algorithms(direction); }

// What the heuristics say of an algorithm. FMA arithmetic is expected to take twice the time of TF32.
template <class Result>
Result expected(Direction direction, int algorithm, const Convolution& convolution, cudnnMathType_t math) {
  Result result = {};
  result.algo = static_cast<decltype(result.algo)>(algorithm);
  result.mathType = math;
  result.determinism = deterministic(direction, algorithm) ? CUDNN_DETERMINISTIC : CUDNN_NON_DETERMINISTIC;
  if (unsupported(direction, algorithm, convolution) != nullptr) {
    result.status = CUDNN_STATUS_NOT_SUPPORTED;
    result.time = -1;
  } else {
    result.status = CUDNN_STATUS_SUCCESS;
    result.memory = workspace_bytes(direction, algorithm, convolution);
    result.time = milliseconds(direction, algorithm, convolution) * (math == CUDNN_FMA_MATH ? 2.0f : 1.0f);
  }
  return result;
}

template <class Result>
std::vector<Result> expected(Direction direction, const Convolution& convolution) {
  std::vector<Result> results;
  for (int algorithm : algorithms_by_speed(direction)) {
    results.push_back(expected<Result>(direction, algorithm, convolution, convolution.desc.math));
    if (convolution.desc.math == CUDNN_FMA_MATH) continue;
    results.push_back(expected<Result>(direction, algorithm, convolution, CUDNN_FMA_MATH));
  }
  return results;
}

// The fastest first, those that failed last.
template <class Result>
void deliver(std::vector<Result> found, int requested, int* returned, Result* results) {
  std::stable_sort(found.begin(), found.end(), [](const Result& a, const Result& b) {
    const bool a_works = a.status == CUDNN_STATUS_SUCCESS, b_works = b.status == CUDNN_STATUS_SUCCESS;
    return a_works != b_works ? a_works : a_works && a.time < b.time;
  });
  *returned = std::min(requested, static_cast<int>(found.size()));
  std::copy_n(found.begin(), *returned, results);
}

inline void require_results(int requested, const int* returned, const void* results) {
  require_parameter(returned != nullptr && results != nullptr, "a pointer for results is null");
  require_parameter(requested > 0, "no results are requested");
}

}  // namespace software_cudnn
#endif
