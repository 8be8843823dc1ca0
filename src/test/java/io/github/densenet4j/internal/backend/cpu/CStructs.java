package io.github.densenet4j.internal.backend.cpu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The structs that a C header of plain typedefs declares. */
final class CStructs {
  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern TYPEDEF =
      Pattern.compile("typedef\\s+(?:struct\\s*\\{(?<members>[^}]*)}|(?<alias>\\w+))\\s*(?<name>\\w+)\\s*;");
  private static final Pattern MEMBER =
      Pattern.compile("(?:const\\s+)?(?<type>\\w+)\\s*(?<star>\\*?)\\s*(?<name>\\w+)");
  private static final Pattern OPERATION = Pattern.compile("^DN_OPERATION\\((\\w+)\\)", Pattern.MULTILINE);

  /** @param type the name of a struct, or {@code pointer}, {@code int64_t} or {@code double} */
  private record Member(String type, String name) {}

  private final Map<String, List<Member>> structs = new LinkedHashMap<>();
  private final List<String> operations;

  CStructs(String header) {
    String text = COMMENT.matcher(header).replaceAll("");
    TYPEDEF.matcher(text).results().forEach(
        typedef -> {
          String alias = typedef.group("alias");
          structs.put(typedef.group("name"), alias == null ? members(typedef.group("members")) : structs.get(alias));
        });
    operations = OPERATION.matcher(text).results().map(declaration -> declaration.group(1)).toList();
  }

  private static List<Member> members(String text) {
    return Stream.of(text.split(";")).map(String::strip).filter(line -> !line.isEmpty()).map(CStructs::member).toList();
  }

  private static Member member(String line) {
    var matcher = MEMBER.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a plain member: " + line);
    }
    return new Member(matcher.group("star").isEmpty() ? matcher.group("type") : "pointer", matcher.group("name"));
  }

  List<String> operations() {
    return operations;
  }

  /** The members of a struct, those of structs inside it in their place: {@code y.data: pointer}. */
  List<String> words(String struct) {
    return words(struct, "").toList();
  }

  private Stream<String> words(String type, String path) {
    if (!structs.containsKey(type)) {
      return Stream.of(path + ": " + type);
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    return structs.get(type).stream().flatMap(member -> words(member.type, prefix + member.name));
  }
}
