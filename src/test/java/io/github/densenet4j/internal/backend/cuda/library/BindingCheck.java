package io.github.densenet4j.internal.backend.cuda.library;

import io.github.densenet4j.internal.backend.library.NativeFunctions;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Compares a binding with the headers: every constant of its enums, every signature of its functions. */
public final class BindingCheck {
  private static final Map<NativeType, String> KINDS =
      Map.of(
          NativeType.VOID, "void", NativeType.INT, "int", NativeType.SIZE, "long", NativeType.DOUBLE, "double",
          NativeType.OPAQUE, "pointer", NativeType.HOST, "pointer");

  /** The kinds of result and parameters. */
  private record Function(String name, List<String> kinds) {}

  private final HeaderOracle oracle;

  public BindingCheck(HeaderOracle oracle) {
    this.oracle = oracle;
  }

  /** The enums of the package that a class is in. */
  public static List<Class<?>> enums(Class<?> member) {
    try {
      var classes = Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (Stream<Path> files = Files.list(classes.resolve(member.getPackageName().replace('.', '/')))) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
            .<Class<?>>map(name -> load(member.getPackageName() + "." + name.replace(".class", "")))
            .filter(Class::isEnum)
            .toList();
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is wrong with an enum's constants, one line each. */
  public List<String> wrongConstants(Class<?> type) {
    var wrong = new ArrayList<String>();
    for (Object constant : type.getEnumConstants()) {
      if (!(constant instanceof NativeConstant binding)) {
        wrong.add(type.getSimpleName() + " stands for nothing in a header");
        continue;
      }
      var expected = oracle.constant(binding.nativeName());
      if (expected.isEmpty() || expected.get().longValue() != binding.value()) {
        wrong.add(binding.nativeName() + " is " + binding.value() + " here, " + expected + " in the header");
      }
    }
    return wrong;
  }

  /** What is wrong with the signatures that a binding asks for, one line each; that it asks for none also is. */
  public List<String> wrongFunctions(Consumer<NativeFunctions> binding) {
    var functions = new ArrayList<Function>();
    binding.accept(
        (name, result, parameters) -> {
          functions.add(
              new Function(name, Stream.concat(Stream.of(result), Stream.of(parameters)).map(KINDS::get).toList()));
          return null;
        });
    if (functions.isEmpty()) {
      return List.of("the binding has no functions");
    }
    return functions.stream()
        .filter(function -> !oracle.signatures(function.name()).contains(function.kinds()))
        .map(f -> f.name() + " is " + f.kinds() + " here, " + oracle.signatures(f.name()) + " in the header")
        .toList();
  }
}
