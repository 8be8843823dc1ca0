// Sticky errors and where they come from.
#include "faults.h"

#include "driver.h"

namespace software_cuda {

void begin_launch(const std::string& name) {
  ++driver().counters.launches;
  Injection& fail = driver().settings.fail;
  if (fail.count == 0 || (fail.name != "*" && fail.name != name) || --fail.count > 0) return;
  throw Failure(fail.code, name + " fails because the setting fail asks for it");
}

CUresult code_of(KernelFault::Kind kind) {
  switch (kind) {
    case KernelFault::Kind::kIllegalAddress: return CUDA_ERROR_ILLEGAL_ADDRESS;
    case KernelFault::Kind::kMisalignedAddress: return CUDA_ERROR_MISALIGNED_ADDRESS;
    case KernelFault::Kind::kIllegalInstruction: return CUDA_ERROR_ILLEGAL_INSTRUCTION;
    case KernelFault::Kind::kBarrier:
    case KernelFault::Kind::kTrap:
    case KernelFault::Kind::kUndefinedBehaviour: return CUDA_ERROR_LAUNCH_FAILED;
  }
  return CUDA_ERROR_LAUNCH_FAILED;
}

void lose(Context& context, CUresult code, const std::string& why) {
  context.lost = code;
  context.why = why;
  const char* name = error_name(code);
  say("the context is lost with " + (name == nullptr ? std::to_string(code) : name) + ": " + why);
  std::vector<std::shared_ptr<Stream>> streams = driver().streams.of(&context);
  streams.push_back(context.legacy);
  streams.push_back(context.per_thread);
  for (const auto& stream : streams) {
    stream->pending.clear();
    stream->done = stream->last;
  }
}

void check_guards(Context& context) {
  std::string hurt;
  for (const Allocation* each : driver().memory.of(&context)) {
    const std::string damage = each->pages.damage();
    if (damage.empty()) continue;
    hurt += (hurt.empty() ? "" : "; ") + each->text() + ": " + damage + " were written";
  }
  if (!hurt.empty()) lose(context, CUDA_ERROR_ILLEGAL_ADDRESS, hurt);
}

}  // namespace software_cuda
