// What every operation's entry point does: check the arguments, lay out the workspace, run.
#ifndef DENSENET4J_CPU_OPERATION_H
#define DENSENET4J_CPU_OPERATION_H

#include "densenet4j.h"
#include "workspace.h"

namespace dn {

// Keeps the sentence for dn_last_error() and returns DN_INVALID_ARGUMENT.
int invalid(const char* operation, const char* what, int64_t found, int64_t expected);

// Plan is built from (args, Workspace&) and has `void run() const`.
template <class Plan, class Args>
int run(const char* operation, const Args* args) {
  if (args->execution.threads < 1) return invalid(operation, "threads", args->execution.threads, 1);
  Workspace workspace(args->execution.workspace);
  const Plan plan(*args, workspace);
  if (workspace.bytes() > args->execution.workspace_bytes) {
    return invalid(operation, "workspace bytes", args->execution.workspace_bytes, workspace.bytes());
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

// Plan is a template of the type of the slice `member`, and so of all slices.
#define DN_DEFINE_TYPED_OPERATION(name, Plan, member)                                                  \
  extern "C" int dn_##name(const dn_##name##_args* args) {                                              \
    return args->member.type == DN_BFLOAT16 ? dn::run<Plan<dn::BFloat16>>(#name, args)                   \
                                            : dn::run<Plan<float>>(#name, args);                         \
  }                                                                                                    \
  extern "C" int64_t dn_##name##_workspace(const dn_##name##_args* args) {                              \
    return args->member.type == DN_BFLOAT16 ? dn::workspace_bytes<Plan<dn::BFloat16>>(args)              \
                                            : dn::workspace_bytes<Plan<float>>(args);                    \
  }
#endif
