package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Images;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "doctor",
    description = {
      "Shows what this computer offers and whether densenet4j runs on it. A device is ready if training steps have run "
          + "on it; a GPU, if they have by one of the strategies.",
      "Fails if the processor is not ready, or with --device if that device is not."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final List<String> DEVICES =
      List.of(CpuExamination.DEVICE, GpuExamination.DEVICE, SoftwareGpuExamination.DEVICE);

  @ParentCommand private Main main;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "examine only cpu, cuda or cuda-software, and fail if it is not ready (default: all of them)")
  private String device;

  @Option(names = "--json", description = "print the findings as one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    if (device != null && !DEVICES.contains(device)) {
      throw new ConfigurationException(
          "--device is " + device + ", doctor can examine one of " + String.join(", ", DEVICES));
    }
    var findings = examine();
    if (json) {
      main.console().out().println(findings.json());
    } else {
      findings.print(main.console().out());
    }
    return findings.ready(device == null ? CpuExamination.DEVICE : device) ? 0 : 1;
  }

  private Findings examine() {
    var findings = new Findings();
    var java = findings.part("java");
    java.put("version", System.getProperty("java.version"));
    java.put("home", System.getProperty("java.home"));
    java.put("jpeg_decoder", Images.decoder());
    if (asked(CpuExamination.DEVICE)) {
      CpuExamination.into(findings);
    }
    if (asked(GpuExamination.DEVICE)) {
      new GpuExamination(new InstalledGpuSystem()).into(findings);
    }
    if (asked(SoftwareGpuExamination.DEVICE)) {
      SoftwareGpuExamination.into(findings);
    }
    return findings;
  }

  private boolean asked(String name) {
    return device == null || device.equals(name);
  }
}
