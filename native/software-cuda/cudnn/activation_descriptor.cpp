// An activation and its coefficient: the ceiling of a clipped ReLU, the alpha of an ELU.
#include "descriptors.h"

using namespace software_cudnn;

cudnnStatus_t cudnnCreateActivationDescriptor(cudnnActivationDescriptor_t* desc) {
  return call(__func__, [&] { create(desc); });
}

cudnnStatus_t cudnnDestroyActivationDescriptor(cudnnActivationDescriptor_t desc) {
  return call(__func__, [&] { destroy(desc); });
}

cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t desc, cudnnActivationMode_t mode,
                                           cudnnNanPropagation_t nan, double coefficient) {
  return call(__func__, [&] {
    require_pointers(desc);
    require_parameter(mode >= CUDNN_ACTIVATION_SIGMOID && mode <= CUDNN_ACTIVATION_SWISH, "the mode is none");
    require_parameter(nan == CUDNN_NOT_PROPAGATE_NAN || nan == CUDNN_PROPAGATE_NAN, "the NaN propagation is none");
    *desc = {true, mode, nan, coefficient};
  });
}

cudnnStatus_t cudnnGetActivationDescriptor(cudnnActivationDescriptor_t desc, cudnnActivationMode_t* mode,
                                           cudnnNanPropagation_t* nan, double* coefficient) {
  return call(__func__, [&] {
    require_set(desc);
    require_pointers(mode, nan, coefficient);
    *mode = desc->mode;
    *nan = desc->nan;
    *coefficient = desc->coefficient;
  });
}
