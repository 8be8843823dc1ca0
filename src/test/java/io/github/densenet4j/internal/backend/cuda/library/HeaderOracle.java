package io.github.densenet4j.internal.backend.cuda.library;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What NVIDIA's headers say, according to the classes that JavaCPP generated from them. The class files are read, not
 * loaded: their native libraries are not there.
 */
public final class HeaderOracle {
  private final Map<String, Number> constants = new HashMap<>();
  private final Map<String, Set<List<String>>> functions = new HashMap<>();

  /** @param classes such as {@code org/bytedeco/cuda/global/cudnn} */
  public HeaderOracle(String... classes) {
    for (String name : classes) {
      var model = parse(name);
      for (var field : model.fields()) {
        field
            .findAttribute(Attributes.constantValue())
            .map(attribute -> attribute.constant().constantValue())
            .filter(Number.class::isInstance)
            .ifPresent(value -> constants.put(field.fieldName().stringValue(), (Number) value));
      }
      for (var method : model.methods()) {
        if (method.flags().has(AccessFlag.NATIVE) && method.flags().has(AccessFlag.STATIC)) {
          kinds(method)
              .ifPresent(
                  kinds ->
                      functions.computeIfAbsent(method.methodName().stringValue(), _ -> new HashSet<>()).add(kinds));
        }
      }
    }
  }

  private static ClassModel parse(String name) {
    try (InputStream in = HeaderOracle.class.getClassLoader().getResourceAsStream(name + ".class")) {
      return ClassFile.of().parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Optional<Number> constant(String name) {
    return Optional.ofNullable(constants.get(name));
  }

  /** The kinds of result and parameters in the overloads that take pointers; empty if there is no such function. */
  public Set<List<String>> signatures(String function) {
    return functions.getOrDefault(function, Set.of());
  }

  /** The members of a struct in their order, and their kinds; arrays have the kind of an element. */
  public static Map<String, String> members(String struct) {
    var members = new LinkedHashMap<String, String>();
    for (var method : parse(struct).methods()) {
      var result = method.methodTypeSymbol().returnType();
      if (method.flags().has(AccessFlag.NATIVE) && result.isPrimitive() && !result.descriptorString().equals("V")) {
        members.put(method.methodName().stringValue(), kind(result).orElseThrow());
      }
    }
    return members;
  }

  /** Empty for an overload that takes buffers or arrays in place of pointers. */
  private static Optional<List<String>> kinds(MethodModel method) {
    var type = method.methodTypeSymbol();
    var types = new ArrayList<ClassDesc>();
    types.add(type.returnType());
    types.addAll(type.parameterList());
    var kinds = types.stream().map(HeaderOracle::kind).flatMap(Optional::stream).toList();
    return Optional.of(kinds).filter(all -> all.size() == types.size());
  }

  private static Optional<String> kind(ClassDesc type) {
    if (type.isPrimitive()) {
      return Optional.of(type.displayName());
    }
    return Optional.of("pointer").filter(_ -> type.packageName().startsWith("org.bytedeco."));
  }
}
