package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.JCudaDriver;

/** Recorded work, ready to run again and again as one. */
public final class CudaGraph implements AutoCloseable {
  private final CudaContext context;
  private final CUgraphExec handle = new CUgraphExec();
  private final DriverResource resource;
  private final int nodes;

  /** Takes {@code recorded} over. */
  CudaGraph(CudaContext context, CUgraph recorded) {
    this.context = context;
    resource = new DriverResource(context, "CUDA graph");
    try {
      var count = new long[1];
      context.check(JCudaDriver.cuGraphGetNodes(recorded, (CUgraphNode[]) null, count), "cuGraphGetNodes");
      nodes = Math.toIntExact(count[0]);
      context.check(JCudaDriver.cuGraphInstantiate(handle, recorded, 0), "cuGraphInstantiate of " + nodes + " nodes");
    } finally {
      JCudaDriver.cuGraphDestroy(recorded);
    }
  }

  public void launch(CudaStream stream) {
    resource.require();
    context.check(JCudaDriver.cuGraphLaunch(handle, stream.handle()), "cuGraphLaunch of " + nodes + " nodes");
  }

  @Override
  public void close() {
    resource.close(() -> JCudaDriver.cuGraphExecDestroy(handle), "cuGraphExecDestroy");
  }
}
