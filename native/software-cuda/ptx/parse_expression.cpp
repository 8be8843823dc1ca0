// Operands and declarations of variables.
#include <cstdlib>
#include <cstring>

#include "parser.h"

namespace software_cuda {

namespace {

Expression integer(uint64_t bits) {
  Expression e;
  e.kind = Expression::Kind::kInteger;
  e.bits = bits;
  return e;
}

Expression hexadecimal_float(const std::string& text, Expression::Kind kind) {
  Expression e;
  e.kind = kind;
  e.bits = std::strtoull(text.c_str() + 2, nullptr, 16);
  return e;
}

Expression decimal_float(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  Expression e;
  e.kind = Expression::Kind::kFloat64;
  std::memcpy(&e.bits, &value, sizeof value);
  return e;
}

void negate(Expression& e) {
  if (e.kind == Expression::Kind::kInteger) {
    e.bits = ~e.bits + 1;
  } else {
    e.bits ^= e.kind == Expression::Kind::kFloat32 ? uint64_t{1} << 31 : uint64_t{1} << 63;
  }
}

Expression parse_elements(TokenStream& tokens, Expression::Kind kind, std::string_view closing) {
  Expression e;
  e.kind = kind;
  while (!tokens.take(closing)) {
    e.elements.push_back(parse_operand(tokens));
    if (!tokens.at(closing)) tokens.expect(",");
  }
  return e;
}

// name, name+4, name-4 or name+-4
Expression parse_name(TokenStream& tokens) {
  Expression e;
  e.name = tokens.word();
  while (tokens.at("+") || tokens.at("-")) {
    const bool minus = tokens.next().text == "-";
    const Expression number = parse_number(tokens);
    if (number.kind != Expression::Kind::kInteger) tokens.fail("an offset must be an integer");
    e.offset += static_cast<int64_t>(minus ? ~number.bits + 1 : number.bits);
  }
  return e;
}

Expression parse_single(TokenStream& tokens) {
  const TokenStream::Nested nested(tokens);
  if (tokens.take("!")) {
    Expression e;
    e.kind = Expression::Kind::kNot;
    e.elements.push_back(parse_single(tokens));
    return e;
  }
  if (tokens.take("{")) return parse_elements(tokens, Expression::Kind::kVector, "}");
  if (tokens.take("(")) return parse_elements(tokens, Expression::Kind::kList, ")");
  if (tokens.take("[")) {
    Expression e = parse_elements(tokens, Expression::Kind::kMemory, "]");
    if (e.elements.size() != 1) tokens.fail("an address of one part is expected");
    return e;
  }
  if (tokens.at("-") || tokens.peek().kind == Token::Kind::kNumber) return parse_number(tokens);
  return parse_name(tokens);
}

void append(std::vector<std::byte>& to, const Expression& value, Type type) {
  uint64_t bits = value.bits;
  if (type == Type::kF32 && value.kind == Expression::Kind::kFloat64) {
    double wide;
    std::memcpy(&wide, &bits, sizeof wide);
    const float narrow = static_cast<float>(wide);
    bits = 0;
    std::memcpy(&bits, &narrow, sizeof narrow);
  }
  const auto* bytes = reinterpret_cast<const std::byte*>(&bits);
  to.insert(to.end(), bytes, bytes + bytes_of(type));
}

void parse_initial(TokenStream& tokens, Type type, std::vector<std::byte>& to) {
  const TokenStream::Nested nested(tokens);
  if (tokens.take("{")) {
    while (!tokens.take("}")) {
      parse_initial(tokens, type, to);
      if (!tokens.at("}")) tokens.expect(",");
    }
    return;
  }
  if (tokens.peek().kind == Token::Kind::kWord) {
    tokens.fail("addresses as initial values are not supported: fill the variable at run time");
  }
  append(to, parse_number(tokens), type);
}

// Far beyond what a GPU has; no sum of a few such overflows.
constexpr uint64_t kMostBytes = uint64_t{1} << 40;

uint64_t parse_alignment(TokenStream& tokens) {
  const uint64_t alignment = parse_number(tokens).bits;
  if (alignment == 0 || alignment > 4096 || (alignment & (alignment - 1)) != 0) {
    tokens.fail("an alignment must be a power of two up to 4096");
  }
  return alignment;
}

// The product of the sizes between brackets, `count` times.
uint64_t parse_dimensions(TokenStream& tokens, uint64_t count) {
  while (tokens.take("[")) {
    const uint64_t more = tokens.at("]") ? 0 : parse_number(tokens).bits;
    if (__builtin_mul_overflow(count, more, &count) || count > kMostBytes) tokens.fail("the variable is too large");
    tokens.expect("]");
  }
  return count;
}

}  // namespace

Expression parse_number(TokenStream& tokens) {
  const bool minus = tokens.take("-");
  if (tokens.peek().kind != Token::Kind::kNumber) tokens.fail("a number is expected");
  std::string text(tokens.next().text);
  Expression e;
  const char second = text.size() > 1 ? text[1] : '\0';
  if (text[0] == '0' && (second == 'f' || second == 'F')) {
    e = hexadecimal_float(text, Expression::Kind::kFloat32);
  } else if (text[0] == '0' && (second == 'd' || second == 'D')) {
    e = hexadecimal_float(text, Expression::Kind::kFloat64);
  } else if (text[0] == '0' && (second == 'b' || second == 'B')) {
    e = integer(std::strtoull(text.c_str() + 2, nullptr, 2));
  } else if (second != 'x' && second != 'X' && text.find_first_of(".eE") != std::string::npos) {
    e = decimal_float(text);
  } else {
    e = integer(std::strtoull(text.c_str(), nullptr, 0));
  }
  if (minus) negate(e);
  return e;
}

Expression parse_operand(TokenStream& tokens) {
  Expression first = parse_single(tokens);
  if (!tokens.take("|")) return first;
  Expression e;
  e.kind = Expression::Kind::kPair;
  e.elements.push_back(std::move(first));
  e.elements.push_back(parse_single(tokens));
  return e;
}

Declaration parse_declaration(TokenStream& tokens, Space space) {
  Declaration d;
  d.space = space;
  std::optional<Type> type;
  uint64_t count = 1;
  while (!type) {
    d.line = tokens.peek().line;
    const std::string_view part = tokens.word();
    if (part == ".align") {
      d.alignment = parse_alignment(tokens);
    } else if (part == ".v2" || part == ".v4") {
      count = part == ".v2" ? 2 : 4;
    } else {
      type = type_named(part.substr(1));
      if (part[0] != '.' || !type) tokens.fail("a type is expected");
    }
  }
  // What the compiler knows of a pointer parameter: .ptr .global .align 4.
  const auto at_hint = [&tokens] {
    for (const auto name : {".ptr", ".global", ".align", ".shared", ".const", ".local"}) {
      if (tokens.at(name)) return true;
    }
    return false;
  };
  while (at_hint()) {
    if (tokens.next().text == ".align") parse_number(tokens);
  }
  d.alignment = std::max<uint64_t>(d.alignment, bytes_of(*type) * count);
  d.name = tokens.word();
  count = parse_dimensions(tokens, count);
  if (tokens.take("=")) parse_initial(tokens, *type, d.initial);
  d.bytes = std::max<uint64_t>(count * bytes_of(*type), d.initial.size());
  return d;
}

}  // namespace software_cuda
