#include "kernels_test_tiles.h"

#include <algorithm>
#include <map>

namespace kernels_test {
namespace {

struct Seen {
  int64_t launches = 0;
  bool one_each = false, several = false;  // whether such a launch was made in both orders, and tells them apart
};

std::map<std::string, Seen>& kernels() {
  static std::map<std::string, Seen> all;
  return all;
}

using Bytes = std::vector<unsigned char>;

std::vector<Bytes> contents() {
  std::vector<Bytes> all;
  for (const Allocation& each : allocations()) {
    Bytes bytes(each.bytes);
    require(cuMemcpyDtoH(bytes.data(), each.address, bytes.size()), "cuMemcpyDtoH");
    all.push_back(bytes);
  }
  return all;
}

void restore(const std::vector<Bytes>& all) {
  for (size_t i = 0; i < all.size(); i++) {
    require(cuMemcpyHtoD(allocations()[i].address, all[i].data(), all[i].size()), "cuMemcpyHtoD");
  }
}

// Parts of blocks that had a tile behind those of the others, which have no order.
Bytes turned(Bytes bytes, int64_t parts, int64_t tiles) {
  const auto each = static_cast<int64_t>(bytes.size()) / parts;
  std::rotate(bytes.begin(), bytes.begin() + tiles * each, bytes.end());
  return bytes;
}

// Whether several tiles of a block were summed in another order, as far as bits tell, or there are no sums.
bool other_sums(const std::vector<Bytes>& before, const std::vector<Bytes>& forward,
                const std::vector<Bytes>& backward) {
  bool made = false, others = false;
  for (size_t i = 0; i < forward.size(); i++) {
    if (allocations()[i].content == Content::kValues) continue;
    made = made || forward[i] != before[i];
    others = others || forward[i] != backward[i];
  }
  return others || !made;
}

void require_same(const std::vector<Bytes>& forward, const std::vector<Bytes>& backward, bool one_each, int64_t tiles,
                  const std::string& what) {
  for (size_t i = 0; i < forward.size(); i++) {
    const Allocation& of = allocations()[i];
    if (of.content != Content::kValues && !one_each) continue;
    const bool parts = of.content == Content::kParts && of.parts >= tiles;  // fewer: of another kernel
    if (backward[i] != (parts ? turned(forward[i], of.parts, tiles) : forward[i])) {
      fail(what + ": " + (parts ? "partial gradients are" : of.content == Content::kSums ? "sums are" : "values are") +
           " others when tiles are taken from the last one back");
    }
  }
}

}  // namespace

void launch(const Device& device, const std::string& kernel, const Blocks& blocks, const Words& words,
            int64_t tiles) {
  Seen& seen = kernels()[kernel];
  const auto run = [&](bool reversed) { launch(device, kernel, blocks, Words().add(words, reversed)); };
  const bool one_each = tiles <= static_cast<int64_t>(blocks.x);
  bool& both = one_each ? seen.one_each : seen.several;
  if (tiles > 1 && !both) {
    const std::vector<Bytes> before = contents();
    run(false);
    const std::vector<Bytes> forward = contents();
    restore(before);
    run(true);
    const std::vector<Bytes> backward = contents();
    require_same(forward, backward, one_each, tiles, kernel);
    both = one_each || other_sums(before, forward, backward);
  } else {
    run(seen.launches % 2 == 1);
  }
  seen.launches++;
}

void require_both_orders() {
  for (const auto& [kernel, seen] : kernels()) {
    if (!seen.one_each || !seen.several) {
      fail(kernel + " was not seen to take " + (seen.one_each ? "several tiles" : "one tile") +
           " a block in both orders");
    }
  }
}

}  // namespace kernels_test
