// The backward pass of y = conv3x3(relu(BN(x))), dweight and the gradient of x in one pass over x, y and the gradient
// of y, by bands of rows: the gradient of x passes a = relu(BN(x)) on its way, which is the operand of dweight.
#include "chunks.h"
#include "conv3x3_bprop_direct.h"
#include "conv3x3_bprop_winograd.h"
#include "gradient.h"
#include "operation.h"
#include "partial.h"

namespace {

using namespace dn;

template <class T>
class Plan {
 public:
  Plan(const dn_bnrelu_conv3x3_bprop_args& args, Workspace& workspace)
      : args_(args),
        products_(workspace, args.extent, args.in_channels, args.out_channels, args.execution.threads),
        chunks_(bands().count(), PartialSums::most_chunks(9 * args.out_channels, args.in_channels)),
        partial_(workspace, chunks_.count(), 9 * args.out_channels, args.in_channels),
        gradient_(workspace, args.y, args.dropout, args.out_channels),
        epilogue_(workspace, args.dx, args.x, args.in_channels, pixels(), chunks_.count(), args.execution.threads) {}

  void run() const {
    products_.pack(args_.weight);
    gradient_.prepare();
    chunks_.parallel(args_.execution.threads, [&](int64_t index, int64_t begin, int64_t end, int thread) {
      auto epilogue = epilogue_.chunk(index, thread);
      float* partial = partial_.start(index);
      products_.start(thread);
      for (int64_t unit = begin; unit < end; unit++) {
        const Band band = bands().at(unit);
        AheadOfBoth ahead = next_band(band);
        products_.band(band, thread, gradient_, epilogue, partial, ahead);
      }
      products_.finish(thread, partial);
    });
    epilogue_.finish();
    const int64_t in = args_.in_channels, out = args_.out_channels;
    partial_.reduce(args_.dweight, args_.execution.threads, [=](int64_t row, int64_t i) {
      return (row % out * in + i) * 9 + row / out;
    });
  }

 private:
  using Operand = OperandOf<T>;
  using Products =
      std::conditional_t<std::is_same_v<Operand, float>, WinogradConv3x3Bprop, DirectConv3x3Bprop<Operand>>;

  const Bands& bands() const { return products_.bands(); }
  int64_t pixels() const { return args_.extent.batch * args_.extent.height * args_.extent.width; }

  // x and its gradient in the next band.
  AheadOfBoth next_band(const Band& band) const {
    const int64_t next = band.pixel + band.rows * args_.extent.width;
    const int64_t most = bands().most_rows() * args_.extent.width;
    return epilogue_.ahead(next, std::min(most, pixels() - next), 0, args_.in_channels);
  }

  dn_bnrelu_conv3x3_bprop_args args_;
  Products products_;
  Chunks chunks_;
  PartialSums partial_;
  GradientPrologue<T> gradient_;
  GradientEpilogue<T> epilogue_;
};

}  // namespace

DN_DEFINE_TYPED_OPERATION(bnrelu_conv3x3_bprop, Plan, x.value)
