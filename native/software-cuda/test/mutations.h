// Damage to files and texts, the same for the same seed.
#ifndef DENSENET4J_SOFTWARE_CUDA_TEST_MUTATIONS_H
#define DENSENET4J_SOFTWARE_CUDA_TEST_MUTATIONS_H

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace software_cuda {

class Mutations {
 public:
  explicit Mutations(uint32_t seed) : random_(seed) {}

  // Below `bound`. Not of std::uniform_int_distribution, whose numbers differ between libraries.
  size_t below(size_t bound) { return random_() % bound; }

  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  // Some bytes changed, removed, doubled or cut off.
  std::string damaged_bytes(std::string bytes) {
    for (size_t left = 1 + below(4); left > 0 && !bytes.empty(); --left) damage(bytes);
    return bytes;
  }

  // Some words and symbols of a text replaced by others of it or by `hostile` ones, doubled, removed or exchanged.
  std::string damaged_text(const std::vector<std::string>& parts, const std::vector<std::string>& hostile) {
    std::vector<std::string> changed = parts;
    for (size_t left = 1 + below(4); left > 0; --left) damage(changed, hostile);
    std::string text;
    for (const std::string& part : changed) text += part;
    return text;
  }

 private:
  void damage(std::string& bytes) {
    const size_t at = below(bytes.size()), length = 1 + below(std::min<size_t>(64, bytes.size() - at));
    switch (below(5)) {
      case 0: bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(8)); break;
      case 1: bytes.replace(at, length, length, below(2) == 0 ? '\0' : '\xff'); break;
      case 2: bytes.erase(at, length); break;
      case 3: bytes.insert(at, bytes, at, length); break;
      default: bytes.resize(at);
    }
  }

  void damage(std::vector<std::string>& parts, const std::vector<std::string>& hostile) {
    std::string& at = parts[below(parts.size())];
    switch (below(5)) {
      case 0: at = one_of(parts); break;
      case 1: at = one_of(hostile); break;
      case 2: at += one_of(hostile); break;
      case 3: at.clear(); break;
      default: at.swap(parts[below(parts.size())]);
    }
  }

  std::mt19937 random_;
};

}  // namespace software_cuda
#endif
