// What every operation's entry point does: check the arguments, lay out the workspace, run.
#ifndef DENSENET4J_CPU_OPERATION_H
#define DENSENET4J_CPU_OPERATION_H

#include "densenet4j.h"
#include "workspace.h"

// Keeps the sentence for dn_last_error() and returns DN_INVALID_ARGUMENT.
extern "C" int dn_invalid(const char* operation, const char* what, int64_t found, int64_t expected);

namespace dn {

// Plan is built from (args, Workspace&) and has `void run() const`.
template <class Plan, class Args>
int run(const char* operation, const Args* args) {
  if (args->execution.threads < 1) return dn_invalid(operation, "threads", args->execution.threads, 1);
  Workspace workspace(args->execution.workspace);
  const Plan plan(*args, workspace);
  if (workspace.bytes() > args->execution.workspace_bytes) {
    return dn_invalid(operation, "workspace bytes", args->execution.workspace_bytes, workspace.bytes());
  }
  plan.run();
  return DN_OK;
}

template <class Plan, class Args>
int64_t workspace_bytes(const Args* args) {
  Workspace workspace(nullptr);
  const Plan plan(*args, workspace);
  return workspace.bytes();
}

}  // namespace dn

#define DN_DEFINE_OPERATION(name, Plan)                                                                \
  extern "C" int dn_##name(const dn_##name##_args* args) { return dn::run<Plan>(#name, args); }         \
  extern "C" int64_t dn_##name##_workspace(const dn_##name##_args* args) {                              \
    return dn::workspace_bytes<Plan>(args);                                                             \
  }

// Plan is a template of the type of the slice `member`, and so of all slices. The library of AVX512-BF16 has what is
// multiplied in bfloat16 only: for float32 it calls the library of AVX-512 that it stands on.
#if defined(__AVX512BF16__)
#define DN_DEFINE_FLOAT32_OPERATION(name, Plan)                             \
  extern "C" int dn_##name##_float32(const dn_##name##_args* args);         \
  extern "C" int64_t dn_##name##_float32_workspace(const dn_##name##_args* args);
#else
#define DN_DEFINE_FLOAT32_OPERATION(name, Plan)                                                         \
  extern "C" int dn_##name##_float32(const dn_##name##_args* args) { return dn::run<Plan<float>>(#name, args); } \
  extern "C" int64_t dn_##name##_float32_workspace(const dn_##name##_args* args) {                      \
    return dn::workspace_bytes<Plan<float>>(args);                                                      \
  }
#endif
#define DN_DEFINE_TYPED_OPERATION(name, Plan, member)                                                   \
  DN_DEFINE_FLOAT32_OPERATION(name, Plan)                                                               \
  extern "C" int dn_##name(const dn_##name##_args* args) {                                              \
    return args->member.type == DN_BFLOAT16 ? dn::run<Plan<dn::BFloat16>>(#name, args)                  \
                                            : dn_##name##_float32(args);                                \
  }                                                                                                     \
  extern "C" int64_t dn_##name##_workspace(const dn_##name##_args* args) {                              \
    return args->member.type == DN_BFLOAT16 ? dn::workspace_bytes<Plan<dn::BFloat16>>(args)             \
                                            : dn_##name##_float32_workspace(args);                      \
  }
#endif
