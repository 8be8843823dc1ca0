#include "races.h"

#include <algorithm>

#include "warp.h"

namespace software_cuda {

namespace {

constexpr uint64_t kCellBytes = 2;
constexpr uint32_t kUnderWay = ~uint32_t{0};  // the clock of a copy that has not landed: after all others

const char kNoBarrier[] = "with no barrier in between";
const char kNoWarpBarrier[] = "with no barrier of the warp in between";

std::string lane_text(uint32_t lane) { return "lane " + std::to_string(lane) + " of the same warp"; }

size_t end_of(uint64_t address, uint32_t bytes) { return (address + bytes + kCellBytes - 1) / kCellBytes; }

void merge(std::vector<uint32_t>& to, const std::vector<uint32_t>& from) {
  for (size_t w = 0; w < to.size(); w++) to[w] = std::max(to[w], from[w]);
}

// A lane's own accesses are in order.
template <class Lanes>
void know_themselves(Lanes& lanes) {
  for (size_t l = 0; l < lanes.size(); l++) lanes[l][l] = kUnderWay - 1;
}

}  // namespace

Races::Races(const Program& program, size_t warps, SharedMemory& shared)
    : program_(program), shared_(shared), clocks_(warps, Clocks(warps)), lanes_(warps), reads_(warps) {
  const size_t cells = end_of(0, shared.bytes());
  arrived_.fill(Clocks(warps));
  writes_.resize(cells);
  readers_.resize(cells);
  for (auto& reads : reads_) reads.resize(cells);
}

void Races::clear() {
  for (size_t w = 0; w < clocks_.size(); w++) {
    std::fill(clocks_[w].begin(), clocks_[w].end(), 0);
    clocks_[w][w] = 1;
    lanes_[w] = {};
    know_themselves(lanes_[w]);
  }
  for (size_t b = 0; b < arrived_.size(); b++) reset(b);
  std::fill(writes_.begin(), writes_.end(), Write{});
  std::fill(readers_.begin(), readers_.end(), 0);
}

void Races::access(const Warp& warp, int lane, uint64_t address, uint32_t bytes, Access access) {
  const uint32_t self = warp.index(), now = clocks_[self][self], source = warp.instruction().source;
  const bool atomic = access == Access::kAtomic;
  // The lanes of a warp read matrices together.
  const Mask reading = access == Access::kReadTogether ? 0 : Mask{1} << lane;
  const size_t end = end_of(address, bytes);
  for (size_t cell = address / kCellBytes; cell < end; cell++) {
    const Write& last = writes_[cell];
    if (last.clock > known(self, lane, last)) check_write(warp, lane, cell, atomic);
    if (access == Access::kRead || access == Access::kReadTogether) {
      Read& read = reads_[self][cell];
      const bool again = (readers_[cell] >> self & 1) && read.clock == now;
      read = {now, source, again ? read.lanes | reading : reading};
      readers_[cell] |= Mask{1} << self;
      continue;
    }
    if (readers_[cell]) check_reads(warp, lane, cell);
    readers_[cell] = 0;
    writes_[cell] = {access == Access::kCopy ? kUnderWay : now, self, static_cast<uint32_t>(lane) & 31, atomic, source};
  }
}

void Races::land(uint32_t warp, const std::byte* to, uint32_t bytes) {
  const auto address = static_cast<uint64_t>(to - shared_.data());
  const size_t end = end_of(address, bytes);
  for (size_t cell = address / kCellBytes; cell < end; cell++) writes_[cell].clock = clocks_[warp][warp];
}

// Of a write that is not before this access.
void Races::check_write(const Warp& warp, int lane, size_t cell, bool atomic) const {
  const Write& last = writes_[cell];
  if (atomic && last.atomic) return;
  const bool own = last.warp == warp.index(), under_way = last.clock == kUnderWay;
  if (own && !under_way && last.source == warp.instruction().source) return;
  const std::string who = own ? lane_text(last.lane) : "warp " + std::to_string(last.warp);
  fail(warp, lane, cell, under_way ? who + " copies to it" : who + " wrote it", last.source,
       under_way ? "and has not waited for the copy" : own ? kNoWarpBarrier : kNoBarrier);
}

void Races::check_reads(const Warp& warp, int lane, size_t cell) const {
  for_each_lane(readers_[cell], [&](int reader) {
    const auto r = static_cast<size_t>(reader);
    const Read& read = reads_[r][cell];
    if (r == warp.index()) return check_reads_of_lanes(warp, lane, cell);
    if (read.clock <= clocks_[warp.index()][r]) return;
    fail(warp, lane, cell, "warp " + std::to_string(reader) + " read it", read.source, kNoBarrier);
  });
}

void Races::check_reads_of_lanes(const Warp& warp, int lane, size_t cell) const {
  const Read& read = reads_[warp.index()][cell];
  const auto& known = lanes_[warp.index()][static_cast<size_t>(lane)];
  for_each_lane(read.lanes, [&](int reader) {
    if (read.clock <= known[static_cast<size_t>(reader)]) return;
    fail(warp, lane, cell, lane_text(static_cast<uint32_t>(reader)) + " read it", read.source, kNoWarpBarrier);
  });
}

void Races::fail(const Warp& warp, int lane, size_t cell, const std::string& other, uint32_t source,
                 const char* why) const {
  const Program::Source& there = program_.sources[source];
  warp.fail(KernelFault::Kind::kRace, lane,
            "a race for shared memory at " + std::to_string(cell * kCellBytes) + ": " + other + " at PTX line " +
                std::to_string(there.line) + ", '" + there.text + "', " + why);
}

void Races::arrive(size_t warp, size_t barrier) {
  merge(arrived_[barrier], clocks_[warp]);
  clocks_[warp][warp]++;
}

void Races::pass(size_t warp, Mask lanes, size_t barrier) {
  merge(clocks_[warp], arrived_[barrier]);
  order(warp, lanes);
}

void Races::order(size_t warp, Mask lanes) {
  std::array<uint32_t, kWarpLanes> all{};
  for_each_lane(lanes, [&](int lane) {
    const auto& known = lanes_[warp][static_cast<size_t>(lane)];
    for (size_t l = 0; l < all.size(); l++) all[l] = std::max(all[l], known[l]);
  });
  for_each_lane(lanes, [&](int lane) { all[static_cast<size_t>(lane)] = clocks_[warp][warp]; });
  for_each_lane(lanes, [&](int lane) { lanes_[warp][static_cast<size_t>(lane)] = all; });
  know_themselves(lanes_[warp]);
  clocks_[warp][warp]++;
}

void Races::reset(size_t barrier) { std::fill(arrived_[barrier].begin(), arrived_[barrier].end(), 0); }

}  // namespace software_cuda
