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
    case KernelFault::Kind::kTimeout: return CUDA_ERROR_LAUNCH_TIMEOUT;
    case KernelFault::Kind::kBarrier:
    case KernelFault::Kind::kRace:
    case KernelFault::Kind::kTrap:
    case KernelFault::Kind::kUndefinedBehaviour: return CUDA_ERROR_LAUNCH_FAILED;
  }
  return CUDA_ERROR_LAUNCH_FAILED;
}

void lose(Context& context, CUresult code, const std::string& why) {
  context.lost = code;
  const char* name = error_name(code);
  say("the context is lost with " + (name == nullptr ? std::to_string(code) : name) + ": " + why);
  drop_work(context);
}

void check_guards(Context& context) {
  std::string hurt;
  for (const Allocation* each : driver().memory.of(&context)) {
    const std::string damage = each->damage();
    if (!damage.empty()) hurt += (hurt.empty() ? "" : "; ") + damage;
  }
  if (!hurt.empty()) lose(context, CUDA_ERROR_ILLEGAL_ADDRESS, hurt);
}

}  // namespace software_cuda
