#include <cmath>

#include "kernels_test_fused.h"

namespace kernels_test {
namespace {

struct WeightShape {
  int64_t outputs, channels, taps;

  int64_t values() const { return outputs * channels * taps; }
  size_t place(int64_t output, int64_t channel, int64_t tap) const {
    return static_cast<size_t>((output * channels + channel) * taps + tap);
  }
};

// Neither whole planes nor whole rows, and a tensor of one value.
constexpr WeightShape kWeights[] = {{48, 24, 1}, {12, 48, 9}, {1, 1, 1}, {33, 7, 9}, {128, 67, 1}};

template <class T>
void require_same(const std::vector<T>& found, const std::vector<T>& expected, const std::string& what) {
  for (size_t i = 0; i < expected.size(); i++) {
    if (std::memcmp(&found[i], &expected[i], sizeof(T)) != 0) {
      fail(what + ": value " + std::to_string(i) + " is " + std::to_string(widened(found[i])) + ", expected " +
           std::to_string(widened(expected[i])));
    }
  }
}

template <class T>
struct Packed {
  Packed(const WeightShape& shape, uint32_t seed) : planes(shape.channels / kVector<T> + 2), rows(shape.outputs + 5) {
    const std::vector<float> drawn = normal(static_cast<size_t>(shape.values()), seed);
    T zero, none;
    narrow(0, &zero);
    narrow(NAN, &none);
    expected.assign(static_cast<size_t>(shape.taps * planes * rows * kVector<T>), zero);
    for (int64_t o = 0; o < shape.outputs; o++) {
      for (int64_t c = 0; c < shape.channels; c++) {
        for (int64_t t = 0; t < shape.taps; t++) {
          const int64_t vector = (t * planes + c / kVector<T>)*rows + o;
          narrow(drawn[shape.place(o, c, t)],
                 &expected[static_cast<size_t>(vector * kVector<T> + c % kVector<T>)]);
        }
      }
    }
    from = std::make_unique<Memory<float>>(drawn);
    to = std::make_unique<Memory<T>>(std::vector<T>(expected.size(), none));
  }

  int64_t planes, rows;
  std::vector<T> expected;
  std::unique_ptr<Memory<float>> from;
  std::unique_ptr<Memory<T>> to;
};

template <class T>
void check_pack(const Device& device) {
  std::vector<Packed<T>> tensors;
  std::vector<int64_t> table;
  int64_t vectors = 0, count = 0;
  for (const WeightShape& s : kWeights) {
    tensors.emplace_back(s, static_cast<uint32_t>(960 + count));
    const Packed<T>& t = tensors.back();
    const auto from = static_cast<int64_t>(t.from->at()), to = static_cast<int64_t>(t.to->at());
    table.insert(table.end(), {vectors, from, to, s.outputs, s.channels, s.taps, t.planes, t.rows});
    vectors += s.taps * t.planes * t.rows;
    count++;
  }
  const Memory<int64_t> rows(table);
  const std::string kernel = named<T>("weights_pack");
  device.launch(kernel.c_str(), vectors, rows.at(), count, vectors);
  for (const Packed<T>& t : tensors) require_same(t.to->read(kernel), t.expected, kernel);
}

struct Gradient {
  Gradient(const WeightShape& s, int64_t of_parts, uint32_t seed) : parts(of_parts) {
    const std::vector<float> drawn = normal(static_cast<size_t>(parts * s.values()), seed);
    expected.assign(static_cast<size_t>(s.values()), 0);
    for (int64_t part = 0; part < parts; part++) {
      for (int64_t i = 0; i < s.values(); i++) {
        const int64_t tap = i / (s.outputs * s.channels), output = i / s.channels % s.outputs;
        expected[s.place(output, i % s.channels, tap)] += drawn[static_cast<size_t>(part * s.values() + i)];
      }
    }
    from = std::make_unique<Memory<float>>(drawn);
    to = std::make_unique<Memory<float>>(std::vector<float>(expected.size(), kNaN));
  }

  int64_t parts;
  std::vector<float> expected;
  std::unique_ptr<Memory<float>> from, to;
};

// The bits of a sum from the first part to the last one.
void check_gradient(const Device& device) {
  std::vector<Gradient> tensors;
  std::vector<int64_t> table;
  int64_t values = 0, count = 0;
  for (const WeightShape& s : kWeights) {
    tensors.emplace_back(s, 1 + 5 * count, static_cast<uint32_t>(970 + count));
    const Gradient& t = tensors.back();
    const auto from = static_cast<int64_t>(t.from->at()), to = static_cast<int64_t>(t.to->at());
    table.insert(table.end(), {values, from, to, t.parts, s.outputs, s.channels, s.taps});
    values += s.values();
    count++;
  }
  const Memory<int64_t> rows(table);
  device.launch("dn_weights_gradient", values, rows.at(), count, values);
  for (const Gradient& t : tensors) t.to->expect(t.expected, "dn_weights_gradient");
}

// The bits of fused multiply-adds from the first image to the last one.
void check_linear(const Device& device, int64_t images, int64_t channels, int64_t classes) {
  const std::vector<float> dlogits = normal(static_cast<size_t>(images * classes), 980);
  const std::vector<float> pooled = normal(static_cast<size_t>(images * channels), 981);
  std::vector<float> dw(static_cast<size_t>(classes * channels)), dbias(static_cast<size_t>(classes));
  for (int64_t n = 0; n < images; n++) {
    for (int64_t k = 0; k < classes; k++) {
      const float of_class = dlogits[static_cast<size_t>(n * classes + k)];
      dbias[static_cast<size_t>(k)] += of_class;
      for (int64_t c = 0; c < channels; c++) {
        float& sum = dw[static_cast<size_t>(k * channels + c)];
        sum = std::fmaf(of_class, pooled[static_cast<size_t>(n * channels + c)], sum);
      }
    }
  }
  const Memory<float> of_logits(dlogits), of_pooled(pooled);
  const Memory<float> to(std::vector<float>(dw.size(), kNaN)), to_bias(std::vector<float>(dbias.size(), kNaN));
  device.launch("dn_linear_wgrad", classes * channels + classes, to.at(), to_bias.at(), of_logits.at(),
                of_pooled.at(), images, channels, classes);
  to.expect(dw, "dn_linear_wgrad");
  to_bias.expect(dbias, "dn_linear_wgrad, bias");
}

}  // namespace

void test_weights(const Device& device) {
  check_pack<Bf16>(device);
  check_pack<float>(device);
  check_gradient(device);
  check_linear(device, 1, 1, 1);
  check_linear(device, 5, 342, 10);
  check_linear(device, 3, 33, 7);
  check_linear(device, 2, 36, 131);
  check_linear(device, 2, 9, 128);
}

}  // namespace kernels_test
