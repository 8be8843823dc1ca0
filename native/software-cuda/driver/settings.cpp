// Reads settings from text.
#include "settings.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <thread>

#include "errors.h"

namespace software_cuda {

namespace {

bool number(const std::string& text, uint64_t least, uint64_t most, uint64_t* value) {
  if (text.empty() || text.size() > 19 || text.find_first_not_of("0123456789") != std::string::npos) return false;
  *value = std::stoull(text);
  return *value >= least && *value <= most;
}

template <class T>
bool assign(const std::string& text, uint64_t least, uint64_t most, T* to) {
  uint64_t value = 0;
  if (!number(text, least, most, &value)) return false;
  *to = static_cast<T>(value);
  return true;
}

bool read_schedule(const std::string& text, Schedule* schedule) {
  const size_t colon = text.find(':');
  const std::string order = text.substr(0, colon);
  uint64_t seed = 0;
  if (colon != std::string::npos) {
    constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
    if (order != "random" || !number(text.substr(colon + 1), 0, most, &seed)) return false;
  }
  if (order != "forward" && order != "reverse" && order != "random") return false;
  schedule->order = order == "forward" ? Order::kForward : order == "reverse" ? Order::kReverse : Order::kRandom;
  schedule->seed = seed;
  return true;
}

bool read_fail(const std::string& text, Injection* fail) {
  Injection read;
  if (!text.empty()) {
    const size_t first = text.find(':');
    read.name = text.substr(0, first);
    read.count = 1;
    if (read.name.empty()) return false;
    if (first != std::string::npos) {
      const size_t second = text.find(':', first + 1);
      if (!assign(text.substr(first + 1, second - first - 1), 1, 1u << 30, &read.count)) return false;
      if (second != std::string::npos && !assign(text.substr(second + 1), 1, 999, &read.code)) return false;
      if (error_name(read.code) == nullptr) return false;
    }
  }
  *fail = read;
  return true;
}

bool read_refuse(const std::string& text, std::map<std::string, int>* refuse) {
  std::map<std::string, int> read;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string each = text.substr(at, end - at);
    const size_t colon = each.find(':');
    int number = 0;
    if (colon == 0 || (colon != std::string::npos && !assign(each.substr(colon + 1), 0, 999, &number))) return false;
    read[each.substr(0, colon)] = number;
    at = end + 1;
  }
  *refuse = read;
  return true;
}

struct Setting {
  const char* key;
  bool (*read)(Settings& to, const std::string& text);
};

constexpr Setting kSettings[] = {
    {"memory", [](Settings& to, const std::string& text) { return assign(text, 1, uint64_t{1} << 40, &to.memory); }},
    {"schedule", [](Settings& to, const std::string& text) { return read_schedule(text, &to.schedule); }},
    {"drift", [](Settings& to, const std::string& text) { return assign(text, 0, 1, &to.schedule.drift); }},
    {"races", [](Settings& to, const std::string& text) { return assign(text, 0, 1, &to.schedule.races); }},
    {"threads", [](Settings& to, const std::string& text) { return assign(text, 1, 1024, &to.threads); }},
    {"instructions",
     [](Settings& to, const std::string& text) { return assign(text, 1, uint64_t{1} << 62, &to.instructions); }},
    {"driver_version",
     [](Settings& to, const std::string& text) { return assign(text, 1000, 99999, &to.driver_version); }},
    {"devices", [](Settings& to, const std::string& text) { return assign(text, 0, 1, &to.devices); }},
    {"block_shared",
     [](Settings& to, const std::string& text) {
       return assign(text, device::kStaticShared, device::kSharedOptIn, &to.block_shared);
     }},
    {"fail", [](Settings& to, const std::string& text) { return read_fail(text, &to.fail); }},
    {"record",
     [](Settings& to, const std::string& text) {
       to.record = text;
       return true;
     }},
    {"refuse", [](Settings& to, const std::string& text) { return read_refuse(text, &to.refuse); }},
};

}  // namespace

Settings::Settings() : threads(std::max(1u, std::thread::hardware_concurrency())) {
  for (const Setting& each : kSettings) {
    std::string name = std::string("DENSENET4J_SOFTWARE_CUDA_") + each.key;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
    const char* value = std::getenv(name.c_str());
    if (value != nullptr && !each.read(*this, value)) refused += (refused.empty() ? "" : ", ") + name + "=" + value;
  }
}

bool Settings::set(const std::string& key, const std::string& value) {
  const auto* end = std::end(kSettings);
  const auto* found = std::find_if(kSettings, end, [&](const Setting& each) { return each.key == key; });
  return found != end && found->read(*this, value);
}

}  // namespace software_cuda
