package io.github.densenet4j.internal.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Reads the JSON of a safetensors header; checks each tensor by itself, not how the tensors lie to each other. */
final class SafetensorsHeaderParser {
  static final String METADATA = "__metadata__";

  private final JsonParser json;
  private final Path file;

  private SafetensorsHeaderParser(JsonParser json, Path file) {
    this.json = json;
    this.file = file;
  }

  static SafetensorsHeader parse(String text, Path file, long dataStart) throws IOException {
    try (var json = Json.FACTORY.createParser(text)) {
      return new SafetensorsHeaderParser(json, file).header(dataStart);
    } catch (JsonProcessingException failure) {
      throw new CheckpointException(
          "%s is no safetensors file or is damaged: its header is not valid JSON%s"
              .formatted(file, Json.place(failure)),
          failure);
    }
  }

  private SafetensorsHeader header(long dataStart) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw failure("is no safetensors file or is damaged: its header is not a JSON object");
    }
    SequencedMap<String, String> metadata = null;
    SequencedMap<String, SafetensorsHeader.Entry> tensors = new LinkedHashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      if (tensors.containsKey(name) || name.equals(METADATA) && metadata != null) {
        throw failure(": the header holds %s twice, expected each name once", Wording.quoted(name));
      }
      if (name.equals(METADATA)) {
        metadata = metadata();
      } else {
        tensors.put(name, tensor(Wording.quoted(name)));
      }
    }
    if (json.nextToken() != null) {
      throw failure("is damaged: text follows the JSON object of its header");
    }
    return new SafetensorsHeader(metadata == null ? new LinkedHashMap<>() : metadata, tensors, dataStart);
  }

  private SequencedMap<String, String> metadata() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw failure(": %s is not an object of texts", METADATA);
    }
    var metadata = new LinkedHashMap<String, String>();
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw failure(": the value of %s in %s is not a text", Wording.quoted(key), METADATA);
      }
      if (metadata.put(key, json.getText()) != null) {
        throw failure(": %s holds the key %s twice, expected each key once", METADATA, Wording.quoted(key));
      }
    }
    return metadata;
  }

  private SafetensorsHeader.Entry tensor(String name) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw failure(": tensor %s is not described by an object", name);
    }
    SafetensorsType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
      json.nextToken();
      if (field.equals("dtype") && type != null
          || field.equals("shape") && shape != null
          || field.equals("data_offsets") && offsets != null) {
        throw failure(": tensor %s has %s twice, expected it once", name, field);
      }
      switch (field) {
        case "dtype" -> type = type(name);
        case "shape" -> shape = naturals(name, field);
        case "data_offsets" -> offsets = naturals(name, field);
        default -> json.skipChildren();
      }
    }
    if (type == null || shape == null || offsets == null) {
      String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw failure(": tensor %s has no %s", name, missing);
    }
    return entry(name, info(name, type, shape), offsets);
  }

  private SafetensorsType type(String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw failure(": the dtype of tensor %s is not a text", name);
    }
    String dtype = json.getText();
    return SafetensorsType.named(dtype)
        .orElseThrow(
            () ->
                failure(
                    ": tensor %s has the unknown dtype %s, expected one of %s",
                    name, Wording.quoted(dtype), Arrays.toString(SafetensorsType.values())));
  }

  private List<Long> naturals(String name, String field) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw failure(": %s of tensor %s is not a list", field, name);
    }
    var numbers = new ArrayList<Long>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw failure(": %s of tensor %s holds something else than integers", field, name);
      }
      if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
        String found = Wording.quoted(json.getText());
        throw failure(": %s of tensor %s holds %s, expected 0 to %d", field, name, found, Long.MAX_VALUE);
      }
      numbers.add(json.getLongValue());
    }
    return numbers;
  }

  private TensorInfo info(String name, SafetensorsType type, List<Long> shape) {
    try {
      return new TensorInfo(type, shape);
    } catch (ArithmeticException overflow) {
      throw failure(": the shape %s of tensor %s is too large for any file", shape, name);
    }
  }

  private SafetensorsHeader.Entry entry(String name, TensorInfo info, List<Long> offsets) {
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw failure(": tensor %s has data_offsets %s, expected [begin, end] with begin <= end", name, offsets);
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (end - begin != info.bytes()) {
      throw failure(
          ": tensor %s has %d bytes (data_offsets %s), but %s of shape %s takes %d",
          name, end - begin, offsets, info.type(), info.shape(), info.bytes());
    }
    return new SafetensorsHeader.Entry(info, begin, end);
  }

  private CheckpointException failure(String words, Object... arguments) {
    String separator = words.startsWith(":") ? "" : " ";
    return new CheckpointException(file + separator + words.formatted(arguments));
  }
}
