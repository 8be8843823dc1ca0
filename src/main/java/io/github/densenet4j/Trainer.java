package io.github.densenet4j;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import io.github.densenet4j.internal.checkpoint.Computation;
import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.checkpoint.TrainedOn;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.network.FrozenNames;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.training.BatchRing;
import io.github.densenet4j.internal.training.DataFit;
import io.github.densenet4j.internal.training.Job;
import io.github.densenet4j.internal.training.RunFolder;
import io.github.densenet4j.internal.training.RunStore;
import io.github.densenet4j.internal.training.TrainingLoop;
import io.github.densenet4j.internal.training.UnsavedRun;
import io.github.densenet4j.train.IfExists;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener;
import io.github.densenet4j.train.TrainingListener.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Trains a network by SGD with Nesterov momentum. What is not said is as in the paper, for the network's stem ({@link
 * Settings#paper}); training starts from the network's weights. Unless the data have a normalisation ({@link
 * Dataset#withNormalization}) it is measured on the training images, of image files on at most 1,000 of them. The same
 * network, data and settings give the same weights to the bit on a device, whatever the number of threads and however
 * often a training with a folder was stopped and resumed.
 *
 * <p>A trainer changes with every call of a setter and is for one thread. It may {@link #run} again and again: each
 * run starts anew from the same network, and the trainer's listeners hear of each.
 *
 * <p>Source: Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, 2017 (arXiv 1608.06993).
 *
 * @since 0.1
 */
public final class Trainer {
  private final DenseNet network;
  private final Dataset data;
  private final Device device;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private Settings settings;
  private Strategy strategy = Strategy.FUSED;
  private MemoryLevel memory = MemoryLevel.DEFAULT;
  private Precision precision = Precision.FLOAT32;
  private List<String> frozen = List.of();
  private OptionalDouble classifierRate = OptionalDouble.empty();
  private boolean extended;
  private long checkpointEvery;
  private OptionalInt readers = OptionalInt.empty();
  private Path folder;
  private IfExists ifExists = IfExists.FAIL;
  private String origin = "";

  private Trainer(DenseNet network, Dataset data, Device device) {
    this.network = network;
    this.data = data;
    this.device = device;
    settings = Settings.paper(network.config().stem());
  }

  /**
   * A trainer.
   *
   * @param network to start from; it does not change
   * @param data of the network's image size, channels and number of classes
   * @param device to compute on; stays open
   * @return with the paper's settings
   * @throws ConfigurationException if the network does not fit the data
   */
  public static Trainer of(DenseNet network, Dataset data, Device device) {
    DataFit.check(network.config(), data);
    return new Trainer(network, data, Objects.requireNonNull(device, "device"));
  }

  /**
   * Sets the passes over the training images; the paper's are 300 and with the ImageNet stem 90.
   *
   * @param epochs at least 1
   * @return this trainer
   * @throws ConfigurationException if there is none
   */
  public Trainer epochs(int epochs) {
    return with(
        new Settings(
            epochs, settings.batch(), settings.schedule(), settings.momentum(), settings.weightDecay(),
            settings.augmentation(), settings.seed()));
  }

  /**
   * Sets the images in a step; the paper's are 64 and with the ImageNet stem 256.
   *
   * @param batch at least 1 and at most the training images
   * @return this trainer
   * @throws ConfigurationException if there are too few or too many
   */
  public Trainer batch(int batch) {
    requireBatch(batch);
    return with(
        new Settings(
            settings.epochs(), batch, settings.schedule(), settings.momentum(), settings.weightDecay(),
            settings.augmentation(), settings.seed()));
  }

  /**
   * Sets the learning rate of each step; the paper's is {@code Schedule.step(0.1)}.
   *
   * @param schedule of the rate
   * @return this trainer
   */
  public Trainer schedule(Schedule schedule) {
    return with(
        new Settings(
            settings.epochs(), settings.batch(), schedule, settings.momentum(), settings.weightDecay(),
            settings.augmentation(), settings.seed()));
  }

  /**
   * Sets Nesterov's momentum; the paper's is 0.9.
   *
   * @param momentum in [0, 1)
   * @return this trainer
   * @throws ConfigurationException if it is out of range
   */
  public Trainer momentum(double momentum) {
    return with(
        new Settings(
            settings.epochs(), settings.batch(), settings.schedule(), momentum, settings.weightDecay(),
            settings.augmentation(), settings.seed()));
  }

  /**
   * Sets the weight decay on every parameter; the paper's is 1e-4.
   *
   * @param weightDecay at least 0
   * @return this trainer
   * @throws ConfigurationException if it is out of range
   */
  public Trainer weightDecay(double weightDecay) {
    return with(
        new Settings(
            settings.epochs(), settings.batch(), settings.schedule(), settings.momentum(), weightDecay,
            settings.augmentation(), settings.seed()));
  }

  /**
   * Sets how training images are varied; {@link Augmentation#NONE} if nothing is said.
   *
   * @param augmentation of every training image
   * @return this trainer
   */
  public Trainer augmentation(Augmentation augmentation) {
    return with(
        new Settings(
            settings.epochs(), settings.batch(), settings.schedule(), settings.momentum(), settings.weightDecay(),
            augmentation, settings.seed()));
  }

  /**
   * Sets the seed of order, augmentation and dropout; 1 if nothing is said.
   *
   * @param seed any number
   * @return this trainer
   */
  public Trainer seed(long seed) {
    return with(
        new Settings(
            settings.epochs(), settings.batch(), settings.schedule(), settings.momentum(), settings.weightDecay(),
            settings.augmentation(), seed));
  }

  private Trainer with(Settings settings) {
    this.settings = settings;
    return this;
  }

  /**
   * Sets how the network is computed; {@link Strategy#FUSED} if nothing is said.
   *
   * @param strategy that the device has kernels for
   * @return this trainer
   */
  public Trainer strategy(Strategy strategy) {
    this.strategy = Objects.requireNonNull(strategy, "strategy");
    return this;
  }

  /**
   * Sets what is kept for the backward pass; {@link MemoryLevel#DEFAULT} if nothing is said.
   *
   * @param memory that the strategy has
   * @return this trainer
   */
  public Trainer memory(MemoryLevel memory) {
    this.memory = Objects.requireNonNull(memory, "memory level");
    return this;
  }

  /**
   * Sets how feature maps are stored; {@link Precision#FLOAT32} if nothing is said.
   *
   * @param precision that the strategy has
   * @return this trainer
   */
  public Trainer precision(Precision precision) {
    this.precision = Objects.requireNonNull(precision, "precision");
    return this;
  }

  /**
   * Leaves some parameters as they are. The part of the network before the first parameter that is trained (whole layers,
   * transitions and the stem) is computed as in evaluation: with running statistics, which stay, and without dropout;
   * it has no gradients, and takes less time and memory. Behind it frozen parameters are computed like the others and
   * not updated, and the running statistics of their batch normalisations move with the training images. Nothing is
   * frozen if nothing is said.
   *
   * @param names whether to freeze a parameter, asked once for each of torchvision's names, such as
   *     {@code features.conv0.weight}
   * @return this trainer
   * @throws ConfigurationException if no parameter is left to train
   */
  public Trainer freeze(Predicate<String> names) {
    frozen = FrozenNames.of(network.config(), names);
    return this;
  }

  /**
   * Freezes all but the classifier; otherwise as {@link #freeze}.
   *
   * @return this trainer
   */
  public Trainer freezeAllButClassifier() {
    return freeze(FrozenNames.allButClassifier());
  }

  /**
   * Freezes the stem, and the first blocks with the transition behind each; otherwise as {@link #freeze}.
   *
   * @param count of blocks, at least 0 and at most those of the network
   * @return this trainer
   * @throws ConfigurationException if there are not so many
   */
  public Trainer freezeBlocks(int count) {
    return freeze(FrozenNames.blocks(network.config(), count));
  }

  /**
   * Gives the classifier a learning rate of its own, which rises and falls as the schedule's does. It is the schedule's
   * if nothing is said.
   *
   * @param rate where the schedule has its first one ({@link Schedule#initialRate}), at least 0
   * @return this trainer
   * @throws ConfigurationException if it is negative or not finite
   */
  public Trainer classifierRate(double rate) {
    if (!(rate >= 0 && Double.isFinite(rate))) {
      throw new ConfigurationException(
          "classifier's learning rate is " + rate + ", it must be at least 0", "classifier's learning rate");
    }
    classifierRate = OptionalDouble.of(rate);
    return this;
  }

  /**
   * Sets how often a training with a folder writes a checkpoint within an epoch; never if nothing is said.
   *
   * @param steps between checkpoints; 0: at the ends of epochs only
   * @return this trainer
   * @throws ConfigurationException if it is negative
   */
  public Trainer checkpointEvery(long steps) {
    if (steps < 0) {
      throw new ConfigurationException(
          "checkpoint interval is " + steps + ", it must be at least 0", "checkpoint interval");
    }
    checkpointEvery = steps;
    return this;
  }

  /**
   * Sets how many threads read images ahead of the steps that need them. Results do not depend on it. If nothing is
   * said there are as many as processors, and none where images are in memory ({@link ImageSource#isInMemory}). At most
   * two batches are read ahead, or as many more as give every thread an image.
   *
   * @param threads at least 0 and at most 1024; 0: images are read between the steps
   * @return this trainer
   * @throws ConfigurationException if there are too few or too many
   */
  public Trainer readers(int threads) {
    readers = OptionalInt.of(BatchRing.requireThreads(threads));
    return this;
  }

  /**
   * Adds a listener; all are told, in the order they were added.
   *
   * @param listener told of every run
   * @return this trainer
   */
  public Trainer on(TrainingListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * Sets where to write, if there is no training yet: as {@link #folder(Path, IfExists)} with {@link IfExists#FAIL}.
   *
   * @param folder made if it is missing
   * @return this trainer
   */
  public Trainer folder(Path folder) {
    return folder(folder, IfExists.FAIL);
  }

  /**
   * Sets where to write {@code config.json}, {@code metrics.csv}, {@code checkpoint-last.safetensors}, {@code
   * checkpoint-best.safetensors} and {@code report.html}. Without a folder nothing is written.
   *
   * @param folder made if it is missing
   * @param ifExists what to do with a training that is there
   * @return this trainer
   */
  public Trainer folder(Path folder, IfExists ifExists) {
    this.folder = Objects.requireNonNull(folder, "folder");
    this.ifExists = Objects.requireNonNull(ifExists, "ifExists");
    return this;
  }

  /**
   * Lets a training that goes on have more epochs than it was started with. A schedule that depends on their number goes
   * on as if it always had been the new one.
   *
   * @return this trainer
   */
  public Trainer extend() {
    extended = true;
    return this;
  }

  /**
   * Sets what the report of a training with a folder says of where it comes from; nothing if nothing is said.
   *
   * @param origin for people, such as a command with its options, or the name and version of a program
   * @return this trainer
   */
  public Trainer origin(String origin) {
    this.origin = Objects.requireNonNull(origin, "origin");
    return this;
  }

  /** {@return the settings as they are now} */
  public Settings settings() {
    return settings;
  }

  /**
   * Plans the memory that training takes with the settings as they are now.
   *
   * @return the plan
   * @throws ConfigurationException if the strategy has no such memory level or precision
   */
  public MemoryPlan memoryPlan() {
    return MemoryPlan.of(network.config(), settings.batch(), strategy, memory, precision, device, frozen::contains);
  }

  /**
   * Trains to the last epoch, or until a listener says stop.
   *
   * @return what came of it
   * @throws ConfigurationException if the settings do not fit each other or the training in the folder
   * @throws DataException if an image has a value that is not finite
   * @throws DeviceException if the device has too little memory
   * @throws DivergedException if the loss or a weight becomes NaN or infinite; the folder keeps its last checkpoint
   * @throws CheckpointException if the folder cannot be written, or what is in it is damaged
   */
  public TrainingResult run() {
    requireBatch(settings.batch());
    var recipe = recipe();
    var program = program(recipe);
    var plan = device.backend().plan(program);
    var trainedOn = TrainedOn.of(data);
    if (folder == null) {
      return run(job(trainedOn, recipe), program, plan, new UnsavedRun(), List.of());
    }
    try (var run = RunFolder.take(folder, ifExists, extended, job(trainedOn.digested(data), recipe))) {
      return run(run.job(), program, plan, run, run.warnings());
    }
  }

  private Recipe recipe() {
    return new Recipe(settings, frozen, classifierRate);
  }

  private Job job(TrainedOn trainedOn, Recipe recipe) {
    var backend = device.backend();
    var computation =
        new Computation(backend.computes(), strategy.label(), precision.label(), backend.processor());
    return new Job(network.state(), data, trainedOn, recipe, computation, origin, checkpointEvery, readers, listeners);
  }

  private TrainingResult run(Job job, Program program, ArenaPlan plan, RunStore store, List<String> warnings) {
    var progress = store.resumed().map(Checkpoint::progress).orElse(Progress.START);
    var all = Stream.concat(data.warnings().stream(), warnings.stream()).toList();
    var start =
        new TrainingListener.Start(
            network.config(), settings, progress.epoch(), progress.step(), progress.history(), all);
    job.listeners().forEach(listener -> listener.started(start));
    var backend = device.backend();
    try (var session = new NetworkSession(backend, program, plan)) {
      store.open(backend.name() + ", " + backend.description());
      return new TrainingResult(new TrainingLoop(session, job, store).run(), store::best, folder);
    }
  }

  /**
   * The network on the device, for a program's own loop: batch, momentum, weight decay, frozen parameters, seed and
   * strategy are the trainer's; it normalises by the training images. Everything else is up to the program.
   *
   * @return a session to be closed
   * @throws ConfigurationException if the settings do not fit each other
   * @throws DeviceException if the device has too little memory
   */
  public StepSession session() {
    var recipe = recipe();
    var session = new NetworkSession(device.backend(), program(recipe));
    return new StepSession(session, network.state(), TrainedOn.of(data), settings.seed());
  }

  private Program program(Recipe recipe) {
    return Lowerings.of(strategy, memory, precision).lower(network.config(), recipe.workload());
  }

  private void requireBatch(int batch) {
    if (batch > data.training().count()) {
      throw new ConfigurationException(
          "batch size is " + batch + ", but there are only " + data.training().count()
              + " training images: use a smaller batch",
          "batch size");
    }
  }
}
