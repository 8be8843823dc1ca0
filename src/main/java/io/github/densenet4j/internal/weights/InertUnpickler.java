package io.github.densenet4j.internal.weights;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.Wording;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads a pickle that PyTorch wrote, as values that do nothing: dictionaries, lists, tuples, numbers, texts, names,
 * tensors without their elements, and objects that are a name and fields. What makes a tensor or a dictionary is known
 * by name; a pickle that calls anything else is refused with its name, and nothing is looked up or called in its stead.
 *
 * <p>A text is no longer than the rest of the pickle, so what is allocated is bounded by its size.
 */
final class InertUnpickler extends Unpickler {
  /** What the library is trusted with: they allocate a few bytes and call nothing. */
  private static final Set<Short> PLAIN =
      Set.of(
          Opcodes.PROTO, Opcodes.FRAME, Opcodes.STOP, Opcodes.MARK, Opcodes.POP, Opcodes.POP_MARK, Opcodes.NONE,
          Opcodes.NEWTRUE, Opcodes.NEWFALSE, Opcodes.BININT, Opcodes.BININT1, Opcodes.BININT2, Opcodes.LONG1,
          Opcodes.BINFLOAT, Opcodes.EMPTY_TUPLE, Opcodes.TUPLE, Opcodes.TUPLE1, Opcodes.TUPLE2, Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST, Opcodes.APPEND, Opcodes.APPENDS, Opcodes.BINGET, Opcodes.LONG_BINGET, Opcodes.BINPUT,
          Opcodes.LONG_BINPUT, Opcodes.MEMOIZE, Opcodes.BINPERSID);

  private final String file;
  private final Map<String, PickledStorage> storages = new HashMap<>();

  /** @param file for messages */
  InertUnpickler(String file) {
    this.file = file;
  }

  /**
   * Reads one pickle and leaves the stream behind it.
   *
   * @param pickle says how many bytes are left as {@link InputStream#available}
   * @throws CheckpointException if it is damaged, or calls what no weight file needs
   */
  Object read(InputStream pickle) throws IOException {
    try {
      return load(pickle);
    } catch (CheckpointException known) {
      throw known;
    } catch (RuntimeException damaged) { // whatever a value that should be another leads to
      throw new CheckpointException(file + " is damaged: a pickle in it cannot be read, so get it again", damaged);
    }
  }

  /** The storages that the pickle has named, by key. */
  Map<String, PickledStorage> storages() {
    return storages;
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    switch (opcode) {
      case Opcodes.GLOBAL ->
          stack.add(new PickledName(PickleUtils.readline(input), PickleUtils.readline(input)));
      case Opcodes.STACK_GLOBAL -> {
        String name = (String) stack.pop();
        stack.add(new PickledName((String) stack.pop(), name));
      }
      case Opcodes.BINUNICODE, Opcodes.BINSTRING -> stack.add(text(4));
      case Opcodes.BINUNICODE8 -> stack.add(text(8));
      case Opcodes.SHORT_BINUNICODE, Opcodes.SHORT_BINSTRING -> stack.add(text(1));
      case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<>());
      case Opcodes.SETITEM -> setItems(Arrays.asList(stack.pop(), stack.pop()).reversed());
      case Opcodes.SETITEMS -> setItems(stack.pop_all_since_marker());
      case Opcodes.EMPTY_SET -> stack.add(new ArrayList<>());
      case Opcodes.ADDITEMS -> addAll(stack.pop_all_since_marker());
      case Opcodes.NEWOBJ -> {
        stack.pop();
        stack.add(new PickledObject((PickledName) stack.pop()));
      }
      case Opcodes.REDUCE -> {
        var arguments = (Object[]) stack.pop();
        stack.add(called((PickledName) stack.pop(), arguments));
      }
      case Opcodes.BUILD -> build(stack.pop());
      default -> {
        if (!PLAIN.contains(opcode)) {
          throw new CheckpointException(
              "%s cannot be read: a pickle in it has the operation 0x%02x, which PyTorch does not write"
                  .formatted(file, opcode & 0xff));
        }
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  /** @param lengthBytes of the length before it */
  private String text(int lengthBytes) throws IOException {
    byte[] stated = Arrays.copyOf(PickleUtils.readbytes(input, lengthBytes), Long.BYTES);
    long length = PickleUtils.bytes_to_long(stated, 0);
    if (length < 0 || length > input.available()) {
      throw new CheckpointException(
          "%s is damaged: a text of %s bytes is in a pickle of which only %d are left"
              .formatted(file, Long.toUnsignedString(length), input.available()));
    }
    return new String(PickleUtils.readbytes(input, (int) length), StandardCharsets.UTF_8);
  }

  @SuppressWarnings("unchecked")
  private void setItems(List<Object> items) {
    var target = (Map<Object, Object>) stack.peek();
    for (int i = 0; i < items.size(); i += 2) {
      target.put(key(items.get(i)), items.get(i + 1));
    }
  }

  /** Refuses what holds other values: its hash could take for ever. */
  private static Object key(Object key) {
    return switch (key) {
      case String _, Number _, Boolean _, PickledName _, Object[] _ -> key; // an array's hash is its identity's
      case null, default -> throw new PickleException("a key of a dictionary can change");
    };
  }

  @SuppressWarnings("unchecked")
  private void addAll(List<Object> items) {
    ((List<Object>) stack.peek()).addAll(items);
  }

  /** The state of an object; that of a dictionary or tensor is nothing that we need. */
  private void build(Object state) {
    if (stack.peek() instanceof PickledObject object) {
      Object fields = state instanceof Object[] withSlots ? withSlots[0] : state;
      if (fields instanceof Map<?, ?> map) {
        object.fields().putAll(map);
      }
    }
  }

  private Object called(PickledName callable, Object[] arguments) {
    return switch (callable.full()) {
      case "collections.OrderedDict" -> dictionary(arguments);
      case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" -> tensor(arguments);
      case "torch._utils._rebuild_parameter", "torch.Size", "__builtin__.set", "builtins.set" -> arguments[0];
      case "torch.device" -> callable;
      default ->
          throw new CheckpointException(
              "%s is refused: it asks for a call of %s, which no weight file needs"
                  .formatted(file, Wording.quoted(callable.full())));
    };
  }

  private static Object dictionary(Object[] arguments) {
    var dictionary = new LinkedHashMap<Object, Object>();
    if (arguments.length > 0) {
      for (var item : (List<?>) arguments[0]) {
        var pair = item instanceof List<?> list ? list.toArray() : (Object[]) item;
        dictionary.put((String) pair[0], pair[1]);
      }
    }
    return dictionary;
  }

  private PickledTensor tensor(Object[] arguments) {
    try {
      return new PickledTensor(
          (PickledStorage) arguments[0], number(arguments[1]), numbers(arguments[2]), numbers(arguments[3]));
    } catch (IllegalArgumentException wrong) {
      throw new CheckpointException(file + " is damaged: of a tensor, " + wrong.getMessage());
    }
  }

  private static List<Long> numbers(Object tuple) {
    return Arrays.stream((Object[]) tuple).map(InertUnpickler::number).toList();
  }

  /** Larger ones are in no file. */
  private static long number(Object value) {
    return value instanceof Integer small ? small : (Long) value;
  }

  /** A storage, or in old files a class with its source. */
  @Override
  protected Object persistentLoad(Object id) {
    var parts = (Object[]) id;
    if (parts[0].equals("module")) {
      return parts[1];
    }
    var type = (PickledName) parts[1];
    if (!parts[0].equals("storage")) {
      throw new PickleException("a storage is expected");
    }
    var elements =
        StorageType.of(type).orElseThrow(() -> new CheckpointException(
            "%s cannot be read: a tensor in it is stored as %s, which is not supported: convert it to float32"
                .formatted(file, Wording.quoted(type.full()))));
    long count = number(parts[4]);
    var whole = new PickledStorage((String) parts[2], elements, 0, count, count);
    var known = storages.putIfAbsent(whole.key(), whole);
    if (count < 0 || count > Integer.MAX_VALUE || known != null && !known.equals(whole)) {
      throw new CheckpointException(
          "%s is damaged or too large: its storage %s has %d elements".formatted(file, Wording.quoted(whole.key()), count));
    }
    return parts.length > 5 && parts[5] instanceof Object[] view ? view(whole, view) : whole;
  }

  private PickledStorage view(PickledStorage whole, Object[] view) {
    long first = number(view[1]);
    long count = number(view[2]);
    if (first < 0 || count < 0 || first > whole.whole() - count) {
      throw new CheckpointException(
          "%s is damaged: a view of its storage %s ends outside".formatted(file, Wording.quoted(whole.key())));
    }
    return new PickledStorage(whole.key(), whole.type(), first, count, whole.whole());
  }
}
