// y = the images of x, normalised by a table of the 256 levels, flipped and shifted; 0 beyond an image: padding is the
// mean colour. A row of y is a span of a row of x between two spans of zeros.
#include <algorithm>

#include "chunks.h"
#include "operation.h"

namespace {

class Plan {
 public:
  Plan(const dn_input_normalize_args& args, dn::Workspace&)
      : args_(args), pitch_(args.size * args.channels), chunks_(args.batch) {}

  void run() const {
    chunks_.parallel(args_.execution.threads, [this](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t image = begin; image < end; image++) place(image);
    });
  }

 private:
  void place(int64_t image) const {
    const int32_t* placement = args_.placement + image * 3;
    const int64_t dy = placement[0], dx = placement[1], size = args_.size;
    const int64_t first = std::clamp<int64_t>(-dx, 0, size), last = std::clamp<int64_t>(size - dx, first, size);
    const uint8_t* x = args_.x + image * size * pitch_;
    float* y = args_.y + image * size * pitch_;
    for (int64_t r = 0; r < size; r++, y += pitch_) {
      if (r + dy < 0 || r + dy >= size || first == last) {
        std::fill_n(y, pitch_, 0.0f);
        continue;
      }
      std::fill_n(y, first * args_.channels, 0.0f);
      look_up(y, x + (r + dy) * pitch_, first, last, dx, placement[2] != 0);
      std::fill_n(y + last * args_.channels, (size - last) * args_.channels, 0.0f);
    }
  }

  // Pixels [first, last) of a row y, of the row x.
  void look_up(float* y, const uint8_t* x, int64_t first, int64_t last, int64_t dx, bool flip) const {
    const int64_t channels = args_.channels, step = flip ? -channels : channels;
    const uint8_t* source = x + (flip ? args_.size - 1 - (first + dx) : first + dx) * channels;
    float* const end = y + last * channels;
    for (float* target = y + first * channels; target != end; target += channels, source += step) {
      for (int64_t k = 0; k < channels; k++) target[k] = args_.table[k * 256 + source[k]];
    }
  }

  dn_input_normalize_args args_;
  int64_t pitch_;
  dn::Chunks chunks_;
};

}  // namespace

DN_DEFINE_OPERATION(input_normalize, Plan)
