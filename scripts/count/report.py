"""The section of docs/cuda-kernels.md that scripts/count-kernels writes."""

import pathlib

from . import measured, reasons, tables

BEGIN, END = "<!-- scripts/count-kernels writes from here -->", "<!-- to here -->"


def beside_steps(kernels):
    """Kernels of no step of the networks here: of other strategies, a value a thread, of frozen parts, of bench."""
    names = (
        "bn_inv_std",
        "bn_variance",
        "concat_append",
        "concat_split",
        "dropout_dgrad",
        "dropout_fprop",
        "filter_transpose",
        "progress_mark",
        "launch_latency",
        "exact_sum_latency",
        "l2_read",
        "l2_update",
        "input_normalize",
        "consumer_gradients",
        "consumer_gradients_fp32",
        "mma_peak",
        "mma_peak_fp32",
    )
    return {f"dn_{name}" for name in names} & set(kernels)


def text(count):
    parts = tables.kernel_table(count.kernels, count.rows, reasons.of)
    for network, found, moved, reaching in count.steps:
        path, beside = tables.step_seconds(found), tables.step_seconds(found, beside=True)
        branch = sum(launch.beside for launch, _ in found)
        said = (
            f"{network.title}: {len(found) - branch} kernels, {1e3 * path:.2f} ms with {1e6 * measured.LAUNCH} us each"
        )
        if network.goal:
            said += f" (the goal was {network.goal})"
        if branch:
            said += f", and {branch} beside them, {1e3 * beside:.2f} ms"
        if moved:
            said += (
                f"; {moved[0] / 1e9:.2f} GB touched, {network.gigabytes:.2f} in tensors, and {moved[1] / 1e9:.2f} of "
                f"partial gradients"
            )
        if reaching:
            said += (
                f". Through the model of an L2 {reaching[1] / 1e9:.2f} GB reach HBM, and {reaching[0] / 1e9:.2f} if all "
                f"kernels took their tiles in one order"
            )
        parts += ["", said + ".", "", *tables.step_table(found)]
    return "\n".join(parts)


def write(path, section):
    path = pathlib.Path(path)
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}")
